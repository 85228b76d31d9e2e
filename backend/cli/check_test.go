package cli

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aikagi/backend/config"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestATableThatLacksAColumnFailsTheCheck(t *testing.T) {
	for _, where := range []store.Settings{testkit.SQLite(t), testkit.MySQL(t)} {
		s := newSite(t, where)
		if code, printed := runIn(t, s.environ, "check"); code != exitDone || !strings.Contains(printed, "database: ok\n") {
			t.Fatalf("before: got %d\n%s", code, printed)
		}
		execIn(t, where, "ALTER TABLE letters DROP COLUMN former_address", "ALTER TABLE recoveries DROP COLUMN client")
		code, printed := runIn(t, s.environ, "check")
		want := "database: FAULT: the column recoveries.client is missing; the column letters.former_address is missing\n"
		if code != exitFailed || !strings.Contains(printed, want) || !strings.Contains(printed, "aikagi: 2 faults\n") {
			t.Errorf("got %d\n%s\nwant %d and %s", code, printed, exitFailed, want)
		}
	}
}

func TestCheckDoesNotNoteThatADamagedFileIsWhole(t *testing.T) {
	file := filepath.Join(t.TempDir(), "damaged.db")
	write(t, file, "not a database")
	var found finding
	checkFile(t.Context(), config.Settings{Database: config.Database{Dialect: config.SQLite, Path: file}}, &found)
	if len(found.Faults) == 0 || found.Note != "" {
		t.Errorf("got %+v, want a fault and no note", found)
	}
}

func TestANewerSchemaIsWarnedOfAndServed(t *testing.T) {
	for _, where := range []store.Settings{testkit.SQLite(t), testkit.MySQL(t)} {
		s := newSite(t, where)
		s.stop()
		execIn(t, where, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
		if code, printed := runIn(t, s.environ, "check"); code != exitDone || !strings.Contains(printed, "database: ok; WARNING: the tables are of a newer version") {
			t.Errorf("check: got %d\n%s", code, printed)
		}
		if code, printed := runIn(t, s.environ, "migrate"); code != exitFailed || !strings.Contains(printed, "newer version than this program") ||
			!strings.Contains(printed, "nothing was changed") {
			t.Errorf("migrate: got %d\n%s", code, printed)
		}
		process := s.run()
		if log := process.log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, "the tables are of a newer version") {
			t.Errorf("serve: got the log\n%s", log)
		}
	}
}

func TestCheckingAnSQLiteDatabaseLeavesNothingBehind(t *testing.T) {
	where := testkit.SQLite(t)
	s := newSite(t, where)
	s.stop()
	folder := filepath.Dir(where.Path)
	before := contentsOf(t, folder)
	for _, args := range [][]string{{"check"}, {"members", "show", taro}, {"letters"}} {
		if code, printed := runIn(t, s.environ, args...); code != exitDone {
			t.Errorf("%v: got %d\n%s", args, code, printed)
		}
		if after := contentsOf(t, folder); !slices.Equal(after, before) {
			t.Errorf("%v changed %q to %q", args, before, after)
		}
	}
	empty := testkit.SQLite(t)
	environ := append(slices.Clone(s.environ), "AIKAGI_DATABASE="+databaseURL(empty))
	for _, args := range [][]string{{"check"}, {"members", "show", taro}, {"letters"}} {
		if code, printed := runIn(t, environ, args...); code != exitFailed || !strings.Contains(printed, "run aikagi migrate") || !strings.Contains(printed, empty.Path) {
			t.Errorf("%v without a database: got %d\n%s", args, code, printed)
		}
		if _, err := os.Stat(empty.Path); err == nil {
			t.Fatalf("%v made the file", args)
		}
	}
}

// contentsOf lists the files of a folder with a digest of each, except -shm, in which SQLite counts readers.
func contentsOf(t *testing.T, folder string) (found []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "-shm") {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, path))
		found = append(found, fmt.Sprintf("%s of %d bytes %.4x", path, len(content), sha256.Sum256(content)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAListenAddressThatIsTakenIsNamedAndNoOtherIs(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	taken := s.server.public.Addr().String()
	for _, setting := range []string{"AIKAGI_LISTEN", "AIKAGI_OPS_LISTEN"} {
		code, printed := runIn(t, append(slices.Clone(s.environ), setting+"="+taken), "serve")
		if code != exitFailed || !strings.Contains(printed, setting+": another program listens on "+taken) || strings.Count(printed, "127.0.0.1:") != 1 {
			t.Errorf("%s: got %d\n%s", setting, code, printed)
		}
	}
}
