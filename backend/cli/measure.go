package cli

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/metrics"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/session"
	"aikagi/backend/throttle"
	"aikagi/backend/web"
)

// How often what waits in the database is counted, and how long that may take. A scrape reads what was found last.
const (
	measureEvery  = 5 * time.Second
	measureWithin = 4 * time.Second
)

// measured is what the metrics are told by, beside the front.
type measured struct {
	hasher   *password.Hasher
	steps    *recovery.Service
	postman  *mail.Postman
	sessions *session.Keeper
}

// measure makes the metrics, has everything tell them what it does, and shows them on the operations listener.
// It must be called before any of them works. It returns where countBacklog keeps what it finds.
func (s *server) measure(front *web.Server, parts measured, now func() time.Time) (*metrics.Backlog, error) {
	m := metrics.New(throttle.Names())
	m.Build(version, revision())
	front.Metrics = m.Handler()
	front.Counters = web.Counters{
		Request: m.Request, Redemption: m.Redemption, SignIn: m.SignIn, Disavowal: m.Disavowal, PasswordSet: m.PasswordSet,
	}
	if front.Limits != nil {
		front.Limits.OnLimited = m.Limited
	}
	parts.steps.OnResolved, parts.steps.OnDropped, parts.steps.OnUnknownKey = m.Resolved, m.Dropped, m.UnknownKey
	parts.postman.OnAnswer, parts.postman.OnEnded = m.Answered, m.LetterEnded
	parts.hasher.OnHash = func() func() {
		begun := time.Now()
		return func() { m.Hashed(time.Since(begun)) }
	}
	m.HashLanes(parts.hasher.Waiting)
	if _, known := parts.sessions.Count(); known {
		m.Sessions(func() int { open, _ := parts.sessions.Count(); return open })
	}
	for name, isUp := range s.readiness.Dependencies() {
		m.Dependency(name, isUp)
	}
	m.Clock(s.store.ClockOffset)
	if s.shownCertificate != nil {
		m.Certificate(func() time.Duration { return s.shownCertificate.remains(now()) })
	}
	pools, err := s.store.Pools()
	if err != nil {
		return nil, err
	}
	for name, pool := range pools {
		m.Pool(name, pool)
	}
	return m.Backlog(now), nil
}

// countBacklog counts what waits until ctx ends. While the database does not answer, the last finding stays and its ages
// grow.
func (s *server) countBacklog(ctx context.Context, into *metrics.Backlog, log *slog.Logger) {
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
			into.Set(metrics.Waiting(found.Unresolved), letters)
		case isCounted:
			log.WarnContext(ctx, "the metrics of what waits are not up to date: the database does not answer", "error", err)
		}
		isCounted = err == nil
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// revision is the commit that the program was built from.
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
