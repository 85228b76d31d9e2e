package cli

import (
	"context"
	"log/slog"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/store"
)

// sweep deletes what is kept no longer, now and then, a little at a time.
func (s *server) sweep(ctx context.Context, now func() time.Time, log *slog.Logger) {
	const every = 10 * time.Minute
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := s.store.Sweep(ctx, now(), retention(s.settings)); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "old rows could not be deleted; they are tried again", "error", err)
		}
	}
}

func retention(settings config.Settings) store.Retention {
	return store.Retention{
		Recoveries: settings.RetentionRecoveries, Letters: settings.RetentionLetters, Activities: settings.RetentionActivities,
	}
}

// watchClock sees this machine's clock step back, at the start too (it may have stepped while no server ran), and
// frees what would wait until the clock is where it was.
func (s *server) watchClock(ctx context.Context, now func() time.Time, log *slog.Logger) {
	const every = time.Second
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	last, steppedBack := now(), true
	for {
		if steppedBack {
			err := s.store.LetNothingWaitForTheClock(ctx, now())
			if err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "what waits for the clock could not be freed; it is tried again", "error", err)
			}
			steppedBack = err != nil
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		steppedBack = steppedBack || now().Before(last)
		last = now()
	}
}
