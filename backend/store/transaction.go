package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"

	"aikagi/backend/recovery"
)

// Retries of what lost a deadlock, a certification or its connection.
const (
	// The bounds of retries after a deadlock, a failed certification or a lost connection.
	maxTries         = 12
	firstRetryWait   = 2 * time.Millisecond
	longestRetryWait = 200 * time.Millisecond
)

// transact runs do in one transaction. It runs do again from its start after a failure that passes. The lost answer to
// a commit is such a failure too, so do must recognise that an earlier try has committed.
func (q queries) transact(ctx context.Context, do func(queries) error) error {
	err := q.repeat(ctx, isTransient, func() error {
		if q.inTx {
			return do(q)
		}
		return q.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			return do(queries{write: tx, read: tx, inTx: true, log: q.log})
		})
	})
	if isLocked(err) {
		return fmt.Errorf("%w: %w", recovery.ErrLocked, err)
	}
	return err
}

// repeat runs do until it succeeds, its failure does not pass, or maxTries is reached. Inside a transaction it runs do
// once, because transact repeats the whole.
func (q queries) repeat(ctx context.Context, passes func(error) bool, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		mayHelp := q.leaveHost(err)
		if err == nil || q.inTx || !passes(err) || !mayHelp || try == maxTries {
			return err
		}
		wait := min(longestRetryWait, firstRetryWait<<try)
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(wait/2 + rand.N(wait/2)): //nolint:gosec // spreads retries, keeps no secret
		}
	}
}

// leaveHost drops all connections if the error says that their host does not serve or does not answer, so that new ones
// find another host. Without it, each idle connection to a frozen host (there may be 32) would hang for the deadline of
// another call. It returns false if a retry cannot help, because no host takes writes.
func (q queries) leaveHost(err error) bool {
	if q.dropConnections == nil || !isNotServing(err) && !isTimeout(err) {
		return true
	}
	return q.dropConnections() || !isNotServing(err)
}
