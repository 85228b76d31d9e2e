package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// isNotServing reports whether the host has left its cluster, takes no writes, or has no space for them.
func isNotServing(err error) bool {
	return hasMySQLNumber(err, notServing) || hasMySQLNumber(err, readOnlyErrors...) || hasMySQLNumber(err, noSpaceErrors...)
}

// isTimeout reports whether no answer came in time.
func isTimeout(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || isLostConnection(err)
}

// hadNoEffect reports whether a statement has certainly changed nothing, so that any statement may be repeated.
func hadNoEffect(err error) bool {
	return hasMySQLNumber(err, deadlock) || isNotServing(err) || isSQLiteBusy(err)
}

// isLocked reports whether another transaction has locked a row. The statement has waited for the lock already, so it
// is not repeated.
func isLocked(err error) bool { return hasMySQLNumber(err, lockWaitTimeout, lockedNow) }

// isTransient reports whether a retry may succeed. The first try may have changed something, so only idempotent calls
// and calls that recognise an earlier try may be repeated.
func isTransient(err error) bool {
	return hadNoEffect(err) || isLostConnection(err) || isDuplicate(err)
}

// isTransientInsert is like isTransient, for a single INSERT. A duplicate key is not transient there: the same INSERT
// would fail again.
func isTransientInsert(err error) bool { return isTransient(err) && !isDuplicate(err) }

// isLostConnection reports whether the answer was lost, or the server itself does not know the result.
func isLostConnection(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysqldriver.ErrInvalidConn) || hasMySQLNumber(err, commitFailed)
}

// isDuplicate reports whether a row with this key exists. Another transaction has inserted it (a live issuance or a due
// letter of the same member), or an earlier try of this transaction has. In both cases the transaction starts again and
// reads what is there.
func isDuplicate(err error) bool {
	return hasMySQLNumber(err, duplicateEntry) || isSQLiteDuplicate(err)
}

// IsUnavailable reports whether the database cannot be reached, refuses this user, cannot write, or does not answer in time.
// Other errors are faults of this program.
func IsUnavailable(err error) bool {
	var network net.Error
	return hadNoEffect(err) || isLocked(err) || isLostConnection(err) || isSQLiteUnavailable(err) || hasMySQLNumber(err, noConnections, shuttingDown) ||
		hasMySQLNumber(err, refusalErrors...) ||
		errors.As(err, &network) || errors.Is(err, errAskQueue) || errors.Is(err, context.DeadlineExceeded)
}
