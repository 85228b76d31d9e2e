package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"sync"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/config"
	"aikagi/backend/login"
	"aikagi/backend/mail"
	"aikagi/backend/metrics"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/session"
	"aikagi/backend/store"
	"aikagi/backend/tracing"
	"aikagi/backend/web"
)

type serveCommand struct {
	Demo bool `help:"Serve a demo on this machine alone: nothing to install or set, letters go to a built-in mailbox."`
}

// Run serves until it is told to stop.
func (c serveCommand) Run(p *program) error {
	hangups := surviveSignals()
	var reading config.Reading
	var err error
	if c.Demo {
		demo, err := openDemo(p)
		if err != nil {
			return err
		}
		defer demo.close()
		reading = demo.reading
	} else if reading, err = config.Read(p.args(config.All())); err != nil {
		return p.logMistakes(err)
	}
	settings, level := reading.Settings, new(slog.LevelVar)
	level.Set(settings.LogLevel)
	log := newLog(settings.LogText, level, p.stderr)
	log.Info("starting", "version", version)
	server, err := start(p.ctx, settings, p.app, p.now, log)
	if err != nil {
		log.Error("the server did not start", "error", err)
		return errLogged
	}
	if settings.Demo {
		server.tellDemo(p.stdout)
	}
	log.Info(server.startedAs(), "public_url", settings.PublicURL, "listen", server.public.Addr().String(), "ops_listen", server.operations.Addr().String(), "version", version)
	go server.reloadAt(p.ctx, hangups, reading, level, log)
	select {
	case <-p.ctx.Done():
		log.Info("stopping", "delay", settings.StopDelay.String())
		err = server.drain(p.hurry)
	case err = <-server.failed:
	}
	if fault := server.stop(); fault != nil {
		log.Warn("not everything came to its end", "error", fault)
	}
	if err != nil {
		log.Error("the server has ended", "error", err)
		return errLogged
	}
	log.Info("stopped")
	return nil
}

// server is the whole program at work. The command and the end-to-end tests start the same one.
type server struct {
	settings           config.Settings
	clock              *clock
	store              *store.Store
	awaitsDatabase     bool          // at the start it could not be used
	met                chan struct{} // closed once it could be used
	redis              *session.Redis
	transport          mail.Transport
	shownCertificate   *certificate // nil when a proxy does TLS
	front              *web.Server
	letters            *mail.Writer
	readiness          *web.Readiness
	public, operations net.Listener
	plain              net.Listener    // nil: plain HTTP is not served
	acme               *acmeWorker     // nil without ACME
	tracer             *tracing.Tracer // nil: nothing is traced
	apps               []app
	endWork            context.CancelFunc
	work               sync.WaitGroup
	failed             chan error
}

// app is a Fiber app of package web.
type app interface {
	Listener(ln net.Listener) error
	ShutdownWithContext(ctx context.Context) error
}

