package cli

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// clockTolerance is how far the clock may go back before that counts as a step. An NTP client that slews the clock does not
// step it.
const clockTolerance = time.Second

// clock reads the machine's clock and detects when somebody steps it back. To detect a step, it compares the wall clock
// with the monotonic clock, which nobody can set.
type clock struct {
	wall func() time.Time
	// elapsed is monotonic.
	elapsed func() time.Duration
	// ahead is the greatest difference wall − elapsed so far, in nanoseconds.
	ahead atomic.Int64
}

func newClock(wall func() time.Time) *clock {
	begun := time.Now()
	c := &clock{wall: wall, elapsed: func() time.Duration { return time.Since(begun) }}
	c.ahead.Store(c.wall().UnixNano() - int64(c.elapsed()))
	return c
}

// Now returns the wall clock's time. It reads the monotonic clock last: a pause between the two readings makes the
// difference too small, never too great.
func (c *clock) Now() time.Time {
	now := c.wall()
	difference := now.UnixNano() - int64(c.elapsed())
	for {
		ahead := c.ahead.Load()
		if difference <= ahead || c.ahead.CompareAndSwap(ahead, difference) {
			return now
		}
	}
}

// steppedBack reports, once for each step, whether the clock was stepped back after Now had returned times that were too
// late. It reads the monotonic clock first: a pause between the two readings does not look like a step.
func (c *clock) steppedBack() bool {
	elapsed := int64(c.elapsed())
	difference := c.wall().UnixNano() - elapsed
	ahead := c.ahead.Load()
	return ahead-difference > int64(clockTolerance) && c.ahead.CompareAndSwap(ahead, difference)
}

const (
	// clockEvery is how often watchClock asks whether the clock stepped back.
	clockEvery = 5 * time.Second
	// releasesAfterStep is how many times watchClock releases rows after a step. Together they last longer than any work
	// that began before the step and writes its times afterwards.
	releasesAfterStep = 7
)

// watchClock releases rows from the future when this machine's clock steps back, and once at the start, because the clock
// may have been corrected while no server ran. If another server wrote such rows and ended before it released them, they
// wait until any server starts. Requests for recovery do not wait.
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

// sleep waits for the pause, and returns whether ctx has not ended. When ctx ends, it returns at once.
func sleep(ctx context.Context, pause time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}
