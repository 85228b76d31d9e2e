package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"aikagi/backend/secret"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestAFreshDatabaseHasNothingWrong(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		if warnings, err := testkit.Open(t, settings).Inspect(t.Context()); err != nil || len(warnings) > 0 {
			t.Errorf("got %q, %v", warnings, err)
		}
	})
}

func TestWhatATableLacksIsFound(t *testing.T) {
	damages := []struct {
		dialects []store.Dialect
		damage   string
		want     []string
	}{
		{nil, "ALTER TABLE letters DROP COLUMN former_address", []string{"the column letters.former_address is missing"}},
		{nil, "DROP TABLE activities", []string{"the table activities is missing"}},
		{[]store.Dialect{store.MySQL}, "ALTER TABLE members CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", []string{
			"the column members.login_id has the collation utf8mb4_general_ci", "members.basic_mail_address has the collation", "members.password_hash has",
		}},
		{[]store.Dialect{store.MySQL}, "ALTER TABLE recoveries MODIFY grant_hash CHAR(64) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL DEFAULT ''", []string{
			"recoveries.grant_hash has the collation latin1_swedish_ci",
		}},
		{[]store.Dialect{store.MySQL}, "ALTER TABLE letters MODIFY due_at DATETIME NOT NULL", []string{"letters.due_at keeps 0 decimal places of a second; right would be 6"}},
		{[]store.Dialect{store.MySQL}, "ALTER TABLE issuances DROP KEY issuances_live", []string{"issuances.live_member_id has no unique index"}},
		{[]store.Dialect{store.MySQL}, "ALTER TABLE members DROP KEY members_login_id, ADD UNIQUE KEY members_login_id (login_id, id)", []string{
			"members.login_id has no unique index",
		}},
		{[]store.Dialect{store.MySQL}, "ALTER TABLE members DROP KEY members_login_id, ADD UNIQUE KEY members_login_id (login_id(8))", []string{
			"members.login_id has no unique index",
		}},
		{[]store.Dialect{store.SQLite}, "DROP INDEX letters_due_member", []string{"letters.due_member_id has no unique index"}},
		{[]store.Dialect{store.SQLite}, "DROP INDEX members_login_id; CREATE UNIQUE INDEX members_login_id ON members (login_id COLLATE NOCASE)", []string{
			"members.login_id has the collation NOCASE",
		}},
	}
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		for _, test := range damages {
			if test.dialects != nil && !slices.Contains(test.dialects, settings.Dialect) {
				continue
			}
			damaged := testkit.SQLite(t)
			if settings.Dialect == store.MySQL {
				damaged = testkit.MySQL(t)
			}
			s := testkit.Open(t, damaged)
			execute(t, raw(t, damaged), test.damage)
			_, err := s.Inspect(t.Context())
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: got %v, want %q in it", test.damage, err, want)
				}
			}
		}
	})
}

// userWith makes a database user with these rights, and returns the settings with it.
func userWith(t *testing.T, settings store.Settings, rights string) store.Settings {
	t.Helper()
	admin := raw(t, settings)
	user := "u" + strings.TrimPrefix(settings.Name, "aikagi_")
	execute(t, admin, "CREATE USER "+user+" IDENTIFIED BY 'pw'")
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP USER "+user); err != nil {
			t.Error(err)
		}
	})
	execute(t, admin, "GRANT "+rights+" ON `"+settings.Name+"`.* TO "+user)
	settings.User, settings.Password = user, secret.New("pw")
	return settings
}

func TestAUserWithoutARightIsFound(t *testing.T) {
	const all = "members, recoveries, issuances, letters, activities, breaches, breach_members, leases"
	for _, test := range []struct{ rights, want string }{
		{"SELECT", "no right to DELETE on " + all + "\nthe database's user has no right to INSERT on " + all + "\nthe database's user has no right to UPDATE on " + all},
		{"SELECT, UPDATE, DELETE", "the database's user has no right to INSERT on " + all},
		{"SELECT, INSERT, DELETE", "the database's user has no right to UPDATE on " + all},
		{"SELECT, INSERT, UPDATE", "the database's user has no right to DELETE on " + all},
		{"INSERT, UPDATE, DELETE", "SELECT command denied"},
		{"SELECT, INSERT, UPDATE, DELETE", ""},
	} {
		settings := testkit.MySQL(t)
		testkit.Open(t, settings)
		limited := open(t, userWith(t, settings, test.rights))
		_, err := limited.Inspect(t.Context())
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.rights, err, test.want)
		}
	}
}

