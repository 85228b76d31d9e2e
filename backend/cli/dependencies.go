package cli

import (
	"context"
	"time"

	"aikagi/backend/session"
	"aikagi/backend/web"
)

// How often dependencies are checked. The pause and the bound of the database's check are together under 5 s, so that
// every change is seen within 5 s; the bound is longer than one host that does not answer takes. The mail server
// is signed in to at each check, so it is checked seldom; it may take long to answer and still be well.
const (
	databaseEvery  = time.Second
	databaseWithin = 3200 * time.Millisecond

	redisEvery  = 2 * time.Second
	redisWithin = 2500 * time.Millisecond

	smtpEvery  = time.Minute
	smtpAgain  = 15 * time.Second
	smtpWithin = 30 * time.Second

	// firstChecks bounds how long a start waits for the first findings.
	firstChecks = 2 * time.Second
)

// dependencies are what readyz tells of.
func (s *server) dependencies(sessions *session.Keeper, now func() time.Time) []web.Dependency {
	return []web.Dependency{
		{
			Name: "database", Needed: true, Within: databaseWithin, Every: databaseEvery, Again: databaseEvery,
			Check: func(ctx context.Context) error {
				if err := s.store.Ready(ctx, now); err != nil {
					return err
				}
				return s.store.Writable(ctx)
			},
		},
		{Name: "redis", Within: redisWithin, Every: redisEvery, Again: redisEvery, Check: sessions.Ping},
		{Name: "smtp", Within: smtpWithin, Every: smtpEvery, Again: smtpAgain, Check: s.transport.Check},
	}
}

// watchDependencies begins to check them, and waits for the first findings: a server that says it is ready knows it.
func (s *server) watchDependencies(ctx context.Context) {
	s.work.Go(func() { s.readiness.Run(ctx) })
	first, cancel := context.WithTimeout(ctx, firstChecks)
	defer cancel()
	s.readiness.AwaitFirst(first)
}
