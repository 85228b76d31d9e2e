package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"net"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
)

// Retries of a transaction that lost a deadlock, a certification or its connection.
const (
	maxTries  = 12
	firstWait = 2 * time.Millisecond
	longest   = 200 * time.Millisecond
)

// transact runs do in one transaction, again from its start after a passing failure. A commit whose answer was
// lost is a passing failure too: do recognises its own deed.
func (q queries) transact(ctx context.Context, do func(queries) error) error {
	if q.inTx {
		return do(q)
	}
	for try := 1; ; try++ {
		err := q.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			return do(queries{write: tx, read: tx, inTx: true, log: q.log})
		})
		if err == nil || !isPassing(err) || try == maxTries {
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

func isPassing(err error) bool {
	return isLostConnection(err) || hasMySQLNumber(err, deadlock, lockWaitTimeout) || isSQLiteBusy(err) || isDuplicate(err)
}

func isLostConnection(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysqldriver.ErrInvalidConn)
}

// isDuplicate says that a row with this key is there. In a transaction it means that another one was first to a
// unique column (a second live issuance, a second due letter), or was this one's own: look again, from the start.
func isDuplicate(err error) bool {
	return hasMySQLNumber(err, duplicateEntry) || isSQLiteDuplicate(err)
}

// IsUnavailable tells a database that cannot be reached, or does not answer in time, from a fault of ours.
func IsUnavailable(err error) bool {
	var network net.Error
	return isLostConnection(err) || isSQLiteBusy(err) || hasMySQLNumber(err, deadlock, lockWaitTimeout, 1040, 1047, 1053, 1290, 1836) ||
		errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded)
}
