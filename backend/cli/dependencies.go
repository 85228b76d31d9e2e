package cli

import (
	"context"
	"time"

	"aikagi/backend/session"
	"aikagi/backend/web"
)

// How often dependencies are checked, and how long a check may take.
const (
	// The pause and the bound of the database's check are together under 5 s, so that every change is seen within 5 s. The
	// bound is longer than the timeout of one host that does not answer, so that a check reaches the next host.
	databaseEvery  = time.Second
	databaseWithin = 3200 * time.Millisecond

	redisEvery  = 2 * time.Second
	redisWithin = 2500 * time.Millisecond

	// The mail server is checked seldom, because each check signs in.
	smtpEvery = time.Minute
	smtpAgain = 15 * time.Second // after a failed check

	// firstChecks bounds how long a start waits for the first results.
	firstChecks = 2 * time.Second
)

// dependencies returns what readyz reports.
func (s *server) dependencies(sessions *session.Keeper) []web.Dependency {
	return []web.Dependency{
		{
			Name: "database", Needed: true, Within: databaseWithin, Every: databaseEvery, Again: databaseEvery,
			Check: func(ctx context.Context) error {
				if err := s.store.Ready(ctx, s.clock.Now); err != nil {
					return err
				}
				return s.store.Writable(ctx)
			},
		},
		{Name: "redis", Within: redisWithin, Every: redisEvery, Again: redisEvery, Check: sessions.Ping},
		{Name: "smtp", Within: mailCheckTimeout, Every: smtpEvery, Again: smtpAgain, Check: s.transport.Check},
	}
}

// watchDependencies starts to check the dependencies and waits for the first results, so that the answers of readyz are
// right from the first request on.
func (s *server) watchDependencies(ctx context.Context) {
	s.running.Go(func() { s.readiness.Run(ctx) })
	first, cancel := context.WithTimeout(ctx, firstChecks)
	defer cancel()
	s.readiness.AwaitFirst(first)
}
