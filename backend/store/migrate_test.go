package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// tables describes all tables of a database, for a comparison.
func tables(t *testing.T, db *sql.DB, dialect store.Dialect) []string {
	t.Helper()
	query := `SELECT CONCAT_WS(' ', table_name, ordinal_position, column_name, column_type, is_nullable, column_default, collation_name, extra)
			FROM information_schema.columns WHERE table_schema = DATABASE() UNION ALL
		SELECT CONCAT_WS(' ', table_name, index_name, non_unique, seq_in_index, column_name)
			FROM information_schema.statistics WHERE table_schema = DATABASE() UNION ALL
		SELECT CONCAT_WS(' ', 'version', version_id, is_applied) FROM goose_db_version`
	if dialect == store.SQLite {
		query = `SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master UNION ALL
			SELECT 'version ' || version_id || ' ' || is_applied FROM goose_db_version`
	}
	rows, err := db.QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	var found []string
	for rows.Next() {
		var line string
		must(t, rows.Scan(&line))
		found = append(found, strings.Join(strings.Fields(line), " "))
	}
	must(t, rows.Err())
	slices.Sort(found)
	return found
}

// cleanTables describes the tables that one undisturbed migrate makes.
func cleanTables(t *testing.T, dialect store.Dialect) []string {
	t.Helper()
	settings := testkit.SQLite(t)
	if dialect == store.MySQL {
		settings = testkit.MySQL(t)
	}
	testkit.Open(t, settings)
	return tables(t, raw(t, settings), dialect)
}

func wantCleanTables(t *testing.T, after string, settings store.Settings) {
	t.Helper()
	got, want := tables(t, raw(t, settings), settings.Dialect), cleanTables(t, settings.Dialect)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", after, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// statementsOf returns the statements of a dialect's migrations, in order.
func statementsOf(t *testing.T, dialect store.Dialect) []string {
	t.Helper()
	folder := "migrations/" + string(dialect)
	files, err := store.MigrationFiles.ReadDir(folder)
	must(t, err)
	var statements []string
	for _, file := range files {
		text, err := store.MigrationFiles.ReadFile(folder + "/" + file.Name())
		must(t, err)
		_, up, _ := strings.Cut(string(text), "-- +goose Up\n")
		up, _, _ = strings.Cut(up, "-- +goose Down")
		for _, statement := range strings.SplitAfter(up, ";\n") {
			if strings.TrimSpace(statement) != "" {
				statements = append(statements, statement)
			}
		}
	}
	return statements
}

func TestAMigrationThatWasCutOffAfterAnyStatementIsCompleted(t *testing.T) {
	for _, dialect := range []store.Dialect{store.SQLite, store.MySQL} {
		statements := statementsOf(t, dialect)
		for done := range len(statements) + 1 {
			t.Run(fmt.Sprintf("%s, %d statements done", dialect, done), func(t *testing.T) {
				settings := testkit.SQLite(t)
				if dialect == store.MySQL {
					settings = testkit.MySQL(t)
				}
				execute(t, raw(t, settings), statements[:done]...)
				testkit.Open(t, settings)
				wantCleanTables(t, "cut off", settings)
			})
		}
	}
}

func TestATableOfVersionsThatWasCutOffIsCompleted(t *testing.T) {
	create := map[store.Dialect]string{
		store.MySQL: `CREATE TABLE goose_db_version (id bigint(20) unsigned NOT NULL AUTO_INCREMENT, version_id bigint NOT NULL,
			is_applied boolean NOT NULL, tstamp datetime NULL default CURRENT_TIMESTAMP, PRIMARY KEY(id))`,
		store.SQLite: `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
			is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`,
	}
	for after, insert := range map[string]string{
		"a table without rows": "",
		"a table with row 0":   "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)",
	} {
		testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
			db := raw(t, settings)
			execute(t, db, create[settings.Dialect])
			if insert != "" {
				execute(t, db, insert)
			}
			if run, err := open(t, settings).Migrate(t.Context()); err != nil || len(run) == 0 {
				t.Fatalf("%s: ran %v, %v", after, run, err)
			}
			versions := 0
			must(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM goose_db_version WHERE version_id = 0").Scan(&versions))
			if versions != 1 {
				t.Errorf("%s: got %d rows of version 0, want 1", after, versions)
			}
		})
	}
}

func TestConcurrentMigratesRunEachMigrationOnce(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		const many = 8
		var ran [many][]string
		var failed [many]error
		var all sync.WaitGroup
		for i := range many {
			s := open(t, settings)
			all.Go(func() { ran[i], failed[i] = s.Migrate(t.Context()) })
		}
		all.Wait()
		must(t, errors.Join(failed[:]...))
		if got, want := slices.Concat(ran[:]...), 1; len(got) != want {
			t.Errorf("ran %v, want %d migrations", got, want)
		}
		wantCleanTables(t, "many at once", settings)
	})
}

