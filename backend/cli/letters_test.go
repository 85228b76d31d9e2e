package cli

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// failedAt is when the letters of these tests failed.
var failedAt = time.Date(2026, 11, 26, 15, 0, 0, 0, time.UTC) // 2026-11-27 00:00 in Japan

// failedLetters is a database with members who each have a failed notice.
type failedLetters struct {
	t     *testing.T
	file  string
	store *store.Store
	ids   []string
}

func newFailedLetters(t *testing.T, letters int) *failedLetters {
	t.Helper()
	o := &failedLetters{t: t, file: filepath.Join(t.TempDir(), "aikagi.db")}
	o.store = testkit.Open(t, store.Settings{Dialect: store.SQLite, Path: o.file})
	for n := range letters {
		id := member.LoginID(fmt.Sprintf("member%d", n))
		m := member.Member{
			LoginID: id, MailAddress: member.MailAddress(id) + "@xxx.mm-m.ne.jp", Status: member.Active, PasswordVersion: 1, CreatedAt: failedAt,
		}
		if err := o.store.Members().AddMembers(t.Context(), []member.Member{m}); err != nil {
			t.Fatal(err)
		}
		found, err := o.store.Members().MembersNamed(t.Context(), []member.LoginID{id})
		if err != nil || len(found) != 1 {
			t.Fatal(len(found), err)
		}
		o.fail(recovery.NoticeOfChange(found[0], 1, recovery.Japanese, failedAt))
	}
	return o
}

func (o *failedLetters) fail(l recovery.DueLetter) {
	o.t.Helper()
	ctx, letters := o.t.Context(), o.store.Letters()
	if err := o.store.Recoveries().AddLetter(ctx, l); err != nil {
		o.t.Fatal(err)
	}
	if claimed, err := letters.ClaimDue(ctx, "mine", failedAt, failedAt.Add(time.Second), 10); err != nil || len(claimed) != 1 {
		o.t.Fatal(len(claimed), err)
	}
	if err := letters.Finish(ctx, "mine", []string{l.ID}, mail.Failed, "550 5.1.1", failedAt); err != nil {
		o.t.Fatal(err)
	}
	o.ids = append(o.ids, l.ID)
}

// run runs a command a day after the letters failed.
func (o *failedLetters) run(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(&program{
		ctx: o.t.Context(), app: noApp, stdout: &out, stderr: &errs, environ: []string{"AIKAGI_DATABASE=sqlite:" + o.file},
		now: func() time.Time { return failedAt.Add(24 * time.Hour) },
	}, args)
	return code, out.String(), errs.String()
}

func (o *failedLetters) wantWaiting(ids ...string) {
	o.t.Helper()
	waiting, err := o.store.Members().LettersIn(o.t.Context(), mail.Waiting, 1000)
	if err != nil || len(waiting) != len(ids) {
		o.t.Fatalf("%d letters wait, %v; want %d", len(waiting), err, len(ids))
	}
	for _, kept := range waiting {
		if !strings.Contains(strings.Join(ids, " "), kept.ID) {
			o.t.Errorf("%s waits, want only %v", kept.ID, ids)
		}
	}
}

func TestNamedLettersAreRetried(t *testing.T) {
	o := newFailedLetters(t, 3)
	code, out, _ := o.run("letters", "retry", o.ids[0], o.ids[2])
	if code != exitDone || !strings.Contains(out, o.ids[0]) || !strings.Contains(out, o.ids[2]) {
		t.Errorf("exit %d: %s", code, out)
	}
	o.wantWaiting(o.ids[0], o.ids[2])
	code, out, errs := o.run("letters", "retry", o.ids[0], "NOTHING", o.ids[1])
	if code != exitFailed || !strings.Contains(errs, o.ids[0]) || !strings.Contains(errs, "NOTHING") || !strings.Contains(out, o.ids[1]) {
		t.Errorf("exit %d: %s%s; want the two that cannot be retried named and the third retried", code, out, errs)
	}
	o.wantWaiting(o.ids...)
}

