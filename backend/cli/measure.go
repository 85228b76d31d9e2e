package cli

import (
	"context"
	"runtime/debug"
	"time"

	"aikagi/backend/metrics"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/session"
	"aikagi/backend/web"
)

// measureEvery is the pause between two counts of the waiting rows in the database, and measureWithin bounds one count. A
// scrape reads the last result from memory.
const (
	measureEvery  = 5 * time.Second
	measureWithin = 4 * time.Second
)

// countersOf returns the counters that the web server calls.
func countersOf(m *metrics.Metrics) web.Counters {
	return web.Counters{
		Request: m.Request, Redemption: m.Redemption, SignIn: m.SignIn, Disavowal: m.Disavowal, PasswordSet: m.PasswordSet,
	}
}

// observe registers the gauges, which read their values at each scrape.
func (s *server) observe(m *metrics.Metrics, hasher *password.Hasher, sessions *session.Keeper) error {
	m.Build(version, revision())
	m.HashLanes(hasher.Waiting)
	if _, known := sessions.Count(); known {
		m.Sessions(func() int { open, _ := sessions.Count(); return open })
	}
	for name, isUp := range s.readiness.Dependencies() {
		m.Dependency(name, isUp)
	}
	m.Clock(s.store.ClockOffset)
	if s.certificate != nil {
		m.Certificate(func() time.Duration { return s.certificate.validFor(s.clock.Now()) })
	}
	pools, err := s.store.Pools()
	if err != nil {
		return err
	}
	for name, pool := range pools {
		m.Pool(name, pool)
	}
	return nil
}

// countBacklog counts the waiting rows until ctx ends. While the database does not answer, the last result stays, and the
// ages in it grow.
func (s *server) countBacklog(ctx context.Context, backlog *metrics.Backlog) {
	ticker := time.NewTicker(measureEvery)
	defer ticker.Stop()
	isCounted := true
	for {
		call, cancel := context.WithTimeout(ctx, measureWithin)
		found, err := s.store.Backlog(call)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			letters := make(map[recovery.LetterKind]metrics.Waiting, len(found.Letters))
			for kind, waiting := range found.Letters {
				letters[kind] = metrics.Waiting(waiting)
			}
			backlog.Set(metrics.Waiting(found.Unresolved), letters)
		case isCounted:
			s.log.WarnContext(ctx, "the metrics of waiting rows are out of date: the database does not answer", "error", err)
		}
		isCounted = err == nil
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// revision returns the commit that the program was built from.
func revision() string {
	if commit != "" {
		return commit
	}
	info, _ := debug.ReadBuildInfo()
	if info != nil {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return setting.Value
			}
		}
	}
	return "unknown"
}
