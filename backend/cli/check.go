package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
			found = "FAULT: " + err.Error()
		}
		fmt.Fprintf(p.stdout, "%s: %s\n", part.name, found)
	}
	if faults > 0 {
		return fmt.Errorf("%d faults", faults)
	}
	return nil
}

func (p *program) checkDatabase(ctx context.Context, settings config.Settings) (found string, err error) {
	s, err := store.Open(storeSettings(settings.Database), slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return "ok", s.Ready(ctx, p.now)
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
