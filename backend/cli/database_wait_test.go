package cli

import (
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/fleet"
)

// gated returns the settings of the same database behind a gate, which the test can shut.
func gated(t *testing.T, where store.Settings) (store.Settings, *fleet.Gate) {
	t.Helper()
	_, port, err := net.SplitHostPort(where.Hosts[0])
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	gate, err := fleet.NewGate(number)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gate.Shut)
	where.Hosts = []string{net.JoinHostPort("127.0.0.1", strconv.Itoa(gate.Port))}
	return where, gate
}

func TestAServerStartsWhileTheDatabaseIsAwayAndServesWhenItComes(t *testing.T) {
	where, gate := gated(t, testkit.MySQL(t))
	s := newSite(t, where)
	s.stop()
	gate.Shut()
	p := s.run()
	s.base = p.base
	for _, base := range []string{p.base, p.operations} {
		if got, _ := statusOf(t, base+"/readyz"); got != 503 {
			t.Errorf("while the database is away: got %d from readyz, want 503", got)
		}
	}
	if got, _ := statusOf(t, p.base+"/api/site"); got != 200 {
		t.Errorf("while the database is away: got %d for the site, want 200", got)
	}
	p.says(t, "not ready: the database cannot be used yet")
	s.browser().want(503, "POST", "/api/recoveries", "login_id", taro, "mail_address", taroAddress)
	p.says(t, "a dependency is missing")
	if log := p.log.String(); strings.Contains(log, "could not be") {
		t.Errorf("work was begun while the database is away:\n%s", log)
	}
	if err := gate.Open(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a server that is ready", func() bool {
		got, _ := statusOf(t, p.base+"/readyz")
		return got == 200
	})
	s.browser().ask(taro, taroAddress)
	s.letters(1)
	p.signal(t, syscall.SIGKILL)
}

// The server can sign in to this database and read it, and cannot keep a request.
func TestAServerThatStartsOnADatabaseWithoutWritesSaysThatItIsReadyOnlyWhenItIs(t *testing.T) {
	where := testkit.MySQL(t)
	s := newSite(t, where)
	s.stop()
	execIn(t, where, "RENAME TABLE recoveries TO elsewhere")
	p := s.run()
	p.says(t, "serving, not ready: the database cannot be used yet")
	if log := p.log.String(); strings.Contains(log, "msg=ready") || strings.Contains(log, `"msg":"ready"`) {
		t.Errorf("the log says ready:\n%s", log)
	}
	execIn(t, where, "RENAME TABLE elsewhere TO recoveries")
	eventually(t, "ready in the log", func() bool {
		return strings.Contains(p.log.String(), "msg=ready") || strings.Contains(p.log.String(), `"msg":"ready"`)
	})
	p.signal(t, syscall.SIGKILL)
}

func TestAServerEndsIfADatabaseThatWasAwayIsNotMigrated(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	s.stop()
	where, gate := gated(t, testkit.MySQL(t))
	setting := "AIKAGI_DATABASE=" + databaseURL(where)
	wantEnd := func(p *process) {
		t.Helper()
		if status := p.end(t); status.ExitStatus() != exitFailed || !strings.Contains(p.log.String(), "run aikagi migrate") {
			t.Errorf("the server ended with %d, want %d and what to do:\n%s", status.ExitStatus(), exitFailed, p.log.String())
		}
	}
	p := &process{log: new(lockedBuffer)}
	p.command = s.launch(p.log, setting).command
	wantEnd(p)

	gate.Shut()
	p = s.run(setting, "AIKAGI_STOP_DELAY=0")
	if err := gate.Open(); err != nil {
		t.Fatal(err)
	}
	wantEnd(p)
}
