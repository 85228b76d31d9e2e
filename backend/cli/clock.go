package cli

import (
	"sync/atomic"
	"time"
)

// clockTolerance is how far the machine's clock may go back without having been stepped: an NTP client that slews it
// does not step it.
const clockTolerance = time.Second

// clock reads the machine's clock, which somebody may step, and notices when it is behind what it once said. A step
// shows against the monotonic clock, which nobody sets.
type clock struct {
	wall func() time.Time
	// elapsed is monotonic.
	elapsed func() time.Duration
	// ahead is the greatest difference so far between the two, in nanoseconds.
	ahead atomic.Int64
}

func newClock(wall func() time.Time) *clock {
	begun := time.Now()
	c := &clock{wall: wall, elapsed: func() time.Duration { return time.Since(begun) }}
	c.ahead.Store(c.wall().UnixNano() - int64(c.elapsed()))
	return c
}

// Now is the machine's time. It reads the monotonic clock last, so that a pause in between makes the difference too
// small, never too great.
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

// steppedBack says once for each step whether the clock went back since Now told a later time than it should have. It
// reads the monotonic clock first, so that a pause in between is not taken for a step.
func (c *clock) steppedBack() bool {
	elapsed := int64(c.elapsed())
	difference := c.wall().UnixNano() - elapsed
	ahead := c.ahead.Load()
	return ahead-difference > int64(clockTolerance) && c.ahead.CompareAndSwap(ahead, difference)
}
