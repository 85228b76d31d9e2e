package cli

import (
	"database/sql"
	"fmt"
	"testing"

	"aikagi/backend/store"
)

// raw opens a database without the store.
func raw(t *testing.T, where store.Settings) *sql.DB {
	t.Helper()
	driver, name := "sqlite", where.Path
	if where.Dialect == store.MySQL {
		driver, name = "mysql", fmt.Sprintf("%s:%s@tcp(%s)/%s", where.User, where.Password.Reveal(), where.Hosts[0], where.Name)
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// execIn executes statements without the store.
func execIn(t *testing.T, where store.Settings, statements ...string) {
	t.Helper()
	db := raw(t, where)
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// oneNumber reads one number without the store.
func oneNumber(t *testing.T, where store.Settings, query string) (found int) {
	t.Helper()
	db := raw(t, where)
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), query).Scan(&found); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return found
}
