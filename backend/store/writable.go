package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"
)

const (
	// writeLockPatience is how long another process may hold SQLite's write lock before the database counts as one
	// that takes no writes. An import of members holds it for seconds.
	writeLockPatience = 10 * time.Second
	// attemptWait is how long one call waits for an attempt to write.
	attemptWait = time.Second
)

var errWriteLocked = fmt.Errorf("SQLite's write lock has been held for over %s", writeLockPatience)

// Writable returns why a write would not succeed, or nil. It leaves nothing behind. To MySQL it sends an UPDATE that
// matches no row, which a server or a user that is read-only refuses like any other. To SQLite it writes a number of the
// file's header as it is, since only a write that is committed shows a full disk; the file's write lock may be held for
// 10 s before that is a fault.
func (s *Store) Writable(ctx context.Context) error {
	var err error
	if s.dialect == SQLite {
		err = s.attempts.look(ctx, s.writeHeader)
	} else {
		_, err = s.q.exec(ctx, "UPDATE recoveries SET id = id WHERE 1 = 0")
	}
	if err != nil {
		return fmt.Errorf("the database takes no writes: %w", err)
	}
	return nil
}

// writeHeader commits the user_version, which nobody uses, as it is.
func (s *Store) writeHeader(ctx context.Context) error {
	return s.q.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var version int
		if err := tx.Raw("PRAGMA user_version").Scan(&version).Error; err != nil {
			return err
		}
		return tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)).Error
	})
}

// attempts are writes to SQLite that are tried to see whether they succeed. The driver does not end a wait for the
// file's lock with its context, so each runs beside those who look.
type attempts struct {
	mu       sync.Mutex
	underWay *attempt
	// patience ends when none has succeeded for writeLockPatience; nil when the last one did.
	patience context.Context //nolint:containedctx // a deadline that outlives the calls
	release  context.CancelFunc
}

type attempt struct {
	ended chan struct{}
	err   error // of the write, once it has ended
}

func begin(ctx context.Context, write func(context.Context) error) *attempt {
	a := &attempt{ended: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeLockPatience)
	go func() {
		defer close(a.ended)
		defer cancel()
		a.err = write(ctx)
	}()
	return a
}

// look returns what came of an attempt. While one waits for the lock it returns nil, until the patience is over.
func (a *attempts) look(ctx context.Context, write func(context.Context) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.patience == nil {
		a.patience, a.release = context.WithTimeout(context.WithoutCancel(ctx), writeLockPatience)
	}
	if a.underWay == nil {
		a.underWay = begin(ctx, write)
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

// await waits a moment for the attempt under way, or until cut is closed, and says whether it has ended.
func (a *attempts) await(cut <-chan struct{}) bool {
	select {
	case <-a.underWay.ended:
		return true
	case <-cut:
	case <-time.After(attemptWait):
	}
	return false
}

// end waits a moment for an attempt under way: its connection closes the file only when it ends.
func (a *attempts) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.underWay != nil {
		a.await(nil)
	}
}
