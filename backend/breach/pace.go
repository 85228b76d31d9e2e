package breach

import "time"

const (
	// tick is how often a server makes the notices of a breach.
	tick = time.Second
	// burstsAnHour is an hour divided by ten seconds: a burst has as many notices as the pace allows in ten seconds.
	burstsAnHour = 360
	// LongestBurst is the largest burst. It bounds how many notices of a breach are due at once, because other notices wait
	// behind them.
	LongestBurst = 1000
	// clockTolerance is the largest difference between the clocks of two servers. Within it, a server whose clock is behind
	// does not give back what another server has used of the pace.
	clockTolerance = 10 * time.Second
	// MostPerHour is the highest pace. It is more than one server can deliver.
	MostPerHour = 1_000_000
)

// burst returns how many notices may leave at one instant, after a time without any.
func (b Breach) burst() int64 {
	return min(LongestBurst, (b.PerHour+burstsAnHour-1)/burstsAnHour)
}

// interval returns the time between two notices. It is a little more than an hour divided by PerHour, so that in every period of
// an hour a burst and the notices that follow it are together at most PerHour. Two ticks are added because servers act up to a
// tick late.
func (b Breach) interval() time.Duration {
	return max(1, (time.Hour+2*tick)/time.Duration(b.PerHour-b.burst()+1))
}

// Pace returns how many notices to make now, and the time up to which they use the pace. due is the number of notices that were
// made and have not left. They and the new ones together are at most a burst: while the mail server is away, no notices
// accumulate.
func (b Breach) Pace(now time.Time, due int64) (notices int64, pacedAt time.Time) {
	interval := b.interval()
	pacedAt = now.Add(-interval) // the first notice leaves at once
	if b.PacedAt != nil {
		pacedAt = *b.PacedAt
	}
	if pacedAt.After(now.Add(interval + clockTolerance)) { // written by a clock that was ahead and was corrected
		pacedAt = now
	}
	free := max(0, b.burst()-due)
	if earliest := now.Add(-time.Duration(free) * interval); pacedAt.Before(earliest) {
		pacedAt = earliest
	}
	notices = max(0, int64(now.Sub(pacedAt)/interval))
	return notices, pacedAt.Add(time.Duration(notices) * interval)
}

// Remains returns how long it takes to make the notices that are left.
func (b Breach) Remains() time.Duration {
	return time.Duration(max(0, b.Notices-b.Made)) * b.interval()
}