// start opens everything and begins to serve. What it opened is closed again when something fails.
func start(ctx context.Context, settings config.Settings, app fs.FS, now func() time.Time, log *slog.Logger) (s *server, err error) {
	s = &server{settings: settings, failed: make(chan error, 4), met: make(chan struct{}), clock: newClock(now)}
	now = s.clock.Now
	defer func() { //nolint:contextcheck // a stop has a time of its own
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	if err = s.listen(ctx, now); err != nil {
		return s, err
	}
	if settings.PublicURL == "" {
		s.settings.PublicURL = config.LoopbackOrigin(addressOf(s.public))
	}
	if err = s.openStore(ctx, now, log); err != nil {
		return s, err
	}
	if settings.Demo {
		if err = enrolDemoMember(ctx, s.store, now()); err != nil {
			return s, err
		}
	}
	pages, err := fs.Sub(app, "frontend/dist")
	if err != nil {
		return s, err
	}
	if s.front, err = s.build(ctx, pages, now, log); err != nil {
		return s, err
	}
	s.serve(s.front) //nolint:contextcheck // each request has a context of its own
	if !settings.RateLimits {
		log.Warn("RATE_LIMITS=off: limits by client address and the login throttle are lifted; for load tests only")
	}
	return s, nil
}

// openStore opens the database. SQLite's file must be there and usable; a MySQL server may be away: see [server.meet].
func (s *server) openStore(ctx context.Context, now func() time.Time, log *slog.Logger) error {
	var err error
	settings := storeSettings(s.settings.Database)
	settings.ForServer = true
	if s.store, err = store.Open(settings, log); err != nil {
		return fmt.Errorf("AIKAGI_DATABASE: %w", err)
	}
	if s.settings.Database.Dialect == config.SQLite {
		if err := migrateSQLite(ctx, s.store); err != nil {
			return fmt.Errorf("AIKAGI_DATABASE: %w", err)
		}
	}
	return s.meet(ctx, now, log)
}

// build makes the services, starts the workers, and returns what answers requests.
func (s *server) build(ctx context.Context, app fs.FS, now func() time.Time, log *slog.Logger) (*web.Server, error) {
	keys, err := newRing(s.settings)
	if err != nil {
		return nil, err
	}
	s.redis = openRedis(s.settings.Redis)
	sessions := newSessions(s.settings, s.redis, now)
	mailbox := mail.NewMailbox()
	s.transport = mailbox
	if !s.settings.Demo {
		s.transport = newTransport(s.settings)
	}
	hasher := newHasher(s.settings)
	postman := mail.NewPostman()
	steps := &recovery.Service{
		Store: s.store.Recoveries(), Keys: keys, Hasher: hasher, Now: now, Log: log,
		WakePostman: postman.Wake,
	}
	steps.Pause(s.settings.RecoveryPaused)
	resolver := recovery.NewResolver(steps)
	postman.Store, postman.Transport, postman.Keys = s.store.Letters(), s.transport, keys
	s.letters = mail.NewWriter(mailBrand(s.settings))
	postman.Writer, postman.Lifetime = s.letters, s.settings.TemporaryPasswordLifetime
	postman.Now, postman.Log, postman.Senders = now, log, int(s.settings.SMTP.Connections)

	s.readiness = web.NewReadiness(log, s.dependencies(sessions, now)...)
	front := &web.Server{
		Recovery: steps,
		Login: &login.Service{
			Store: s.store.Logins(), Hasher: hasher, Dummies: password.NewDummies(keys.DummyKey(), hashingCost(s.settings)),
			Now: now, Log: log, WakePostman: postman.Wake,
		},
		Sessions: sessions, Devices: session.NewDevices(keys.DeviceKeys()...), Limits: newThrottle(s.settings, s.redis, now, log),
		Site: pageSite(s.settings), Logo: pageLogo(s.settings.BrandLogo), App: app, PublicURL: string(s.settings.PublicURL),
		TrustedProxies: s.settings.TrustedProxies, HSTS: int(s.settings.HSTS), SecurityContact: s.settings.SecurityContact,
		Demo: s.settings.Demo, Mailbox: mailbox, Unavailable: store.IsUnavailable,
		Readiness: s.readiness, Now: now, Log: log,
	}
	if s.acme != nil {
		front.Challenge = s.acme.folder.answer
	}
	backlog, err := s.measure(front, measured{hasher, steps, postman, sessions}, now)
	if err != nil {
		return nil, err
	}
	if err := s.trace(ctx, front, steps, postman, log); err != nil {
		return nil, err
	}
	s.startWork(ctx, resolver, postman, backlog, now, log)
	return front, nil
}

// startWork starts the workers. They end in stop, after the requests.
func (s *server) startWork(ctx context.Context, resolver *recovery.Resolver, postman *mail.Postman, backlog *metrics.Backlog, now func() time.Time, log *slog.Logger) {
	var working context.Context
	working, s.endWork = context.WithCancel(context.WithoutCancel(ctx))
	s.work.Go(func() { s.awaitDatabase(working, now, log) })
	if s.acme != nil {
		s.work.Go(func() { s.acme.run(working, log) })
	}
	s.onceMet(working, func() { resolver.Run(working) })
	s.onceMet(working, func() { postman.Run(working) })
	notifier := breach.Notifier{Store: s.store.Breaches(), WakePostman: postman.Wake, Now: now, Log: log}
	s.onceMet(working, func() { notifier.Run(working) })
	s.onceMet(working, func() { s.sweep(working, now, log) })
	s.onceMet(working, func() { s.countBacklog(working, backlog, log) })
	s.onceMet(working, func() { watchClock(working, s.clock, s.store.ReleaseFutureRows, log) })
	s.watchDependencies(working)
}

func (s *server) serve(front *web.Server) {
	s.serveOn(front.Public(), s.public)
	s.serveOn(front.Operations(), s.operations)
	if s.plain != nil {
		s.serveOn(front.Plain(), s.plain)
	}
}

func (s *server) serveOn(a app, listener net.Listener) {
	s.apps = append(s.apps, a)
	s.work.Go(func() {
		if err := a.Listener(listener); err != nil {
			s.failed <- fmt.Errorf("serve on %s: %w", listener.Addr(), err)
		}
	})
}

func closeAll(parts ...io.Closer) error {
	var failed []error
	for _, part := range parts {
		if part == nil {
			continue
		}
		if err := part.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
