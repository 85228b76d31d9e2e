package cli

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// tryLock locks a file without waiting, and creates it if it does not exist. It returns nil if another process holds the
// lock. Close the file to release the lock; the kernel also releases it when the process ends, however it ends.
func tryLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the callers build the path
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	closed := file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, closed
	}
	return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), closed)
}
