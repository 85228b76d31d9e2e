package testkit

import (
	"syscall"
	"testing"
)

// LimitFiles makes every write past the first limit bytes of any file fail in this process until the test ends, as on a disk that
// is full or that fails. The test must not run in parallel with others.
func LimitFiles(t testing.TB, limit uint64) (restore func()) {
	t.Helper()
	var former syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &former); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: former.Max}); err != nil {
		t.Fatal(err)
	}
	restored := false
	restore = func() {
		if restored {
			return
		}
		restored = true
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &former); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(restore)
	return restore
}
