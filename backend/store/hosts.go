package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// hostTimeout bounds one attempt to connect to a host and prepare the connection: a frozen node still accepts
	// connections and then does not answer.
	hostTimeout = 3 * time.Second
	// hostRest is how long a host that failed, takes no writes or has no space for them is tried last.
	hostRest = 5 * time.Second
	// dropInterval is the shortest time between two drops of all connections. If a host fails, all calls to it fail at the
	// same time, and one drop is enough. It is shorter than the retries of one call, so that one of them can drop again.
	dropInterval = 250 * time.Millisecond
)

// hosts is a driver.Connector. It connects to the first host, in their order, that serves and takes all writes: if all
// servers prefer the same node of a cluster, their transactions seldom conflict in certification. While no host takes
// all writes, it connects to the first that only lacks space, because some writes may still succeed there, or else to the
// first that can be read.
type hosts struct {
	all []*host
	// generation counts how often connections were dropped. A connection of an earlier generation is not used again.
	generation atomic.Int64
	// noneWritable is whether the latest Connect found no host that takes all writes.
	noneWritable atomic.Bool
	// droppedLately is whether connections were dropped less than dropInterval ago.
	droppedLately atomic.Bool
}

// writeAbility is which writes a host takes. A higher value is better.
type writeAbility int

const (
	noWrites   writeAbility = iota // it is read-only
	someWrites                     // it lately had no space for a row, but another write may find some
	allWrites
)

// host is one database host. While it rests, it is tried last.
type host struct {
	driver.Connector
	rests atomic.Bool
	// isFull is whether the host lately had no space for a new row. Its settings do not tell this.
	isFull atomic.Bool
}

// Driver returns the driver of all hosts.
func (h *hosts) Driver() driver.Driver { return h.all[0].Connector.Driver() }

// Connect opens a connection. It tries hosts that have failed lately last.
func (h *hosts) Connect(ctx context.Context) (driver.Conn, error) {
	generation := h.generation.Load()
	var failed []error
	var best *conn // to a host that does not take all writes
	var bestAbility writeAbility
	for _, host := range h.inOrder() {
		opened, ability, err := host.connect(ctx)
		if err == nil && ability == allWrites {
			h.noneWritable.Store(false)
			if best != nil {
				_ = best.Close()
			}
			return &conn{opened, h, host, generation}, nil
		}
		if ctx.Err() == nil {
			host.rest()
		}
		switch {
		case err != nil:
			failed = append(failed, err)
		case best == nil || ability > bestAbility:
			if best != nil {
				_ = best.Close()
			}
			best, bestAbility = &conn{opened, h, host, generation}, ability
		default:
			_ = opened.Close() // the first one is as good
		}
	}
	if best == nil {
		return nil, errors.Join(slices.CompactFunc(failed, func(a, b error) bool { return a.Error() == b.Error() })...)
	}
	h.noneWritable.Store(true)
	return best, nil
}

// inOrder returns all hosts, the resting ones last.
func (h *hosts) inOrder() []*host {
	var awake, resting []*host
	for _, host := range h.all {
		if host.rests.Load() {
			resting = append(resting, host)
		} else {
			awake = append(awake, host)
		}
	}
	return append(awake, resting...)
}

// dropAll makes all open connections end after their present use, so that new ones find a host that serves. It returns
// whether an immediate retry may help, which it does not while no host takes all writes.
func (h *hosts) dropAll(closeIdle func()) bool {
	if !h.droppedLately.Swap(true) {
		time.AfterFunc(dropInterval, func() { h.droppedLately.Store(false) })
		h.generation.Add(1)
		closeIdle()
	}
	return !h.noneWritable.Load()
}

func (h *host) rest() {
	if !h.rests.Swap(true) {
		time.AfterFunc(hostRest, func() { h.rests.Store(false) })
	}
}

// setFull makes the host rest as one that takes only some writes.
func (h *host) setFull() {
	h.rest()
	if !h.isFull.Swap(true) {
		time.AfterFunc(hostRest, func() { h.isFull.Store(false) })
	}
}

// connect opens and prepares a connection. It returns which writes the host takes.
func (h *host) connect(ctx context.Context) (opened driverConn, ability writeAbility, err error) {
	ctx, cancel := context.WithTimeout(ctx, hostTimeout)
	defer cancel()
	connected, err := h.Connector.Connect(ctx)
	if err != nil {
		return nil, noWrites, err
	}
	opened, is := connected.(driverConn)
	if !is {
		return nil, noWrites, errors.Join(errors.New("the driver's connections lack a method"), connected.Close())
	}
	var writable bool
	if err = prepare(ctx, opened); err == nil {
		writable, err = isWritable(ctx, opened)
	}
	switch {
	case err != nil:
		return nil, noWrites, errors.Join(fmt.Errorf("prepare connection: %w", err), opened.Close())
	case !writable:
		return opened, noWrites, nil
	case h.isFull.Load():
		return opened, someWrites, nil
	}
	return opened, allWrites, nil
}

// driverConn is what database/sql uses of the driver's connections.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is a connection to one of the hosts.
type conn struct {
	driverConn
	hosts      *hosts
	host       *host
	generation int64
}

// ExecContext notes when the host has no space for a new row.
func (c *conn) ExecContext(ctx context.Context, statement string, values []driver.NamedValue) (driver.Result, error) {
	result, err := c.driverConn.ExecContext(ctx, statement, values)
	if hasMySQLNumber(err, noSpaceErrors...) {
		c.host.setFull()
	}
	return result, err
}

// IsValid reports whether the connection may be used again. database/sql asks after each use.
func (c *conn) IsValid() bool {
	return c.generation == c.hosts.generation.Load() && c.driverConn.IsValid()
}

// onConnect prepares each new connection, whatever the server's defaults are.
var onConnect = []string{
	// READ COMMITTED avoids locks on gaps between rows, which deadlock with inserts. No transaction relies on reading a
	// row twice.
	"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
	// A statement waits 3 s for a lock instead of 50 s: longer than any transaction of this program takes, and short
	// enough to answer a request.
	"SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 3",
	// On Galera a statement waits until its node has applied all earlier commits of other nodes: reads (1), UPDATE and
	// DELETE (2), INSERT (4). With reads alone a guarded UPDATE could miss a row that another node has just written,
	// and its RowsAffected would be wrong.
	"SET SESSION wsrep_sync_wait = 7",
	// A Galera node outside of the primary component accepts all statements above and refuses this one.
	"DO 1",
}

func prepare(ctx context.Context, conn driver.ExecerContext) error {
	for _, statement := range onConnect {
		_, err := conn.ExecContext(ctx, statement, nil)
		if err != nil && !hasMySQLNumber(err, unknownVariable) { // MySQL has no wsrep_sync_wait and needs none
			return err
		}
	}
	return nil
}

// readOnlySettings returns a row for each setting that makes a server refuse writes. MySQL and MariaDB have different
// ones.
const readOnlySettings = `SHOW VARIABLES WHERE Value <> 'OFF' AND Variable_name IN
	('read_only', 'super_read_only', 'innodb_read_only', 'transaction_read_only', 'tx_read_only')`

// isWritable checks the server's settings, which bind all users except those with special privileges. It does not
// write, because a write waits for locks.
func isWritable(ctx context.Context, conn driver.QueryerContext) (bool, error) {
	rows, err := conn.QueryContext(ctx, readOnlySettings, nil)
	if err != nil {
		return false, err
	}
	err = rows.Next(make([]driver.Value, len(rows.Columns())))
	none := errors.Is(err, io.EOF)
	if none {
		err = nil
	}
	return none, errors.Join(err, rows.Close())
}
