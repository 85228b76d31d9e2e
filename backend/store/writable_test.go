package store

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func openFile(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(Settings{Dialect: SQLite, Path: path}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// dataVersion returns a number that changes with each commit of another connection.
func dataVersion(t *testing.T, s *Store) (version int) {
	t.Helper()
	if err := s.q.write.Raw("PRAGMA data_version").Scan(&version).Error; err != nil {
		t.Fatal(err)
	}
	return version
}

func TestSQLiteIsWritableWhenAWriteWasCommitted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "aikagi.db")
	s, other := openFile(t, path), openFile(t, path)
	if err := other.q.write.Exec("PRAGMA user_version = 7").Error; err != nil {
		t.Fatal(err)
	}
	before := dataVersion(t, other)
	if err := s.Writable(t.Context()); err != nil {
		t.Fatal(err)
	}
	if dataVersion(t, other) == before {
		t.Error("nothing was committed, so a full disk would not show")
	}
	var version int
	if err := other.q.write.Raw("PRAGMA user_version").Scan(&version).Error; err != nil || version != 7 {
		t.Errorf("the header's number is %d, %v; want it left as it was", version, err)
	}
}

func TestASQLiteThatRefusesWritesIsNotWritable(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "aikagi.db"))
	if err := s.q.write.Exec("PRAGMA query_only = 1").Error; err != nil {
		t.Fatal(err)
	}
	if err := s.Writable(t.Context()); !IsUnavailable(err) {
		t.Errorf("got %v, want a file that cannot be written", err)
	}
}

// lockFile takes the file's write lock on another connection.
func lockFile(t *testing.T, path string) (release func()) {
	t.Helper()
	tx := openFile(t, path).q.write.Begin()
	if tx.Error != nil {
		t.Fatal(tx.Error)
	}
	return func() { tx.Rollback() }
}

func TestALockedSQLiteCountsAsWritableForAWhileAndCanBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "aikagi.db")
	s := openFile(t, path)
	own := s.q.write.Begin() // the only connection that writes
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Ready(ctx, time.Now); err != nil {
		t.Errorf("while a transaction is under way: %v", err)
	}
	own.Rollback()
	release := lockFile(t, path)
	for range 2 {
		if err := errors.Join(s.Writable(t.Context()), s.Ready(t.Context(), time.Now)); err != nil {
			t.Errorf("locked for a moment: %v", err)
		}
	}
	if s.attempts.patience == nil {
		t.Error("the file was not locked")
	}
	release()
	for s.attempts.patience != nil { // until the waiting attempt gets the lock
		if err := s.Writable(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// busy returns SQLite's error for a file that another process has locked.
func busy(t *testing.T) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "aikagi.db")
	s := openFile(t, path)
	defer lockFile(t, path)()
	if err := s.DisableBusyWait(); err != nil {
		t.Fatal(err)
	}
	err := s.writeHeader(t.Context())
	if !isSQLiteBusy(err) {
		t.Fatalf("got %v, want a busy file", err)
	}
	return err
}

func TestAWriteLockCountsAfterTenSeconds(t *testing.T) {
	busy := busy(t)
	synctest.Test(t, func(t *testing.T) {
		var a attempts
		var locked atomic.Bool
		locked.Store(true)
		write := func(context.Context) error { // like SQLite: it ignores the context and is busy after 5 s
			for range 500 {
				if time.Sleep(10 * time.Millisecond); !locked.Load() {
					return nil
				}
			}
			return busy
		}
		look := func() error {
			begun := time.Now()
			err := a.check(t.Context(), write)
			if took := time.Since(begun); took > attemptWait {
				t.Errorf("a look took %s", took)
			}
			return err
		}
		for begun := time.Now(); time.Since(begun) < 9*time.Second; {
			if err := look(); err != nil {
				t.Fatalf("after %s: %v", time.Since(begun), err)
			}
		}
		time.Sleep(time.Second + time.Millisecond)
		synctest.Wait() // until the patience has ended
		for range 20 {
			if err := look(); !errors.Is(err, errWriteLocked) {
				t.Fatalf("after ten seconds: got %v, want the lock named", err)
			}
		}
		locked.Store(false)
		if err := look(); err != nil {
			t.Errorf("after the lock was released: %v", err)
		}
		locked.Store(true)
		if err := look(); err != nil {
			t.Errorf("locked anew: %v; want ten seconds from now", err)
		}
		locked.Store(false)
		time.Sleep(time.Second)
		if err := a.check(t.Context(), func(context.Context) error { return nil }); err != nil {
			t.Error(err)
		}
	})
}

func TestAFaultOtherThanALockCountsAtOnce(t *testing.T) {
	full := errors.New("database or disk is full")
	var a attempts
	for range 2 {
		if err := a.check(t.Context(), func(context.Context) error { return full }); !errors.Is(err, full) {
			t.Errorf("got %v, want the fault", err)
		}
	}
}