func TestAMigrateWaitsForAnotherAndSaysSo(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		told := make(lineChannel, 8)
		s, err := store.Open(settings, slog.New(slog.NewTextHandler(told, nil)))
		must(t, err)
		defer s.Close()
		holder, err := raw(t, settings).Conn(t.Context())
		must(t, err)
		defer holder.Close()
		take, release := "DO GET_LOCK(CONCAT('aikagi migrate ', SHA1(DATABASE())), 0)", "DO RELEASE_ALL_LOCKS()"
		if settings.Dialect == store.SQLite {
			take, release = "BEGIN IMMEDIATE", "ROLLBACK"
		}
		_, err = holder.ExecContext(t.Context(), take)
		must(t, err)

		if settings.Dialect == store.SQLite {
			must(t, s.DisableBusyWait())
		}
		ended := make(chan error)
		go func() {
			_, err := s.Migrate(t.Context())
			ended <- err
		}()
		select {
		case line := <-told:
			if !strings.Contains(line, "another migrate is under way") {
				t.Errorf("said %q", line)
			}
		case err := <-ended:
			t.Fatalf("did not wait: %v", err)
		}
		_, err = holder.ExecContext(t.Context(), release)
		must(t, err)
		must(t, <-ended)
		wantCleanTables(t, "waited", settings)
	})
}

// lineChannel is a writer that sends each line to a channel.
type lineChannel chan string

func (s lineChannel) Write(line []byte) (int, error) {
	s <- string(bytes.Clone(line))
	return len(line), nil
}

func TestTablesOfANewerVersionAreLeftAndServed(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		db := raw(t, settings)
		execute(t, db, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
		before := tables(t, db, settings.Dialect)
		if run, err := s.Migrate(t.Context()); !errors.Is(err, store.ErrNewerSchema) || len(run) > 0 {
			t.Errorf("migrate: ran %v, %v; want ErrNewerSchema", run, err)
		}
		if after := tables(t, db, settings.Dialect); !slices.Equal(after, before) {
			t.Errorf("migrate changed\n%s\nto\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
		}
		must(t, s.Ready(t.Context(), time.Now))
		version, err := s.Version(t.Context())
		must(t, err)
		if err := version.Newer(); !errors.Is(err, store.ErrNewerSchema) || !strings.Contains(err.Error(), "99") {
			t.Errorf("got %v, want ErrNewerSchema with the number 99", err)
		}
	})
}

func TestReadingTheVersionWritesNothing(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := open(t, settings)
		if version, err := s.Version(t.Context()); err != nil || version.Tables != 0 || !version.Pending() {
			t.Errorf("got %+v, %v; want the version 0 of a database without tables", version, err)
		}
		if err := s.Ready(t.Context(), time.Now); !errors.Is(err, store.ErrNotMigrated) {
			t.Errorf("got %v, want ErrNotMigrated", err)
		}
		found := 0
		count := "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
		if settings.Dialect == store.SQLite {
			count = "SELECT COUNT(*) FROM sqlite_master"
		}
		must(t, raw(t, settings).QueryRowContext(t.Context(), count).Scan(&found))
		if found != 0 {
			t.Errorf("%d tables are there, want none", found)
		}
	})
}

// A migrate that hangs must not make an installer wait for ever.
func TestAMigrateStopsWaitingAfterFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		err := store.WaitForLock(t.Context(), slog.New(slog.DiscardHandler), func(context.Context) (bool, error) { return false, nil })
		if err == nil || !strings.Contains(err.Error(), "another migrate has held the lock for 5m0s") {
			t.Errorf("got %v", err)
		}
	})
}

func TestASQLiteMigrationThatFailsChangesNothing(t *testing.T) {
	settings := testkit.SQLite(t)
	s := open(t, settings)
	db := raw(t, settings)
	execute(t, db, "CREATE VIEW letters AS SELECT 1") // the tables before it are made, but its index fails
	if run, err := s.Migrate(t.Context()); err == nil || len(run) > 0 {
		t.Fatalf("ran %v, %v; want it to fail", run, err)
	}
	found := 0
	must(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'").Scan(&found))
	if found != 0 {
		t.Errorf("%d tables are left, want none", found)
	}
	execute(t, db, "DROP VIEW letters")
	testkit.Open(t, settings)
	wantCleanTables(t, "after a failure", settings)
}
