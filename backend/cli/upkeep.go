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

// watchClock frees what would wait until this machine's clock, which stepped back, is where it was. It looks now and
// then: a clock that stepped while no server ran, or forward and back between two looks, is seen by nobody.
func (s *server) watchClock(ctx context.Context, now func() time.Time, log *slog.Logger) {
	const every = 10 * time.Second
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := s.store.LetNothingWaitForTheClock(ctx, now()); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "what waits for the clock could not be freed; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
