package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

const (
	// hostPatience bounds one attempt at one host, greeting and readying included: a frozen node still takes
	// connections and then says nothing.
	hostPatience = 3 * time.Second
	// hostRests is how long a host that failed, or takes no writes, is tried last.
	hostRests = 5 * time.Second
	// giveUpEvery bounds how often all connections are given up: when a host fails, every call that is under way there
	// fails with it. It is shorter than all tries of one call together.
	giveUpEvery = 250 * time.Millisecond
)

// hosts opens connections to the first host, in their order, that serves and takes writes: all servers prefer the same
// node of a cluster, so that their transactions seldom meet in certification. While no host takes writes, it opens them
// to the first that can be read.
type hosts struct {
	all []*host
	// generation counts how often connections were given up: one of an earlier generation is not used again.
	generation atomic.Int64
	// noneWrites says that the latest connection found no host that takes writes.
	noneWrites atomic.Bool
	// gaveUp says that connections were given up less than giveUpEvery ago.
	gaveUp atomic.Bool
}

// host is one of them.
type host struct {
	driver.Connector
	rests atomic.Bool
}

// Driver returns the driver of all hosts.
func (h *hosts) Driver() driver.Driver { return h.all[0].Connector.Driver() }

// Connect opens a connection. Hosts that failed lately are tried last.
func (h *hosts) Connect(ctx context.Context) (driver.Conn, error) {
	generation := h.generation.Load()
	var failed []error
	var reader driverConn // to the first host that takes no writes
	for _, host := range h.inOrder() {
		opened, writes, err := host.open(ctx)
		if err == nil && writes {
			h.noneWrites.Store(false)
			if reader != nil {
				_ = reader.Close() // a better one was found
			}
			return &conn{opened, h, generation}, nil
		}
		if ctx.Err() == nil {
			host.rest()
		}
		switch {
		case err != nil:
			failed = append(failed, err)
		case reader == nil:
			reader = opened
		default:
			_ = opened.Close() // the first is as good
		}
	}
	if reader == nil {
		return nil, errors.Join(failed...)
	}
	h.noneWrites.Store(true)
	return &conn{reader, h, generation}, nil
}

// inOrder returns all hosts, those that rest after the others.
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

// giveUp makes all connections that are open now end with their present use, so that the next ones find a host that
// serves. It says whether trying again at once may help: it does not while no host takes writes.
func (h *hosts) giveUp(closeIdle func()) bool {
	if !h.gaveUp.Swap(true) {
		time.AfterFunc(giveUpEvery, func() { h.gaveUp.Store(false) })
		h.generation.Add(1)
		closeIdle()
	}
	return !h.noneWrites.Load()
}

func (h *host) rest() {
	if !h.rests.Swap(true) {
		time.AfterFunc(hostRests, func() { h.rests.Store(false) })
	}
}

// open connects and readies the connection. It says whether the host takes writes.
func (h *host) open(ctx context.Context) (opened driverConn, writes bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, hostPatience)
	defer cancel()
	connected, err := h.Connector.Connect(ctx)
	if err != nil {
		return nil, false, err
	}
	opened, is := connected.(driverConn)
	if !is {
		return nil, false, errors.Join(errors.New("the driver's connections lack a method"), connected.Close())
	}
	if err = prepare(ctx, opened); err == nil {
		writes, err = takesWrites(ctx, opened)
	}
	if err != nil {
		return nil, false, errors.Join(fmt.Errorf("prepare connection: %w", err), opened.Close())
	}
	return opened, writes, nil
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
	generation int64
}

// IsValid says whether the connection may be used again. The pool asks after each use.
func (c *conn) IsValid() bool {
	return c.generation == c.hosts.generation.Load() && c.driverConn.IsValid()
}

// Every new connection is readied, under whatever defaults the server was set up with.
var onConnect = []string{
	// It keeps InnoDB from locking gaps between rows, over which inserts would deadlock; no transaction here relies
	// on reading a row twice.
	"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
	// A statement waits 3 s for a lock instead of 50: longer than any transaction here lasts, and short enough to answer
	// a request.
	"SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 3",
	// On Galera a statement waits until its node has all that was committed on others before it: reads (1), UPDATE
	// and DELETE (2), INSERT (4). With reads alone a guarded UPDATE could miss a row that another node has just
	// written, and its RowsAffected would be wrong.
	"SET SESSION wsrep_sync_wait = 7",
	// A Galera node outside the primary component takes all of the above and refuses this one.
	"DO 1",
}

func prepare(ctx context.Context, conn driver.ExecerContext) error {
	for _, statement := range onConnect {
		_, err := conn.ExecContext(ctx, statement, nil)
		if err != nil && !hasMySQLNumber(err, unknownVariable) { // MySQL has no wsrep_sync_wait, and needs none
			return err
		}
	}
	return nil
}

// readOnlySettings finds what makes a server refuse writes: each is a row. MySQL and MariaDB have different ones.
const readOnlySettings = `SHOW VARIABLES WHERE Value <> 'OFF' AND Variable_name IN
	('read_only', 'super_read_only', 'innodb_read_only', 'transaction_read_only', 'tx_read_only')`

// takesWrites judges by the server's settings, which bind every user but those with special privileges. Nothing is
// written, since that waits for locks.
func takesWrites(ctx context.Context, conn driver.QueryerContext) (bool, error) {
	rows, err := conn.QueryContext(ctx, readOnlySettings, nil)
	if err != nil {
		return false, err
	}
	err = rows.Next(make([]driver.Value, len(rows.Columns())))
	isWritable := errors.Is(err, io.EOF)
	if isWritable {
		err = nil
	}
	return isWritable, errors.Join(err, rows.Close())
}
