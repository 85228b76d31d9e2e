package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/store"
)

// checkTime bounds each part's check.
const checkTime = 10 * time.Second

type checkCommand struct{}

// Run checks everything and tells all faults at once.
func (checkCommand) Run(p *program) error {
	settings, err := p.load(config.All())
	if err != nil {
		return err // the settings' mistakes: without them right, nothing else can be tried
	}
	fmt.Fprintln(p.stdout, "settings: ok")
	var faults int
	for _, part := range []struct {
		name  string
		check func(context.Context, config.Settings) (string, error)
	}{
		{"database", p.checkDatabase},
		{"redis", p.checkRedis},
		{"mail server", p.checkMailServer},
	} {
		ctx, cancel := context.WithTimeout(p.ctx, checkTime)
		found, err := part.check(ctx, settings)
		cancel()
		if err != nil {
			faults++
			found = "FAULT: " + strings.ReplaceAll(err.Error(), "\n", "; ")
		}
		fmt.Fprintf(p.stdout, "%s: %s\n", part.name, found)
	}
	if faults > 0 {
		return errors.New(count(faults, "fault"))
	}
	return nil
}

// checkDatabase writes nothing: neither SQLite's file nor a table is made.
func (p *program) checkDatabase(ctx context.Context, settings config.Settings) (found string, err error) {
	where := storeSettings(settings.Database)
	where.MustExist = true
	s, err := store.Open(where, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ready := s.Ready(ctx, p.now)
	if errors.Is(ready, store.ErrNotMigrated) || store.IsUnavailable(ready) {
		return "", ready
	}
	warnings, err := s.Inspect(ctx)
	return strings.Join(append([]string{"ok"}, warnings...), "; WARNING: "), errors.Join(ready, err)
}

func (p *program) checkRedis(ctx context.Context, settings config.Settings) (found string, err error) {
	if !settings.Redis.IsSet() {
		return "none set: sessions and limits are kept in memory, right for one server only", nil
	}
	redis := openRedis(settings.Redis)
	defer func() { err = errors.Join(err, redis.Close()) }()
	return "ok", newSessions(settings, redis, p.now).Ping(ctx)
}

func (p *program) checkMailServer(ctx context.Context, settings config.Settings) (found string, err error) {
	transport := newTransport(settings)
	defer func() { err = errors.Join(err, transport.Close()) }() //nolint:contextcheck // its goodbye has a time of its own
	warning, err := transport.Inspect(ctx)
	if warning != nil {
		return "ok, with a warning: " + warning.Error(), err
	}
	return "ok", err
}
