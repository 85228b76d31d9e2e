package testkit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql" // the driver that creates and drops databases

	"aikagi/backend/secret"
	"aikagi/backend/store"
)

// MySQL returns the settings of a new, empty database on the MariaDB of the tests. The database is dropped when the test ends.
// Without a server the test fails: if it were skipped, nobody would notice that nothing was tested.
func MySQL(t testing.TB) store.Settings {
	t.Helper()
	server, err := url.Parse(os.Getenv("AIKAGI_TEST_MYSQL"))
	if err != nil || server.Host == "" {
		t.Fatal("AIKAGI_TEST_MYSQL is not the URL of a MariaDB, such as mysql://root@127.0.0.1:3306/: run npm test, or node backend/scripts/services.mjs go test …")
	}
	password, _ := server.User.Password()
	name := "aikagi_" + strings.ToLower(rand.Text())
	admin, err := sql.Open("mysql", server.User.Username()+":"+password+"@tcp("+server.Host+")/")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE "+name); err != nil {
			t.Error(err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	return store.Settings{
		Dialect: store.MySQL, User: server.User.Username(), Password: secret.New(password),
		Hosts: []string{server.Host}, Name: name, Connections: 32,
	}
}

// SQLite returns the settings of a new database file in the test's folder.
func SQLite(t testing.TB) store.Settings {
	t.Helper()
	return store.Settings{Dialect: store.SQLite, Path: filepath.Join(t.TempDir(), "aikagi.db")}
}

// Open opens and migrates a database. It is closed when the test ends.
func Open(t testing.TB, settings store.Settings) *store.Store {
	t.Helper()
	s, err := store.Open(settings, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// OnBoth runs a test on a new SQLite database and on a new MariaDB database.
func OnBoth(t *testing.T, run func(t *testing.T, settings store.Settings)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, SQLite(t)) })
	t.Run("mariadb", func(t *testing.T) { run(t, MySQL(t)) })
}
