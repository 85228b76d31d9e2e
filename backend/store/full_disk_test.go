package store_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestTryingTheSpaceForNewRowsLeavesNothing(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		addAsk(t, s, "taro", now)
		must(t, s.TrySpace(t.Context()))
		var asks int
		must(t, raw(t, settings).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM recoveries").Scan(&asks))
		if asks != 1 {
			t.Errorf("got %d asks, want 1", asks)
		}
	})
}

// The folder that counts is the one of the file that a symbolic link names.
func TestAFolderWithoutSpaceIsFoundAndNothingIsLeftInIt(t *testing.T) {
	settings := testkit.SQLite(t)
	must(t, testkit.Open(t, settings).Close())
	linked := settings
	linked.Path = filepath.Join(t.TempDir(), "link.db")
	must(t, os.Symlink(settings.Path, linked.Path))
	s := testkit.Open(t, linked)
	before, err := os.ReadDir(filepath.Dir(settings.Path))
	must(t, err)
	restore := testkit.LimitFiles(t, 64<<10)
	if err := s.TrySpace(t.Context()); err == nil || !strings.Contains(err.Error(), "the disk has no space for new rows: a file of 1024 KiB cannot be written in the folder "+filepath.Dir(settings.Path)+": file too large") {
		t.Errorf("got %v, want the folder named", err)
	}
	restore()
	must(t, s.TrySpace(t.Context()))
	after, err := os.ReadDir(filepath.Dir(settings.Path))
	must(t, err)
	if len(after) != len(before) {
		t.Errorf("got %v, want %v", after, before)
	}
}

// SQLite's own words are "disk I/O error (4874)".
func TestAFileThatCannotBeOpenedOnAFullDiskIsNotBlamedOnPermissions(t *testing.T) {
	settings := testkit.SQLite(t)
	must(t, testkit.Open(t, settings).Close())
	restore := testkit.LimitFiles(t, 16<<10)
	_, err := store.Open(settings, slog.New(slog.DiscardHandler))
	restore()
	if err == nil || !strings.Contains(err.Error(), "(4874); the disk may be full") || strings.Contains(err.Error(), "this user must") {
		t.Errorf("got %v, want it to say that the disk may be full", err)
	}
	must(t, open(t, settings).Close())
}

func TestABackupToAFullDiskLeavesNoFileAndSaysWhy(t *testing.T) {
	settings := testkit.SQLite(t)
	s := testkit.Open(t, settings)
	execute(t, raw(t, settings), "CREATE TABLE ballast AS SELECT randomblob(3000000) AS x")
	folder := t.TempDir()
	for _, bytes := range []uint64{16 << 10, 1 << 20} {
		restore := testkit.LimitFiles(t, bytes)
		err := s.Backup(t.Context(), filepath.Join(folder, "copy.db"))
		restore()
		if err == nil || !strings.Contains(err.Error(), "the disk may be full") {
			t.Errorf("%d bytes: got %v, want it to say that the disk may be full", bytes, err)
		}
		left, err := os.ReadDir(folder)
		must(t, err)
		if len(left) > 0 {
			t.Errorf("%d bytes: got %v, want nothing left", bytes, left)
		}
	}
}
