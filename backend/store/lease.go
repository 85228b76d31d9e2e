package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

const (
	// sweepJob is the job of deleting what is kept no longer.
	sweepJob = "sweep"
	// leaseLasts is longer than one set of a sweep ([setLasts]) with the rest after it: a lease is taken anew before each
	// set. When a server is killed, another one goes on after this time.
	leaseLasts = time.Minute
	// leaseTakeLasts bounds taking a lease.
	leaseTakeLasts = 5 * time.Second
)

// lease gives a periodic job to one server at a time: a row names its holder, until it runs out.
type lease struct {
	q           queries
	job, holder string
}

func newLease(q queries, job string) lease { return lease{q, job, rand.Text()} }

// take takes the lease, or renews it, or returns errLeaseLost when another server holds it. A lease that runs out later
// than any can was taken by a server whose clock was ahead: it counts as run out.
func (l lease) take(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, leaseTakeLasts)
	defer cancel()
	taken, err := l.q.exec(ctx, `UPDATE leases SET holder = ?, expires_at = ? WHERE job = ? AND (holder = ? OR expires_at <= ? OR expires_at > ?)`,
		l.holder, now.Add(leaseLasts), l.job, l.holder, now, now.Add(leaseLasts+maxClockDifference))
	if err != nil {
		return fmt.Errorf("take the lease of %s: %w", l.job, err)
	}
	if taken == 1 {
		return nil
	}
	first := leaseRow{Job: l.job, Holder: l.holder, ExpiresAt: now.Add(leaseLasts)}
	err = l.q.write.WithContext(ctx).Create(&first).Error
	switch {
	case isDuplicate(err):
		return errLeaseLost
	case err != nil:
		return fmt.Errorf("take the lease of %s: %w", l.job, err)
	}
	return nil
}