func TestAllLettersThatFailedSinceAreRetried(t *testing.T) {
	for since, all := range map[string]bool{
		"2026-11-27": true, "2026-11-28": false, "2026-11-27T00:00:00+09:00": true, "2026-11-26T15:00:00Z": true,
		"2026-11-26T15:00:01Z": false, "2026-11-26T23:59:59.5+09:00": true,
	} {
		t.Run(since, func(t *testing.T) {
			o := newFailedLetters(t, 3)
			code, out, errs := o.run("letters", "retry", "--state", "failed", "--since", since)
			want := "0 letters"
			if all {
				want = "3 letters"
				o.wantWaiting(o.ids...)
			} else {
				o.wantWaiting()
			}
			if code != exitDone || !strings.Contains(out, want) {
				t.Errorf("exit %d: %s%s; want %s", code, out, errs, want)
			}
		})
	}
}

func TestWrongArgumentsOfRetryChangeNothingAndAreExplained(t *testing.T) {
	o := newFailedLetters(t, 1)
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "--state failed --since TIME"},
		{[]string{o.ids[0], "--state", "failed", "--since", "2026-11-27"}, "not both"},
		{[]string{o.ids[0], "--since", "2026-11-27"}, "not both"},
		{[]string{"--state", "failed"}, "--since"},
		{[]string{"--since", "2026-11-27"}, "--state failed"},
		{[]string{"--state", "waiting", "--since", "2026-11-27"}, "only failed"},
		{[]string{"--state", "all", "--since", "2026-11-27"}, "only failed"},
		{[]string{"--state", "failed", "--since", "yesterday"}, "2026-11-27T09:30:00+09:00"},
		{[]string{"--state", "failed", "--since", "2026-11-31"}, "2026-11-27"},
		{[]string{"--state", "failed", "--since", "2026-11-27T00:00:00"}, "2026-11-27T09:30:00+09:00"},
	} {
		code, out, errs := o.run(append([]string{"letters", "retry"}, c.args...)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, c.says) {
			t.Errorf("%v: exit %d, %s%s; want exit 2 and %q", c.args, code, out, errs, c.says)
		}
	}
	o.wantWaiting()
}

func TestLettersAreListedByStateAndMember(t *testing.T) {
	o := newFailedLetters(t, 2)
	if code, _, _ := o.run("letters", "retry", o.ids[1]); code != exitDone {
		t.Fatalf("retry: exit %d", code)
	}
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{nil, exitDone, o.ids[:1]},
		{[]string{"--limit", "0"}, exitUsage, nil},
		{[]string{"--state", "waiting"}, exitDone, o.ids[1:]},
		{[]string{"--state", "all"}, exitDone, o.ids},
		{[]string{"--member", "member1"}, exitDone, o.ids[1:]},
		{[]string{"--member", "MEMBER1@wakwak.com", "--state", "failed"}, exitDone, nil},
		{[]string{"--member", "nobody"}, exitFailed, nil},
		{[]string{"--member", "no body"}, exitUsage, nil},
		{[]string{"--state", "lost"}, exitUsage, nil},
	} {
		code, out, errs := o.run(append([]string{"letters"}, c.args...)...)
		if code != c.code || strings.Count(out, "letter ") != len(c.want) || strings.Contains(out, "@") {
			t.Errorf("%v: exit %d, %s%s; want exit %d and %d letters", c.args, code, out, errs, c.code, len(c.want))
		}
		for _, id := range c.want {
			if !strings.Contains(out, id) {
				t.Errorf("%v: %s lacks %s", c.args, out, id)
			}
		}
	}
}

func TestAListOfLettersSaysHowManyThereAre(t *testing.T) {
	o := newFailedLetters(t, 4)
	const more = "the newest 2 of 4; --limit NUMBER shows more\n"
	for limit, want := range map[string]string{"2": more, "4": "", "5": ""} {
		code, out, errs := o.run("letters", "--limit", limit)
		if shown := strings.Count(out, "letter "); code != exitDone || errs != want || want != "" && shown != 2 || want == "" && shown != 4 {
			t.Errorf("--limit %s: exit %d, %s%s", limit, code, out, errs)
		}
	}
	if code, out, errs := o.run("letters", "--limit", "2", "--json"); code != exitDone || errs != more || !strings.Contains(out, `"total": 4,`) || !strings.Contains(out, `"total_is_exact": true`) {
		t.Errorf("JSON: exit %d, %s%s", code, out, errs)
	}
}
