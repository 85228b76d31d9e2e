package cli

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// migrateProcess returns a process that runs migrate, which the test can kill.
func migrateProcess(where store.Settings) *exec.Cmd {
	command := exec.CommandContext(context.Background(), os.Args[0], "migrate")
	command.Env = append(os.Environ(), actAsProgram+"=1", "AIKAGI_DATABASE="+databaseURL(where))
	return command
}

// tablesOf describes the tables of a database.
func tablesOf(t *testing.T, where store.Settings) []string {
	t.Helper()
	query := "SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master"
	if where.Dialect == store.MySQL {
		query = `SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, column_default, collation_name)
				FROM information_schema.columns WHERE table_schema = DATABASE() UNION ALL
			SELECT CONCAT_WS(' ', table_name, index_name, non_unique, seq_in_index, column_name)
				FROM information_schema.statistics WHERE table_schema = DATABASE()`
	}
	db := raw(t, where)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		found = append(found, strings.Join(strings.Fields(line), " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

// An installer may start migrate on every server at the same time, and a timeout may kill one of them.
func TestAfterAKillTheOtherMigratesAndTheNextOneComplete(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range map[store.Dialect]func(testing.TB) store.Settings{store.SQLite: testkit.SQLite, store.MySQL: testkit.MySQL} {
		t.Run(string(dialect), func(t *testing.T) {
			undisturbed := fresh(t)
			begun := time.Now()
			if out, err := migrateProcess(undisturbed).CombinedOutput(); err != nil {
				t.Fatalf("undisturbed: %v\n%s", err, out)
			}
			took := time.Since(begun)
			want := tablesOf(t, undisturbed)
			const tries = 16
			for try := range tries {
				where := fresh(t)
				victim := migrateProcess(where)
				if err := victim.Start(); err != nil {
					t.Fatal(err)
				}
				ended := make(chan string, 3)
				for range cap(ended) {
					go func() {
						out, err := migrateProcess(where).CombinedOutput()
						if err != nil {
							out = append(out, err.Error()...)
						} else {
							out = nil
						}
						ended <- string(out)
					}()
				}
				// The kill comes at any time from the process's start until after its last statement.
				time.Sleep(took * time.Duration(try) / (tries / 2))
				_ = victim.Process.Kill()
				_ = victim.Wait()
				for range cap(ended) {
					if failed := <-ended; failed != "" {
						t.Errorf("beside one that was killed: %s", failed)
					}
				}
				if out, err := migrateProcess(where).CombinedOutput(); err != nil {
					t.Fatalf("the next migrate: %v\n%s", err, out)
				}
				if got := tablesOf(t, where); !slices.Equal(got, want) {
					t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		})
	}
}
