package cli

import (
	"context"
	"time"

	"aikagi/backend/store"
)

const (
	// sweepEvery is how often each server tries to sweep. The store lets one server sweep at a time.
	sweepEvery = 10 * time.Minute
	// sweepPause is the shortest pause between two sets of a sweep.
	sweepPause = 50 * time.Millisecond
)

// sweep deletes rows whose retention is over, in small sets, until ctx ends.
func (s *server) sweep(ctx context.Context) {
	sweeper := s.store.Sweeper(store.Retention{
		Recoveries: s.settings.RetentionRecoveries, Letters: s.settings.RetentionLetters, Activities: s.settings.RetentionActivities,
	}, s.clock.Now, pauseAfterSweptSet)
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, err := sweeper.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "old rows could not be deleted; they are tried again", "error", err)
		}
	}
}

// pauseAfterSweptSet waits for as long as the last set took, so that a sweep uses a slow database for at most half of the
// time.
func pauseAfterSweptSet(ctx context.Context, took time.Duration) {
	took = min(took, longestSet) // a step of the clock can make took too long
	sleep(ctx, max(took, sweepPause))
}
