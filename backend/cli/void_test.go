package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// enrolMany adds members whose password is not void.
func enrolMany(t *testing.T, s *store.Store, many int) {
	t.Helper()
	batch := make([]member.Member, many)
	for i := range batch {
		batch[i] = member.Member{
			LoginID: member.LoginID(fmt.Sprintf("m%06d", i)), MailAddress: "m@xxx.mm-m.ne.jp", Status: member.Active, PasswordHash: demoHash, PasswordVersion: 1,
		}
	}
	if err := s.Members().AddMembers(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

// An operator stops the command, or the connection ends. The next run does the rest.
func TestVoidingAllMembersCanBeCutOffAndRunAgain(t *testing.T) {
	t.Parallel()
	testkit.OnBoth(t, func(t *testing.T, where store.Settings) {
		s := testkit.Open(t, where)
		const many = 25_000
		enrolMany(t, s, many)
		environ := []string{"AIKAGI_DATABASE=" + databaseURL(where)}
		ctx, cancel := context.WithCancel(t.Context())
		var out bytes.Buffer
		p := &program{ctx: ctx, app: noApp, stdout: &out, stderr: cancelOn{&out, "voided 10000 of 25000", cancel}, environ: environ, now: func() time.Time { return time.Now().UTC() }}
		if code := run(p, []string{"members", "void", "--all", "--yes", "25000"}); code != exitFailed || !strings.Contains(out.String(), "after 10000 of 25000") ||
			!strings.Contains(out.String(), "run it again to go on") {
			t.Fatalf("cut off: got %d\n%s", code, out.String())
		}
		code, printed := runIn(t, environ, "members", "void", "--all", "--yes", "15000")
		if code != exitDone || !strings.Contains(printed, "voided 10000 of 15000 …\n") || !strings.Contains(printed, "\nvoided 15000\n") {
			t.Errorf("again: got %d\n%s", code, printed)
		}
		if left, err := s.Members().CountNotVoid(t.Context()); err != nil || left != 0 {
			t.Errorf("%d are left, %v", left, err)
		}
		for _, query := range []string{
			"SELECT COUNT(*) FROM members WHERE password_version <> 2",
			"SELECT 25000 - COUNT(*) FROM activities WHERE kind = 'voided' AND done_by = 'operator'",
			"SELECT COUNT(*) - COUNT(DISTINCT member_id) FROM activities",
		} {
			if got := oneNumber(t, where, query); got != 0 {
				t.Errorf("%s: got %d, want 0", query, got)
			}
		}
	})
}

// cancelOn is a buffer that calls a function when a text is written.
type cancelOn struct {
	*bytes.Buffer
	text   string
	cancel context.CancelFunc
}

func (c cancelOn) Write(text []byte) (int, error) {
	if strings.Contains(string(text), c.text) {
		c.cancel()
	}
	return c.Buffer.Write(text)
}

// Members are added while the command runs. It does not void more than were allowed.
func TestNoMoreMembersAreVoidedThanWereAllowed(t *testing.T) {
	t.Parallel()
	where := testkit.SQLite(t)
	s := testkit.Open(t, where)
	enrolMany(t, s, 10_000)
	var out bytes.Buffer
	late := member.Member{LoginID: "late", MailAddress: "m@xxx.mm-m.ne.jp", Status: member.Active, PasswordHash: demoHash, PasswordVersion: 1}
	add := func() {
		if err := s.Members().AddMembers(t.Context(), []member.Member{late}); err != nil {
			t.Error(err)
		}
	}
	p := &program{
		ctx: t.Context(), app: noApp, stdout: &out, stderr: cancelOn{&out, "voided 10000", add},
		environ: []string{"AIKAGI_DATABASE=" + databaseURL(where)}, now: func() time.Time { return time.Now().UTC() },
	}
	if code := run(p, []string{"members", "void", "--all", "--yes", "10000"}); code != exitFailed || !strings.Contains(out.String(), "added meanwhile are not void; run it again") {
		t.Errorf("got %d\n%s", code, out.String())
	}
	if left, err := s.Members().CountNotVoid(t.Context()); err != nil || left != 1 {
		t.Errorf("%d are left, %v; want the late one", left, err)
	}
}

// A signal ends the command while it waits for the number.
func TestASignalEndsACommandThatWaitsForTheNumber(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := cancelOn{new(bytes.Buffer), "Type the number", cancel}
	p := &program{ctx: ctx, stdin: input{never{t}, true}, stderr: asked}
	if err := p.confirm("void the passwords of", 3, nil); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("got %v", err)
	}
}

// never is a terminal on which nobody types.
type never struct{ t *testing.T }

func (n never) Read([]byte) (int, error) {
	<-n.t.Context().Done()
	return 0, n.t.Context().Err()
}
