package store_test

import (
	"errors"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"

	"aikagi/backend/store"
)

// isFull reports whether a server has no space for a row.
func isFull(err error) bool {
	var refused *mysqldriver.MySQLError
	return errors.As(err, &refused) && refused.Number == 1114
}

// fill inserts rows, large ones first, until the server has no space for the smallest.
func (r *replica) fill() {
	r.t.Helper()
	r.run("CREATE TABLE aikagi.filler (content LONGBLOB) ENGINE = InnoDB")
	for _, size := range []int{1 << 20, 1 << 14, 1 << 10} {
		for {
			_, err := r.root.ExecContext(r.t.Context(), "INSERT INTO aikagi.filler VALUES (?)", strings.Repeat("x", size))
			if isFull(err) {
				break
			}
			must(r.t, err)
		}
	}
}

// The settings of the first server do not tell that its disk is full. Here its only file has reached its largest size.
func TestAHostWithoutSpaceIsLeftForTheNextAndIsNotWritable(t *testing.T) {
	replicas, settings := startReplicas(t, 2, "--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M:autoextend:max:20M")
	first, second := replicas[0], replicas[1]
	s, ctx := open(t, settings), t.Context()
	ask := func(s *store.Store) error { return s.Recoveries().AddRecovery(ctx, newAsk("taro", now)) }
	before := addAsk(t, s, "taro", now)
	first.wantRecoveries(1)
	first.fill()

	alone := settings
	alone.Hosts = settings.Hosts[:1]
	only := open(t, alone)
	var err error
	for err == nil { // the pages of the tables still have some space
		err = ask(only)
	}
	if !isFull(err) || !store.IsUnavailable(err) {
		t.Errorf("an ask: got %v, want a database without space, and so unavailable", err)
	}
	if err := only.Writable(ctx); !isFull(err) || !store.IsUnavailable(err) {
		t.Errorf("got %v, want no space for writes", err)
	}
	for range 2 * settings.Connections {
		must(t, ask(s))
	}
	must(t, s.Writable(ctx))
	must(t, s.TrySpace(ctx))
	second.wantRecoveries(2 * settings.Connections)
	if err := only.TrySpace(ctx); !isFull(err) || !store.IsUnavailable(err) || !strings.HasPrefix(err.Error(), "the disk has no space for new rows: ") {
		t.Errorf("got %v, want no space for new rows", err)
	}

	// A read-only server refuses all writes. The full one refuses only those that find no space, and says so.
	second.run("SET GLOBAL read_only = 1")
	for range 2 * settings.Connections {
		if err := ask(s); err != nil && !isFull(err) {
			t.Errorf("an ask beside a read-only server: got %v, want no space", err)
		}
		if _, err := s.Recoveries().CountGuess(ctx, before.ID, now); err != nil && !isFull(err) {
			t.Errorf("a guess beside a read-only server: got %v, want no space", err)
		}
	}
}
