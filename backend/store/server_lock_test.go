package store_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func openForServer(settings store.Settings) (*store.Store, error) {
	settings.ForServer = true
	return store.Open(settings, slog.New(slog.DiscardHandler))
}

func TestASecondServerCannotUseAnSQLiteFileByAnyOfItsNames(t *testing.T) {
	folder := t.TempDir()
	must(t, os.Mkdir(filepath.Join(folder, "data"), 0o700))
	path := filepath.Join(folder, "data", "aikagi.db")
	link, folderLink, chain := filepath.Join(folder, "link.db"), filepath.Join(folder, "linked"), filepath.Join(folder, "chain.db")
	must(t, os.Symlink(path, link)) // before the file exists
	must(t, os.Symlink("data", folderLink))
	must(t, os.Symlink("link.db", chain))
	t.Chdir(folder)
	names := []string{path, link, chain, filepath.Join(folderLink, "aikagi.db"), "data/aikagi.db", "data/../link.db"}
	for _, first := range names {
		one, err := openForServer(store.Settings{Dialect: store.SQLite, Path: first})
		must(t, err)
		for _, second := range names {
			if _, err := openForServer(store.Settings{Dialect: store.SQLite, Path: second}); !errors.Is(err, store.ErrServed) {
				t.Errorf("%s and then %s: got %v, want ErrServed", first, second, err)
			}
		}
		must(t, one.Close())
	}
}

func TestAServerRefusesAnSQLiteFileWithHardLinks(t *testing.T) {
	settings := testkit.SQLite(t)
	must(t, testkit.Open(t, settings).Close())
	other := settings
	other.Path += ".other"
	must(t, os.Link(settings.Path, other.Path))
	for _, linked := range []store.Settings{settings, other} {
		if _, err := openForServer(linked); err == nil || !strings.Contains(err.Error(), "hard links") {
			t.Errorf("%s: got %v, want it refused", linked.Path, err)
		}
	}
	must(t, os.Remove(other.Path))
	server, err := openForServer(settings)
	must(t, errors.Join(err, server.Close()))
}

// A server that holds the lock is no fault of the file.
func TestInspectingFindsWhatKeepsAServerFromTheFile(t *testing.T) {
	settings := testkit.SQLite(t)
	s := testkit.Open(t, settings)
	want := func(part string) {
		t.Helper()
		_, err := s.Inspect(t.Context())
		if part == "" && err != nil || part != "" && (err == nil || !strings.Contains(err.Error(), part)) {
			t.Errorf("got %v, want %q", err, part)
		}
		server, refused := openForServer(settings)
		if (refused != nil) != (part != "") {
			t.Errorf("inspecting: %v, but a server: %v", err, refused)
		}
		if refused == nil {
			_, err := s.Inspect(t.Context())
			must(t, errors.Join(err, server.Close()))
		}
	}
	want("")
	other, lock := settings.Path+".other", settings.Path+".lock"
	must(t, os.Link(settings.Path, other))
	want("hard links")
	must(t, os.Remove(other))
	must(t, os.Remove(lock))
	must(t, os.Mkdir(lock, 0o700))
	want("a server cannot lock the database: open " + lock)
	must(t, os.Remove(lock))
	want("")
}

func TestCommandsOpenTheFileOfAServer(t *testing.T) {
	settings := testkit.SQLite(t)
	server, err := openForServer(settings)
	must(t, err)
	defer func() { must(t, server.Close()) }()
	command := testkit.Open(t, settings)
	enrol(t, command, "taro")
	if info, err := os.Stat(settings.Path + ".lock"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the lock's file: %v, %v; want it for its owner only", info, err)
	}
}

func TestAnyNumberOfServersOpenOneMySQL(t *testing.T) {
	settings := testkit.MySQL(t)
	for range 2 {
		server, err := openForServer(settings)
		must(t, err)
		defer func() { must(t, server.Close()) }()
	}
}
