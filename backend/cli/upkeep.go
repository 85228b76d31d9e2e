package cli

import (
	"context"
	"log/slog"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/store"
)

const (
	// sweepEvery is how often each server looks whether it has to sweep; one does at a time.
	sweepEvery = 10 * time.Minute
	// sweepRest is the least time between two sets of a sweep.
	sweepRest = 50 * time.Millisecond
)

// sweep deletes what is kept no longer, a little at a time.
func (s *server) sweep(ctx context.Context, now func() time.Time, log *slog.Logger) {
	sweeper := s.store.Sweeper(retention(s.settings), now, restAfterSet)
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, err := sweeper.Sweep(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "old rows could not be deleted; they are tried again", "error", err)
		}
	}
}

// restAfterSet waits for as long as the last set took, so that a sweep uses a slow database for half of the time at most.
func restAfterSet(ctx context.Context, took time.Duration) {
	timer := time.NewTimer(max(min(took, longestSet), sweepRest)) // the clock may have been stepped
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func retention(settings config.Settings) store.Retention {
	return store.Retention{
		Recoveries: settings.RetentionRecoveries, Letters: settings.RetentionLetters, Activities: settings.RetentionActivities,
	}
}

const (
	// clockEvery is how often it is asked whether the clock stepped back.
	clockEvery = 5 * time.Second
	// releasesAfterStep last for longer than any work that began before the step and writes its times afterwards.
	releasesAfterStep = 7
)

// watchClock releases rows from the future when this machine's clock stepped back, and once at the start: the clock may
// have been set right while no server ran. What another server wrote while its clock was ahead, and did not release
// itself because it is gone, waits for the next start of any server; only asks do not wait.
func watchClock(ctx context.Context, clock *clock, release func(context.Context, time.Time) error, log *slog.Logger) {
	ticker := time.NewTicker(clockEvery)
	defer ticker.Stop()
	releases := 1
	for {
		if clock.steppedBack() {
			log.WarnContext(ctx, "the clock stepped back; rows written while it was ahead are released")
			releases = releasesAfterStep
		}
		if releases > 0 {
			if err := release(ctx, clock.Now()); err == nil {
				releases--
			} else if ctx.Err() == nil {
				log.WarnContext(ctx, "rows from the future could not be released; it is tried again", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
