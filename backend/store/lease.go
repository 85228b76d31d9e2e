package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

const (
	// sweepJob is the job of the [Sweeper].
	sweepJob = "sweep"
	// leaseTTL is longer than one set of a sweep ([setLasts]) and the pause after it, because the lease is renewed
	// before each set. If a server is killed, another one takes over after this time.
	leaseTTL = time.Minute
	// leaseTakeTimeout bounds taking the lease.
	leaseTakeTimeout = 5 * time.Second
)

// errLeaseLost is returned when another server holds the lease.
var errLeaseLost = errors.New("another server sweeps")

// lease gives a periodic job to one server at a time. Its row names the holder, until it expires.
type lease struct {
	q           queries
	job, holder string
}

func newLease(q queries, job string) lease { return lease{q, job, rand.Text()} }

// take takes or renews the lease. It returns errLeaseLost if another server holds it. A lease that expires later than
// any lease taken now counts as expired: a server whose clock was ahead has taken it.
func (l lease) take(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, leaseTakeTimeout)
	defer cancel()
	taken, err := l.q.exec(ctx, `UPDATE leases SET holder = ?, expires_at = ? WHERE job = ? AND (holder = ? OR expires_at <= ? OR expires_at > ?)`,
		l.holder, now.Add(leaseTTL), l.job, l.holder, now, now.Add(leaseTTL+MaxClockDifference))
	if err != nil {
		return fmt.Errorf("take the lease of %s: %w", l.job, err)
	}
	if taken == 1 {
		return nil
	}
	first := leaseRow{Job: l.job, Holder: l.holder, ExpiresAt: now.Add(leaseTTL)}
	err = l.q.write.WithContext(ctx).Create(&first).Error
	switch {
	case isDuplicate(err):
		return errLeaseLost
	case err != nil:
		return fmt.Errorf("take the lease of %s: %w", l.job, err)
	}
	return nil
}
