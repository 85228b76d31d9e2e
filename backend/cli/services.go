package cli

import (
	"context"
	"io/fs"

	"aikagi/backend/login"
	"aikagi/backend/mail"
	"aikagi/backend/metrics"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/session"
	"aikagi/backend/store"
	"aikagi/backend/throttle"
	"aikagi/backend/web"
)

// services are the services that workers run.
type services struct {
	resolver *recovery.Resolver
	postman  *mail.Postman
	backlog  *metrics.Backlog
}

// buildServices builds the metrics and the tracer, then the connections to Redis and the mail server, then the services that
// use them, and the web server. It sets the fields of s. Nothing runs yet.
func (s *server) buildServices(ctx context.Context, pages fs.FS) (*services, error) {
	settings, now, log := s.settings, s.clock.Now, s.log
	keys, err := newRing(settings)
	if err != nil {
		return nil, err
	}
	meter := metrics.New(throttle.Names())
	if s.tracer, err = newTracer(ctx, settings.Traces, log); err != nil {
		return nil, err
	}
	spans := newSpans(s.tracer)

	s.redis = openRedis(settings.Redis)
	if err := s.traceConnections(); err != nil {
		return nil, err
	}
	mailbox := mail.NewMailbox()
	if s.transport = mailbox; !settings.Demo {
		s.transport = newTransport(settings)
	}
	sessions := newSessions(settings, s.redis, now)
	hasher := newHasher(settings, meter.Hashed)

	s.letters = mail.NewWriter(mailBrand(settings))
	postman := mail.NewPostman()
	postman.Store, postman.Writer, postman.Transport, postman.Keys = s.store.Letters(), s.letters, spans.transport(s.transport), keys
	postman.Lifetime, postman.Senders = settings.TemporaryPasswordLifetime, int(settings.SMTP.Connections)
	postman.Now, postman.Log = now, log
	postman.OnAnswer, postman.OnEnded, postman.OnDeliver, postman.OnSet = meter.Answered, meter.LetterEnded, spans.letter, spans.letterSet

	recoveries := &recovery.Service{
		Store: s.store.Recoveries(), Keys: keys, Hasher: hasher, Now: now, Log: log, WakePostman: postman.Wake,
		OnResolved: meter.Resolved, OnDropped: meter.Dropped, OnUnknownKey: meter.UnknownKey, OnBatch: spans.batch,
	}
	recoveries.Pause(settings.RecoveryPaused)

	s.readiness = web.NewReadiness(log, s.dependencies(sessions)...)
	s.web = &web.Server{
		Recovery: recoveries,
		Login: &login.Service{
			Store: s.store.Logins(), Hasher: hasher, Dummies: password.NewDummies(keys.DummyKey(), hashingCost(settings)),
			Now: now, Log: log, WakePostman: postman.Wake,
		},
		Sessions: sessions, Devices: session.NewDevices(keys.DeviceKeys()...),
		Limits: newThrottle(settings, s.redis, now, log, meter.Limited),
		Site:   pageSite(settings), Logo: pageLogo(settings.BrandLogo), App: pages, PublicURL: string(settings.PublicURL),
		TrustedProxies: settings.TrustedProxies, HSTS: int(settings.HSTS), SecurityContact: settings.SecurityContact,
		Challenge: s.acme.answerHTTP(),
		Demo:      settings.Demo, Mailbox: mailbox, Unavailable: store.IsUnavailable,
		Readiness: s.readiness, Metrics: meter.Handler(), Counters: countersOf(meter), Trace: spans.request,
		Now: now, Log: log,
	}
	if err := s.observe(meter, hasher, sessions); err != nil {
		return nil, err
	}
	return &services{recovery.NewResolver(recoveries), postman, meter.Backlog(now)}, nil
}
