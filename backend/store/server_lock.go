package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrServed says that another server serves from the same SQLite file.
var ErrServed = errors.New("another server already serves from this SQLite file: stop it first, or use MySQL for several servers")

// serverLock keeps a second server off SQLite's file: each keeps limits and sessions in its own memory. The lock is on
// a file beside the database, since closing a file that SQLite has open would drop SQLite's own locks. The kernel
// releases it when the process ends, however it ends, so the file is left where it is. Commands do not take it.
type serverLock struct{ file *os.File }

// lockServer takes the lock of the file at path, whatever link leads there.
func lockServer(path string) (*serverLock, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	path += ".lock"
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrServed
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return &serverLock{file}, nil
}

// release lets another server take the lock.
func (l *serverLock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}
