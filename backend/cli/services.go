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
	postman := s.newPostman(keys, meter, spans)
	recoveries := &recovery.Service{
		Store: s.store.Recoveries(), Keys: keys, Hasher: hasher, Now: now, Log: log, WakePostman: postman.Wake,
		OnResolved: meter.Resolved, OnDropped: meter.Dropped, OnUnknownKey: meter.UnknownKey, OnBatch: spans.batch,
	}
	recoveries.SetPaused(settings.RecoveryPaused)

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

// newPostman returns the worker that delivers letters.
func (s *server) newPostman(keys *recovery.Ring, meter *metrics.Metrics, spans spans) *mail.Postman {
	postman := mail.NewPostman()
	postman.Store = s.store.Letters()
	postman.Writer = s.letters
	postman.Transport = spans.transport(s.transport)
	postman.Keys = keys
	postman.Lifetime = s.settings.TemporaryPasswordLifetime
	postman.Senders = int(s.settings.SMTP.Connections)
	postman.Now = s.clock.Now
	postman.Log = s.log
	postman.OnAnswer = meter.Answered
	postman.OnEnded = meter.LetterEnded
	postman.OnDeliver = spans.letter
	postman.OnSet = spans.letterSet
	return postman
}
