package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrServed is returned when another server uses the same SQLite file.
var ErrServed = errors.New("another server already serves from this SQLite file: stop it first, or use MySQL for several servers")

// errHardLinks is returned for a file that has several names. SQLite has a write-ahead log for each name, so two programs
// that use different names damage the file.
var errHardLinks = errors.New("the file has several names (hard links): keep one of them")

// serverLock keeps a second server from using the same SQLite file, because each server keeps limits and sessions in
// its own memory. The lock is on a file beside the database: closing a file that SQLite has open would release SQLite's
// own locks. The kernel releases the lock when the process ends, so the file stays. Commands do not take the lock.
type serverLock struct{ file *os.File }

// lockServerFile takes the lock for the database at path, after following symbolic links.
func lockServerFile(path string) (*serverLock, error) {
	path, err := serverLockPath(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the path is the operator's own
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

// checkServerFile returns why no server can take the lock for the database at path, or nil. It neither makes nor locks the
// lock's file, so it is no fault if a server holds the lock, and a server that starts meanwhile gets it.
func checkServerFile(path string) error {
	path, err := serverLockPath(path)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the path is the operator's own
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("a server cannot lock the database: %w", err)
	}
	return file.Close()
}

// serverLockPath returns the path of the lock's file for the database at path, after following symbolic links. It returns
// errHardLinks for a database that a server must not use.
func serverLockPath(path string) (string, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if about, is := info.Sys().(*syscall.Stat_t); is && about.Nlink > 1 {
		return "", fmt.Errorf("%s: %w", path, errHardLinks)
	}
	return path + ".lock", nil
}

// release releases the lock.
func (l *serverLock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}
