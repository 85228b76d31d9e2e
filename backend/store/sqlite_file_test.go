package store_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func wantModes(t *testing.T, path string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got the mode %s, want 0600", filepath.Base(path+suffix), info.Mode().Perm())
		}
	}
}

func TestASQLiteDatabaseIsItsOwnersAlone(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		former := syscall.Umask(umask)
		settings := testkit.SQLite(t)
		enrol(t, testkit.Open(t, settings), "taro")
		syscall.Umask(former)
		wantModes(t, settings.Path)
	}
}

// A restored copy of a backup often has the mode that the umask gives.
func TestASQLiteDatabaseThatOthersCanReadIsClosedToThem(t *testing.T) {
	settings := testkit.SQLite(t)
	must(t, os.WriteFile(settings.Path, nil, 0o600))
	must(t, os.Chmod(settings.Path, 0o644))
	enrol(t, testkit.Open(t, settings), "taro")
	wantModes(t, settings.Path)
}

func TestAPathWhereNoDatabaseCanBeIsNamed(t *testing.T) {
	folder := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(folder, "missing", "a.db"): "the folder " + filepath.Join(folder, "missing") + " is not there; make it",
		folder:                                   folder + " is a folder; name a file",
	} {
		_, err := store.Open(store.Settings{Dialect: store.SQLite, Path: path}, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want it to say %q", path, err, want)
		}
	}
}

func TestAFileThatMustExistIsNotMade(t *testing.T) {
	settings := testkit.SQLite(t)
	settings.MustExist = true
	for _, what := range []string{"no file", "an empty file"} {
		if _, err := store.Open(settings, slog.New(slog.DiscardHandler)); !errors.Is(err, store.ErrNotMigrated) || !strings.Contains(err.Error(), settings.Path) {
			t.Errorf("%s: got %v, want ErrNotMigrated with the path", what, err)
		}
		if what == "no file" {
			if _, err := os.Stat(settings.Path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the file was made: %v", err)
			}
			must(t, os.WriteFile(settings.Path, nil, 0o600))
		}
	}
	if info, err := os.Stat(settings.Path); err != nil || info.Size() != 0 {
		t.Errorf("the empty file was written to: %v, %v", info, err)
	}
}

// The first process to open a new file switches it to WAL. Until then SQLite does not wait for a lock on the file.
func TestANewSQLiteFileThatIsLockedIsWaitedFor(t *testing.T) {
	settings := testkit.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		first := raw(t, settings)
		first.SetMaxOpenConns(1)
		execute(t, first, "BEGIN IMMEDIATE")
		go func() {
			time.Sleep(time.Second)
			if _, err := first.ExecContext(context.Background(), "ROLLBACK"); err != nil {
				t.Error(err)
			}
		}()
		s, err := store.Open(settings, slog.New(slog.DiscardHandler))
		must(t, err)
		must(t, s.Close())
	})
}
