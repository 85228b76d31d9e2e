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

// The bounds of the retries after a transient failure: a deadlock, a failed certification or a lost connection.
const (
	maxTries         = 12
	firstRetryWait   = 2 * time.Millisecond
	longestRetryWait = 200 * time.Millisecond
)

// transact runs do in one transaction. It runs do again from its start after a transient failure. Such a failure can also
// be the lost answer to a commit that succeeded, so do must recognise that an earlier try has committed.
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

// repeat runs do until it succeeds, or fails with an error for which mayRepeat returns false, or has failed maxTries
// times. Inside a transaction it runs do once, because transact repeats the whole transaction.
func (q queries) repeat(ctx context.Context, mayRepeat func(error) bool, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		mayHelp := q.leaveHost(err)
		if err == nil || q.inTx || !mayRepeat(err) || !mayHelp || try == maxTries {
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
// find another host. Otherwise each idle connection to a frozen host (there may be 32) would make one more call wait until
// its deadline. It returns false if a retry cannot help, because no host takes writes.
func (q queries) leaveHost(err error) bool {
	if q.dropConnections == nil || !isNotServing(err) && !isTimeout(err) {
		return true
	}
	return q.dropConnections() || !isNotServing(err)
}
