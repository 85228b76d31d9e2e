package recovery

import (
	"context"
	"time"
)

// The waits of an ask that is set aside. The first is short, because most rows are locked for milliseconds only.
const (
	firstSetAside   = time.Second
	longestSetAside = time.Minute
)

// setAsideFor returns the wait of an ask that was set aside this many times before. Each wait is twice the one before it.
func setAsideFor(times int) time.Duration {
	return min(firstSetAside<<min(times, 10), longestSetAside)
}

// setAside marks the asks that the claim still holds and puts them off. It cannot mark an ask whose own row is locked; that one
// waits until the claim runs out.
func (b *batch) setAside(ctx context.Context, asks []Recovery) error {
	byTimes := make(map[int][]Recovery)
	for _, ask := range asks {
		byTimes[ask.SetAside] = append(byTimes[ask.SetAside], ask)
	}
	marked := 0
	for times, group := range byTimes {
		err := withTimeout(ctx, func(ctx context.Context) error {
			n, err := b.Store.SetAside(ctx, b.claim, idsOf(group), b.now.Add(setAsideFor(times)))
			marked += n
			return err
		})
		if err != nil {
			return err
		}
	}
	if marked > 0 {
		b.Log.WarnContext(ctx, "asks are set aside: another transaction has locked their rows, or they cannot be written", "asks", marked)
	}
	return nil
}
