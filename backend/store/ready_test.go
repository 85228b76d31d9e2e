package store_test

import (
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func open(t *testing.T, settings store.Settings) *store.Store {
	t.Helper()
	s, err := store.Open(settings, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func TestMigratingMakesTheDatabaseReadyOnce(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := open(t, settings)
		for range 2 {
			if err := s.Ready(t.Context(), time.Now); !errors.Is(err, store.ErrNotMigrated) {
				t.Fatalf("before: got %v, want ErrNotMigrated", err)
			}
		}
		if run, err := s.Migrate(t.Context()); err != nil || len(run) == 0 {
			t.Fatalf("migrate: %v, %v", run, err)
		}
		if err := s.Ready(t.Context(), time.Now); err != nil {
			t.Errorf("after: %v", err)
		}
		m := enrol(t, s, "taro")
		if run, err := open(t, settings).Migrate(t.Context()); err != nil || len(run) != 0 {
			t.Errorf("a second time: %v, %v; want nothing run", run, err)
		}
		if found, err := s.Logins().MemberNamed(t.Context(), "taro", noID); err != nil || found.ID != m.ID {
			t.Errorf("got %+v, %v; want what was there", found, err)
		}
	})
}

func TestAClockThatDiffersIsNotReady(t *testing.T) {
	s := testkit.Open(t, testkit.MySQL(t))
	for _, apart := range []time.Duration{10 * time.Second, -10 * time.Second} {
		err := s.Ready(t.Context(), func() time.Time { return time.Now().Add(apart) })
		if err == nil || !strings.Contains(err.Error(), "clock") {
			t.Errorf("%s apart: got %v, want a fault that names the clock", apart, err)
		}
	}
}

func TestARefusedUserAndAMissingDatabaseAreNotReportedAsUnreachable(t *testing.T) {
	right := testkit.MySQL(t)
	for want, change := range map[string]func(*store.Settings){
		"the database refuses this user or this password: Error 1045": func(s *store.Settings) { s.User = "nobody-" + s.Name },
		"the server has no database of this name: Error 1049":         func(s *store.Settings) { s.Name += "_missing" },
		"the user has no right to this database: Error 1044": func(s *store.Settings) {
			*s = userWith(t, *s, "SELECT")
			s.Name = "mysql"
		},
		"the database refuses this user: Error 4151": func(s *store.Settings) {
			*s = userWith(t, testkit.MySQL(t), "SELECT")
			execute(t, raw(t, right), "ALTER USER "+s.User+" ACCOUNT LOCK")
		},
	} {
		settings := right
		change(&settings)
		if err := open(t, settings).Ready(t.Context(), time.Now); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestAnErrorStatesTheCauseOnceThoughSeveralStatementsOrHostsFail(t *testing.T) {
	right := testkit.MySQL(t)
	settings := userWith(t, right, "SELECT, INSERT, UPDATE, DELETE")
	execute(t, raw(t, right), "ALTER USER "+settings.User+" ACCOUNT LOCK")
	settings.Hosts = append(settings.Hosts, settings.Hosts...)
	s := open(t, settings)
	_, claimErr := s.Letters().ClaimDue(t.Context(), "claim", now, now.Add(time.Minute), 10)
	for call, err := range map[string]error{"claim": claimErr, "release": s.ReleaseFutureRows(t.Context(), now)} {
		if err == nil || strings.Count(err.Error(), "4151") != 1 {
			t.Errorf("%s: got %v, want error 4151 once", call, err)
		}
	}
}

func TestADatabaseThatCannotBeReachedIsNotReady(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, nobody.Close())
	s := open(t, store.Settings{Dialect: store.MySQL, User: "root", Hosts: []string{nobody.Addr().String()}, Name: "aikagi", Connections: 1})
	if err := s.Ready(t.Context(), time.Now); err == nil || !strings.Contains(err.Error(), "reached") || !store.IsUnavailable(err) {
		t.Errorf("got %v, want it unreachable", err)
	}
	if _, err := s.Recoveries().Recovery(t.Context(), "X"); !store.IsUnavailable(err) {
		t.Errorf("got %v, want it unavailable", err)
	}
}

func TestTheNextHostIsTriedWhenOneIsAway(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, nobody.Close())
	settings := testkit.MySQL(t)
	settings.Hosts = append([]string{nobody.Addr().String()}, settings.Hosts...)
	enrol(t, testkit.Open(t, settings), "taro")
}

func TestWhatCannotBeADatabaseIsNotOpened(t *testing.T) {
	for what, settings := range map[string]store.Settings{
		"an unknown dialect":     {Dialect: "oracle"},
		"a folder that is not":   {Dialect: store.SQLite, Path: filepath.Join(t.TempDir(), "no such folder", "aikagi.db")},
		"an option of no driver": {Dialect: store.MySQL, Hosts: []string{"127.0.0.1:1"}, Options: map[string]string{"tls": "no such"}},
	} {
		if _, err := store.Open(settings, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s was opened", what)
		}
	}
}
