package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"aikagi/backend/recovery"
	"aikagi/backend/secret"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/fleet"
)

// replica is a MariaDB server that belongs to one test, so that the test can change its global settings. The program's
// user has no privilege that bypasses them; root has.
type replica struct {
	*fleet.MariaDB
	t    *testing.T
	root *sql.DB
}

// startReplicas starts separate servers, each with a migrated database, and returns settings with all of them as hosts. The
// options are the first server's.
func startReplicas(t *testing.T, count int, options ...string) ([]*replica, store.Settings) {
	t.Helper()
	f, err := fleet.New()
	must(t, err)
	t.Cleanup(func() { must(t, f.Close()) })
	settings := store.Settings{
		Dialect: store.MySQL, User: "aikagi", Password: secret.New("secret"), Name: "aikagi", Connections: 4,
	}
	replicas := make([]*replica, count)
	var starting sync.WaitGroup
	for i := range replicas {
		if i > 0 {
			options = nil
		}
		server, err := f.NewMariaDB(fmt.Sprintf("mariadb%d", i+1), options...)
		must(t, err)
		root, err := sql.Open("mysql", fmt.Sprintf("root@tcp(127.0.0.1:%d)/", server.Port))
		must(t, err)
		t.Cleanup(func() { must(t, root.Close()) })
		replicas[i] = &replica{server, t, root}
		starting.Go(func() {
			if err := server.Start(); err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	for _, r := range replicas {
		r.run("CREATE DATABASE aikagi")
		r.run("CREATE USER aikagi@127.0.0.1 IDENTIFIED BY 'secret'")
		r.run("GRANT ALL ON aikagi.* TO aikagi@127.0.0.1")
		host := fmt.Sprintf("127.0.0.1:%d", r.Port)
		one := settings
		one.Hosts = []string{host}
		testkit.Open(t, one)
		settings.Hosts = append(settings.Hosts, host)
	}
	return replicas, settings
}

func (r *replica) run(statement string) {
	r.t.Helper()
	if _, err := r.root.ExecContext(r.t.Context(), statement); err != nil {
		r.t.Fatal(err)
	}
}

// recoveries counts the recoveries in the server.
func (r *replica) recoveries() (rows int) {
	r.t.Helper()
	if err := r.root.QueryRowContext(r.t.Context(), "SELECT COUNT(*) FROM aikagi.recoveries").Scan(&rows); err != nil {
		r.t.Fatal(err)
	}
	return rows
}

func (r *replica) wantRecoveries(want int) {
	r.t.Helper()
	if got := r.recoveries(); got != want {
		r.t.Errorf("%s has %d recoveries, want %d", r.Name, got, want)
	}
}

// eventually tries for far longer than a host rests.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// Both parts share one pair of servers, because starting one takes seconds.
func TestADatabaseThatTakesNoWrites(t *testing.T) {
	replicas, settings := startReplicas(t, 2)
	t.Run("is left for the next host", func(t *testing.T) { leavesReadOnlyHosts(t, replicas[0], replicas[1], settings) })
	settings.Hosts = settings.Hosts[1:]
	t.Run("is not writable", func(t *testing.T) { findsWhatKeepsAWriteFromSucceeding(t, replicas[1], settings) })
}

func leavesReadOnlyHosts(t *testing.T, first, second *replica, settings store.Settings) {
	s := open(t, settings)
	ctx := t.Context()
	ask := func() error { return s.Recoveries().AddRecovery(ctx, newAsk("taro", now)) }
	must(t, ask())
	first.wantRecoveries(1)

	// One connection is in use when the host becomes read-only, and one is idle.
	before := newAsk("taro", now)
	must(t, s.Recoveries().InTx(ctx, func(tx recovery.Store) error {
		must(t, ask())
		first.run("SET GLOBAL read_only = 1")
		return nil
	}))
	must(t, ask())
	must(t, s.Recoveries().InTx(ctx, func(tx recovery.Store) error { return tx.AddRecovery(ctx, before) }))
	must(t, s.Writable(ctx))
	must(t, s.Ready(ctx, time.Now))
	first.wantRecoveries(2)
	second.wantRecoveries(2)
	for range 2 * settings.Connections {
		if _, err := s.Recoveries().Recovery(ctx, before.ID); err != nil {
			t.Errorf("a read does not see what was written: %v", err)
		}
	}

	// Now no host takes writes. Reads still work, and the error says why writes fail.
	second.run("SET GLOBAL read_only = 1")
	var refused *mysqldriver.MySQLError
	if err := ask(); !store.IsUnavailable(err) || !errors.As(err, &refused) || refused.Number != 1290 {
		t.Errorf("got %v, want a database that is read-only, and so unavailable", err)
	}
	if err := s.Writable(ctx); !store.IsUnavailable(err) {
		t.Errorf("got %v, want no writes", err)
	}
	must(t, s.Ready(ctx, time.Now))
	// The read may go to either host: the first one is tried first again when it has rested.
	if found, err := s.Recoveries().Unresolved(ctx, 1); err != nil || len(found) != 1 {
		t.Errorf("a read: got %v, %v", found, err)
	}

	first.run("SET GLOBAL read_only = 0")
	eventually(t, "the first host takes writes again", ask)
	first.wantRecoveries(3)
	second.wantRecoveries(2)

	// New sessions of the first host are read-only by default.
	first.run("SET GLOBAL tx_read_only = 1")
	second.run("SET GLOBAL read_only = 0")
	s = open(t, settings)
	must(t, ask())
	first.wantRecoveries(3)
	second.wantRecoveries(3)
}

func findsWhatKeepsAWriteFromSucceeding(t *testing.T, server *replica, settings store.Settings) {
	s := open(t, settings)
	must(t, s.Writable(t.Context()))

	server.run("SET GLOBAL read_only = 1")
	root := settings
	root.User, root.Password = "root", secret.New("")
	must(t, open(t, root).Writable(t.Context())) // read_only does not bind root
	server.run("SET GLOBAL read_only = 0")

	backup, err := server.root.Conn(t.Context())
	must(t, err)
	_, err = backup.ExecContext(t.Context(), "FLUSH TABLES WITH READ LOCK")
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := s.Writable(ctx); !store.IsUnavailable(err) {
		t.Errorf("under a read lock: got %v, want no answer", err)
	}
	_, err = backup.ExecContext(t.Context(), "UNLOCK TABLES")
	must(t, errors.Join(err, backup.Close()))
	must(t, s.Writable(t.Context()))

	for name, rights := range map[string]string{"reader": "SELECT", "updater": "SELECT, UPDATE, DELETE", "inserter": "SELECT, INSERT, DELETE"} {
		server.run("CREATE USER " + name + "@127.0.0.1")
		server.run("GRANT " + rights + " ON aikagi.* TO " + name + "@127.0.0.1")
		limited := settings
		limited.User, limited.Password = name, secret.New("")
		s = open(t, limited)
		must(t, s.Ready(t.Context(), time.Now))
		var refused *mysqldriver.MySQLError
		if err := s.Writable(t.Context()); !errors.As(err, &refused) || refused.Number != 1142 {
			t.Errorf("%s: got %v, want a user who may not write", name, err)
		}
	}
}
