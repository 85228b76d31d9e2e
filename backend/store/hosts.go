package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	// hostPatience bounds one attempt at one host, greeting and readying included: a frozen node still takes
	// connections and then says nothing.
	hostPatience = 3 * time.Second
	// hostRests is how long a host that failed is tried last.
	hostRests = 5 * time.Second
)

// hosts opens connections to the first host, in their order, that serves: all servers prefer the same node of a
// cluster, so that their transactions seldom meet in certification.
type hosts []*host

// host is one of them.
type host struct {
	driver.Connector
	rests atomic.Bool
}

// Driver answers driver.Connector.
func (all hosts) Driver() driver.Driver { return all[0].Connector.Driver() }

// Connect answers driver.Connector.
func (all hosts) Connect(ctx context.Context) (driver.Conn, error) {
	var failed []error
	for _, rests := range []bool{false, true} {
		for _, h := range all {
			if h.rests.Load() != rests {
				continue
			}
			conn, err := h.open(ctx)
			if err == nil {
				return conn, nil
			}
			failed = append(failed, err)
			if ctx.Err() == nil && !rests {
				h.rest()
			}
		}
	}
	return nil, errors.Join(failed...)
}

func (h *host) rest() {
	h.rests.Store(true)
	time.AfterFunc(hostRests, func() { h.rests.Store(false) })
}

func (h *host) open(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, hostPatience)
	defer cancel()
	conn, err := h.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, conn); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare connection: %w", err), conn.Close())
	}
	return conn, nil
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

func prepare(ctx context.Context, conn driver.Conn) error {
	for _, statement := range onConnect {
		_, err := conn.(driver.ExecerContext).ExecContext(ctx, statement, nil)
		if err != nil && !hasMySQLNumber(err, unknownVariable) { // MySQL has no wsrep_sync_wait, and needs none
			return err
		}
	}
	return nil
}