// Whatever the server refuses the program's user, an operator has to change it there. It is no fault of the program.
func TestADatabaseThatRefusesItsUserIsUnavailable(t *testing.T) {
	const all = "SELECT, INSERT, UPDATE, DELETE"
	right := testkit.MySQL(t)
	testkit.Open(t, right)
	for _, test := range []struct {
		number         uint16
		rights, change string
		other          func(*store.Settings)
	}{
		{number: 1142, rights: "SELECT, UPDATE, DELETE"},
		{number: 1143, rights: "SELECT", change: "GRANT INSERT (id) ON `" + right.Name + "`.recoveries TO %s"},
		{number: 1044, rights: all, other: func(s *store.Settings) { s.Name = "mysql" }},
		{number: 1045, rights: all, other: func(s *store.Settings) { s.Password = secret.New("wrong") }},
		{number: 1049, rights: all, other: func(s *store.Settings) { s.Name += "_missing" }, change: "GRANT SELECT ON *.* TO %s"},
		{number: 1226, rights: all, change: "ALTER USER %s WITH MAX_QUERIES_PER_HOUR 1"},
		{number: 1820, rights: all, change: "ALTER USER %s PASSWORD EXPIRE"},
		{number: 4151, rights: all, change: "ALTER USER %s ACCOUNT LOCK"},
	} {
		t.Run(fmt.Sprint(test.number), func(t *testing.T) {
			settings := userWith(t, right, test.rights)
			if test.change != "" {
				execute(t, raw(t, right), fmt.Sprintf(test.change, settings.User))
			}
			if test.other != nil {
				test.other(&settings)
			}
			err := open(t, settings).Recoveries().AddRecovery(t.Context(), newAsk("taro", now))
			var refused *mysqldriver.MySQLError
			if !errors.As(err, &refused) || refused.Number != test.number || !store.IsUnavailable(err) {
				t.Errorf("got %v, want error %d, and so unavailable", err, test.number)
			}
		})
	}
}

// The setting is the whole server's, so the server is one of this test alone.
func TestADatabaseThatBlocksItsUserAfterWrongPasswordsIsUnavailable(t *testing.T) {
	replicas, settings := startReplicas(t, 1)
	server := replicas[0]
	server.run("SET GLOBAL max_password_errors = 1")
	wrong := settings
	wrong.Password = secret.New("wrong")
	var refused *mysqldriver.MySQLError
	for _, test := range []struct {
		settings store.Settings
		number   uint16
	}{{wrong, 1045}, {settings, 4150}} {
		err := open(t, test.settings).Recoveries().AddRecovery(t.Context(), newAsk("taro", now))
		if !errors.As(err, &refused) || refused.Number != test.number || !store.IsUnavailable(err) {
			t.Errorf("got %v, want error %d, and so unavailable", err, test.number)
		}
	}
	server.run("FLUSH PRIVILEGES")
	must(t, open(t, settings).Recoveries().AddRecovery(t.Context(), newAsk("taro", now)))
}

// MariaDB has other numbers for these, or gives them only to hosts that are not this machine.
func TestTheRefusalsThatOnlyMySQLHasAreUnavailable(t *testing.T) {
	for what, number := range map[string]uint16{
		"a host with too many failed connections": 1129, "an account that is locked": 3118, "a connection without TLS": 3159,
		"an account with too many wrong passwords": 3955,
	} {
		if !store.IsUnavailable(&mysqldriver.MySQLError{Number: number}) {
			t.Errorf("%s: error %d is a fault of the program, want the database unavailable", what, number)
		}
	}
}

// A user without the right to make tables gets the same errors.
func TestAUserWithoutTheRightToCreateGetsErrNotMigrated(t *testing.T) {
	settings := userWith(t, testkit.MySQL(t), "SELECT, INSERT, UPDATE, DELETE")
	if err := open(t, settings).Ready(t.Context(), time.Now); !errors.Is(err, store.ErrNotMigrated) {
		t.Errorf("got %v, want ErrNotMigrated", err)
	}
}

// contents returns the checksums of the tables, and the numbers that the next rows get.
func contents(t *testing.T, settings store.Settings) (found []string) {
	t.Helper()
	query := `SELECT CONCAT_WS(' ', table_name, auto_increment, update_time) FROM information_schema.tables WHERE table_schema = DATABASE()`
	if settings.Dialect == store.SQLite {
		query = `SELECT name || ' ' || seq FROM sqlite_sequence UNION ALL SELECT 'members ' || COUNT(*) FROM members`
	}
	rows, err := raw(t, settings).QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var line string
		must(t, rows.Scan(&line))
		found = append(found, line)
	}
	must(t, rows.Err())
	return found
}

func TestInspectingChangesNothing(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		enrol(t, s, "taro")
		db := raw(t, settings)
		before := append(tables(t, db, settings.Dialect), contents(t, settings)...)
		for range 3 {
			_, err := s.Inspect(t.Context())
			must(t, err)
		}
		if after := append(tables(t, db, settings.Dialect), contents(t, settings)...); !slices.Equal(after, before) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
		}
		next := enrol(t, s, "jiro")
		if next.ID != 2 {
			t.Errorf("the next member got the id %d, want 2: a number was used up", next.ID)
		}
	})
}

func TestFilesThatOthersCanReadAreWarnedOf(t *testing.T) {
	settings := testkit.SQLite(t)
	s := testkit.Open(t, settings)
	must(t, os.Chmod(settings.Path, 0o644))
	warnings, err := s.Inspect(t.Context())
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], filepath.Base(settings.Path)) || !strings.Contains(warnings[0], "0600") {
		t.Errorf("got %q, %v; want a warning that names the file", warnings, err)
	}
}
