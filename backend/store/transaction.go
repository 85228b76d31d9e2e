package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"aikagi/backend/recovery"
)

// Retries of what lost a deadlock, a certification or its connection.
const (
	maxTries  = 12
	firstWait = 2 * time.Millisecond
	longest   = 200 * time.Millisecond
)

// transact runs do in one transaction, again from its start after a passing failure. A commit whose answer was
// lost is a passing failure too: do recognises its own deed.
func (q queries) transact(ctx context.Context, do func(queries) error) error {
	err := q.repeat(ctx, isPassing, func() error {
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

// repeat runs do again after a failure that passes. Inside a transaction it does not: there the whole is repeated.
func (q queries) repeat(ctx context.Context, passes func(error) bool, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		mayHelp := q.leave(err)
		if err == nil || q.inTx || !passes(err) || !mayHelp || try == maxTries {
			return err
		}
		wait := min(longest, firstWait<<try)
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(wait/2 + rand.N(wait/2)): //nolint:gosec // spreads retries, keeps no secret
		}
	}
}

// leave gives up the connections when an error says that their host does not serve, or does not answer: new ones find a
// host that does. Without it, each of up to 32 idle connections to a frozen host would hang for another caller's whole
// deadline. It returns false when trying again cannot help, because no host takes writes.
func (q queries) leave(err error) bool {
	if q.hangUp == nil || !servesNot(err) && !isSilence(err) {
		return true
	}
	return q.hangUp() || !servesNot(err)
}

// servesNot says that the host which was asked serves no longer: it left its cluster, or takes no writes.
func servesNot(err error) bool {
	return hasMySQLNumber(err, notServing) || hasMySQLNumber(err, readOnly...)
}

// isSilence says that no answer came in time.
func isSilence(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || isLostConnection(err)
}

// isUndone says that a statement certainly changed nothing, so that any may be repeated.
func isUndone(err error) bool {
	return hasMySQLNumber(err, deadlock) || servesNot(err) || isSQLiteBusy(err)
}

// isLocked says that a row was not had because another transaction has locked it. The statement has waited for as long
// as it may, so it is not repeated.
func isLocked(err error) bool { return hasMySQLNumber(err, lockWaitTimeout, lockedNow) }

// isPassing says that what can be repeated may succeed the next time. Whether the last time changed anything is not
// known: only what recognises its own deed, or does the same again, may be repeated.
func isPassing(err error) bool {
	return isUndone(err) || isLostConnection(err) || isDuplicate(err)
}

// isPassingInsert says that an INSERT by itself may succeed the next time.
func isPassingInsert(err error) bool { return isPassing(err) && !isDuplicate(err) }

// isLostConnection says that the answer was lost, or that the server does not know it.
func isLostConnection(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysqldriver.ErrInvalidConn) || hasMySQLNumber(err, commitFailed)
}

// isDuplicate says that a row with this key is there. In a transaction it means that another one was first to a
// unique column (a second live issuance, a second due letter), or was this one's own: look again, from the start.
func isDuplicate(err error) bool {
	return hasMySQLNumber(err, duplicateEntry) || isSQLiteDuplicate(err)
}

// IsUnavailable tells a database that cannot be reached, cannot write, or does not answer in time, from a fault of
// ours.
func IsUnavailable(err error) bool {
	var network net.Error
	return isUndone(err) || isLocked(err) || isLostConnection(err) || isSQLiteUnavailable(err) || hasMySQLNumber(err, 1021, 1040, 1053, 1114) ||
		errors.As(err, &network) || errors.Is(err, errAsksWait) || errors.Is(err, context.DeadlineExceeded)
}
