package store_test

import (
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
	if err := s.TrySpace(t.Context()); err == nil || !strings.Contains(err.Error(), "the database takes no writes: the folder "+filepath.Dir(settings.Path)+": ") {
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
