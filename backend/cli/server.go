package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"sync"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/config"
	"aikagi/backend/mail"
	"aikagi/backend/session"
	"aikagi/backend/store"
	"aikagi/backend/tracing"
	"aikagi/backend/web"
)

// server is a running server. The serve command and the end-to-end tests start the same one. Fields that start has not
// reached yet are nil, so that stop can close what a failed start has opened.
type server struct {
	settings config.Settings
	clock    *clock
	log      *slog.Logger

	// The listeners, and what TLS on the public one needs.
	public, operations net.Listener
	plain              net.Listener // nil without LISTEN_HTTP
	certificate        *certificate // nil if a proxy does TLS
	acme               *acmeWorker  // nil without ACME

	// The connections to dependencies.
	store         *store.Store
	databaseReady chan struct{} // closed as soon as the database can be used
	redis         *session.Redis
	transport     mail.Transport
	tracer        *tracing.Tracer // nil if nothing is traced

	// The web server, and what a reload changes.
	web       *web.Server
	letters   *mail.Writer
	readiness *web.Readiness

	// What is running, and what stop needs to end it.
	apps        []app
	stopWorkers context.CancelFunc
	running     sync.WaitGroup // the apps and the workers
	failed      chan error     // receives what makes it impossible to serve any longer
}

// app is a Fiber app of package web.
type app interface {
	Listener(ln net.Listener) error
	ShutdownWithContext(ctx context.Context) error
}

// start starts a server. If it fails, it closes what it has opened and returns the error.
func start(ctx context.Context, settings config.Settings, app fs.FS, now func() time.Time, log *slog.Logger) (s *server, err error) {
	s = &server{
		settings: settings, clock: newClock(now), log: log,
		databaseReady: make(chan struct{}), failed: make(chan error, 4),
	}
	defer func() { //nolint:contextcheck // stop has deadlines of its own
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	if err = s.listen(ctx); err != nil {
		return s, err
	}
	if settings.PublicURL == "" {
		s.settings.PublicURL = config.LoopbackOrigin(addressOf(s.public))
	}
	s.warnOfCertificate(ctx)
	if err = s.openStore(ctx); err != nil {
		return s, err
	}
	if settings.Demo {
		if err = enrolDemoMember(ctx, s.store, s.clock.Now()); err != nil {
			return s, err
		}
	}
	pages, err := fs.Sub(app, "frontend/dist")
	if err != nil {
		return s, err
	}
	services, err := s.buildServices(ctx, pages)
	if err != nil {
		return s, err
	}
	s.startWorkers(ctx, services)
	s.serve() //nolint:contextcheck // each request has a context of its own
	if !settings.RateLimits {
		log.Warn("RATE_LIMITS=off: limits by client address and the login throttle are lifted; for load tests only")
	}
	return s, nil
}

// openStore opens the database. SQLite's file must be usable now, and is migrated. A MySQL server may be away:
// see [server.tryDatabaseOnce].
func (s *server) openStore(ctx context.Context) error {
	var err error
	settings := storeSettings(s.settings.Database)
	settings.ForServer = true
	if s.store, err = store.Open(settings, s.log); err != nil {
		return fmt.Errorf("AIKAGI_DATABASE: %w", err)
	}
	if s.settings.Database.Dialect == config.SQLite {
		if err := migrateSQLite(ctx, s.store); err != nil {
			return fmt.Errorf("AIKAGI_DATABASE: %w", err)
		}
	}
	return s.tryDatabaseOnce(ctx)
}

// startWorkers starts the workers. They run until stop ends them, after the requests.
func (s *server) startWorkers(ctx context.Context, services *services) {
	ctx, s.stopWorkers = context.WithCancel(context.WithoutCancel(ctx))
	s.running.Go(func() { s.awaitDatabase(ctx) })
	if s.acme != nil {
		s.running.Go(func() { s.acme.run(ctx, s.log) })
	}
	notifier := breach.Notifier{Store: s.store.Breaches(), WakePostman: services.postman.Wake, Now: s.clock.Now, Log: s.log}
	for _, worker := range []func(context.Context){
		services.resolver.Run,
		services.postman.Run,
		notifier.Run,
		s.sweep,
		func(ctx context.Context) { s.countBacklog(ctx, services.backlog) },
		func(ctx context.Context) { watchClock(ctx, s.clock, s.store.ReleaseFutureRows, s.log) },
	} {
		s.running.Go(func() {
			if s.waitForDatabase(ctx) {
				worker(ctx)
			}
		})
	}
	s.watchDependencies(ctx)
}

// serve serves the listeners.
func (s *server) serve() {
	s.serveOn(s.public, s.web.Public())
	s.serveOn(s.operations, s.web.Operations())
	if s.plain != nil {
		s.serveOn(s.plain, s.web.Plain())
	}
}

func (s *server) serveOn(listener net.Listener, a app) {
	s.apps = append(s.apps, a)
	s.running.Go(func() {
		if err := a.Listener(listener); err != nil {
			s.failed <- fmt.Errorf("serve on %s: %w", listener.Addr(), err)
		}
	})
}
