package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"
)

const (
	// writeLockTimeout is how long another process may hold SQLite's write lock before the database counts as one that
	// takes no writes. An import of members holds it for seconds.
	writeLockTimeout = 10 * time.Second
	// attemptWait bounds how long one call waits for an attempt.
	attemptWait = time.Second
	// trialAsks is how many asks TrySpace inserts. Most pages of a table have space for one more row, even when the disk is
	// full; this many rows need free pages.
	trialAsks = 100
)

var errWriteLocked = fmt.Errorf("SQLite's write lock has been held for over %s", writeLockTimeout)

// Writable returns why a write would fail, or nil. It changes nothing. On MySQL it inserts an ask, as a member's request does,
// and rolls back: a server that is read-only, that has no space, or whose user may not write refuses it. On SQLite it writes
// a number in the file's header again with the same value, and commits, because only a commit finds a full disk. It is not a
// fault if another process holds the file's write lock for less than writeLockTimeout.
func (s *Store) Writable(ctx context.Context) error {
	var err error
	if s.dialect == SQLite {
		err = s.attempts.check(ctx, s.writeHeader)
	} else {
		err = s.tryInsert(ctx, 1)
	}
	return asNoWrites(err)
}

// TrySpace returns why the database has no space for new rows, or nil. The check command calls it: unlike Writable it does not
// change SQLite's file.
//
// On MySQL it inserts many asks and rolls back; the tables must be migrated. It finds a table that has no free page. InnoDB gives a
// table of more than 32 pages, about 2,000 asks, whole extents of 64 pages. So it finds a full disk only when the pages of
// the last extent are used. For SQLite it writes a file beside the database and removes it.
func (s *Store) TrySpace(ctx context.Context) error {
	if s.dialect == SQLite {
		return asNoSpace(trySpaceBeside(s.settings.Path))
	}
	return asNoSpace(s.tryInsert(ctx, trialAsks))
}

// asNoSpace does not say that the database takes no writes if only new rows have no space: existing ones can still be changed.
func asNoSpace(err error) error {
	if hasMySQLNumber(err, noSpaceErrors...) || isNoFileSpace(err) {
		return fmt.Errorf("the disk has no space for new rows: %w", err)
	}
	return asNoWrites(err)
}

func asNoWrites(err error) error {
	if err != nil {
		return fmt.Errorf("the database takes no writes: %w", err)
	}
	return nil
}

// errRollback makes a transaction roll back.
var errRollback = errors.New("roll back")

// tryInsert inserts asks and updates one of them in a transaction that is rolled back.
func (s *Store) tryInsert(ctx context.Context, rows int) error {
	row := recoveryRow{AskedAt: longAgo, LetterAskedAt: longAgo, GoneAt: longAgo, ClaimedUntil: longAgo}
	var values []any
	for range rows {
		row.ID = rand.Text()
		values = append(values, row.insertValues()...)
	}
	err := s.q.transact(ctx, func(tx queries) error {
		if err := tx.insertAsks(ctx, rows, values); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, "UPDATE recoveries SET gone_at = ? WHERE id = ?", longAgo, row.ID); err != nil {
			return err
		}
		return errRollback
	})
	if errors.Is(err, errRollback) {
		return nil
	}
	return err
}

// writeHeader writes the user_version of the file again with the same value. Nothing uses it.
func (s *Store) writeHeader(ctx context.Context) error {
	return s.q.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var version int
		if err := tx.Raw("PRAGMA user_version").Scan(&version).Error; err != nil {
			return err
		}
		return tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)).Error
	})
}

// attempts checks whether writes to SQLite succeed. The driver goes on waiting for the file's lock after the context has
// ended, so an attempt runs in a goroutine of its own.
type attempts struct {
	mu       sync.Mutex
	underWay *attempt
	// patience is a context that ends if attempts have failed at the lock for writeLockTimeout. It is nil if the last
	// attempt did not fail at the lock.
	patience context.Context //nolint:containedctx // a deadline that outlives the calls
	release  context.CancelFunc
}

type attempt struct {
	ended chan struct{}
	err   error // of the write, once it has ended
}

func startAttempt(ctx context.Context, write func(context.Context) error) *attempt {
	a := &attempt{ended: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeLockTimeout)
	go func() {
		defer close(a.ended)
		defer cancel()
		a.err = write(ctx)
	}()
	return a
}

// check returns the result of an attempt. While an attempt waits for the lock it returns nil, until writeLockTimeout
// has passed.
func (a *attempts) check(ctx context.Context, write func(context.Context) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.patience == nil {
		a.patience, a.release = context.WithTimeout(context.WithoutCancel(ctx), writeLockTimeout)
	}
	if a.underWay == nil {
		a.underWay = startAttempt(ctx, write)
	}
	if a.await(ctx.Done()) {
		err := a.underWay.err
		a.underWay = nil
		if !isSQLiteBusy(err) && !errors.Is(err, context.DeadlineExceeded) {
			a.release()
			a.patience = nil
			return err
		}
	}
	if a.patience.Err() != nil {
		return errWriteLocked
	}
	return nil
}

// await waits for the attempt under way, for attemptWait at most or until cut is closed, and returns whether it has
// ended.
func (a *attempts) await(cut <-chan struct{}) bool {
	select {
	case <-a.underWay.ended:
		return true
	case <-cut:
	case <-time.After(attemptWait):
	}
	return false
}

// wait waits for an attempt under way, because the file is closed only when its connection is free.
func (a *attempts) wait() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.underWay != nil {
		a.await(nil)
	}
}
