package breach

import "time"

const (
	// tick is how often a server looks whether notices are to be made.
	tick = time.Second
	// burstsAnHour makes a burst ten seconds' worth of notices.
	burstsAnHour = 360
	// LongestBurst is the most notices that are due at once: other notices wait behind them.
	LongestBurst = 1000
	// clocksDiffer is how far the clocks of two servers may be apart: a server whose clock is behind must not give back
	// what another one has used of the pace.
	clocksDiffer = 10 * time.Second
	// MostPerHour is the highest pace. It is more than one server delivers.
	MostPerHour = 1_000_000
)

// burst is how many notices may leave in one instant, after a time in which none could.
func (b Breach) burst() int64 {
	return min(LongestBurst, (b.PerHour+burstsAnHour-1)/burstsAnHour)
}

// interval is the time from one notice to the next. An hour begins with at most a burst; what the rest of the interval's
// notices add to it comes to PerHour at most, however the hour lies. Two ticks are for what is seen late.
func (b Breach) interval() time.Duration {
	return max(1, (time.Hour+2*tick)/time.Duration(b.PerHour-b.burst()+1))
}

// Pace decides how many notices are made now, and up to when the pace is used then. Of the notices made before, so many
// are due and have not left. Together with the new ones they are a burst at most: while the mail server is away, time
// does not add up to notices.
func (b Breach) Pace(now time.Time, due int64) (notices int64, pacedAt time.Time) {
	interval := b.interval()
	pacedAt = now.Add(-interval) // the first notice leaves at once
	if b.PacedAt != nil {
		pacedAt = *b.PacedAt
	}
	if pacedAt.After(now.Add(interval + clocksDiffer)) { // written by a clock that was ahead and was set right
		pacedAt = now
	}
	free := max(0, b.burst()-due)
	if earliest := now.Add(-time.Duration(free) * interval); pacedAt.Before(earliest) {
		pacedAt = earliest
	}
	notices = max(0, int64(now.Sub(pacedAt)/interval))
	return notices, pacedAt.Add(time.Duration(notices) * interval)
}

// Remains is how long the notices that were not made yet will take.
func (b Breach) Remains() time.Duration {
	return time.Duration(max(0, b.Notices-b.Made)) * b.interval()
}
