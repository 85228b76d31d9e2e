package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// onWrite is a buffer that calls a function with each text that is written.
type onWrite struct {
	*bytes.Buffer
	call func(text string)
}

func (w onWrite) Write(text []byte) (int, error) {
	w.call(string(text))
	return w.Buffer.Write(text)
}

// writeMembers writes a members file with many lines. The members are m000000, m000001 and so on.
func writeMembers(t *testing.T, many int, line func(i int) string) string {
	t.Helper()
	var text strings.Builder
	text.WriteString(header)
	for i := range many {
		text.WriteString(line(i) + "\n")
	}
	path := filepath.Join(t.TempDir(), "members.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An operator stops the import. The next run does the rest and changes no member a second time.
func TestAnImportThatUpdatesCanBeCutOffAndRunAgain(t *testing.T) {
	t.Parallel()
	testkit.OnBoth(t, func(t *testing.T, where store.Settings) {
		s := testkit.Open(t, where)
		enrolMany(t, s, 3000)
		path := writeMembers(t, 4000, func(i int) string { return fmt.Sprintf("m%06d,n%d@xxx.mm-m.ne.jp,,active", i, i) })
		environ := []string{"AIKAGI_DATABASE=" + databaseURL(where)}
		ctx, cancel := context.WithCancel(t.Context())
		var out bytes.Buffer
		step := time.Duration(0) // after the question each reading of the clock is 10 s later, so that all progress is printed
		ahead := time.Duration(0)
		stderr := onWrite{&out, func(text string) {
			if strings.Contains(text, "Type the number") {
				step = 10 * time.Second
			}
			if strings.Contains(text, "written 2000 of 4000 lines") {
				cancel()
			}
		}}
		p := &program{ctx: ctx, app: noApp, stdin: input{strings.NewReader("3000\n"), true}, stdout: &out, stderr: stderr, environ: environ, now: func() time.Time {
			ahead += step
			return time.Now().Add(ahead).UTC().Truncate(time.Microsecond)
		}}
		if code := run(p, []string{"members", "import", "--update", path}); code != exitFailed ||
			!strings.Contains(out.String(), "after 0 members added and 1000 members changed") || !strings.Contains(out.String(), "run it again to go on") {
			t.Fatalf("cut off: got %d\n%s", code, out.String())
		}
		code, printed := runIn(t, environ, "members", "import", "--update", path, "--yes", "2000", "--as-of", "2020-01-01")
		if code != exitDone || !strings.Contains(printed, "imported: 1000 added, 1000 there already, 2000 changed, 0 held back") {
			t.Errorf("again: got %d\n%s", code, printed)
		}
		for query, want := range map[string]int{
			"SELECT COUNT(*) FROM members WHERE password_version = 2":                              3000,
			"SELECT COUNT(*) FROM members WHERE password_version = 1":                              1000,
			"SELECT COUNT(*) FROM members WHERE basic_mail_address LIKE 'n%'":                      4000,
			"SELECT COUNT(DISTINCT member_id) FROM activities WHERE kind = 'mail_address_changed'": 3000,
			"SELECT COUNT(*) FROM activities":                                                      3000,
			"SELECT COUNT(*) FROM letters WHERE state = 'waiting'":                                 6000,
		} {
			if got := oneNumber(t, where, query); got != want {
				t.Errorf("%s: got %d, want %d", query, got, want)
			}
		}
	})
}

// While the operator is asked, more members come to differ. The import does not change more than were allowed.
func TestAnImportChangesNoMoreThanWereAllowed(t *testing.T) {
	where := testkit.SQLite(t)
	s := testkit.Open(t, where)
	enrolMany(t, s, 3)
	path := writeMembers(t, 2, func(i int) string { return fmt.Sprintf("m%06d,m@xxx.mm-m.ne.jp,,suspended", i) })
	environ := []string{"AIKAGI_DATABASE=" + databaseURL(where)}
	execIn(t, where, "UPDATE members SET status = 'suspended' WHERE login_id = 'm000001'")
	var out bytes.Buffer
	resume := func() { execIn(t, where, "UPDATE members SET status = 'active' WHERE login_id = 'm000001'") }
	p := &program{
		ctx: t.Context(), app: noApp, stdin: input{strings.NewReader("1\n"), true}, stdout: &out, stderr: cancelOn{&out, "Type the number", resume},
		environ: environ, now: func() time.Time { return time.Now().UTC() },
	}
	if code := run(p, []string{"members", "import", "--update", path, "--as-of", "2020-01-01"}); code != exitFailed ||
		!strings.Contains(out.String(), "after 0 members added and 0 members changed: more members differ by now than were allowed to be changed; run it again") {
		t.Errorf("got %d\n%s", code, out.String())
	}
	if got := oneNumber(t, where, "SELECT COUNT(*) FROM members WHERE status = 'active'"); got != 3 {
		t.Errorf("%d are active, want 3", got)
	}
}

// A file from a machine whose clock is ahead would undo what the help desk did a moment ago.
func TestAnImportRefusesAFileWhoseTimeIsInTheFuture(t *testing.T) {
	where := testkit.SQLite(t)
	s := testkit.Open(t, where)
	enrolMany(t, s, 1)
	path := writeMembers(t, 1, func(int) string { return "m000000,m000000@xxx.mm-m.ne.jp,,active" })
	environ := []string{"AIKAGI_DATABASE=" + databaseURL(where)}
	if code, said := runIn(t, environ, "members", "suspend", "m000000"); code != exitDone {
		t.Fatalf("suspend: got %d\n%s", code, said)
	}
	ahead := time.Now().Add(10 * time.Minute)
	if err := os.Chtimes(path, ahead, ahead); err != nil {
		t.Fatal(err)
	}
	for _, mode := range [][]string{{"--check"}, {"--yes", "9"}} {
		code, said := runIn(t, environ, append([]string{"members", "import", "--update", path}, mode...)...)
		if code != exitUsage || !strings.Contains(said, path+" is in the future ("+inJapan(ahead)+")") || !strings.Contains(said, "--as-of TIME") {
			t.Errorf("%v: got %d\n%s", mode, code, said)
		}
	}
	if got := oneNumber(t, where, "SELECT COUNT(*) FROM members WHERE status = 'suspended'"); got != 1 {
		t.Error("the import undid what the command did")
	}
	if code, said := runIn(t, environ, "members", "import", "--update", path, "--yes", "9", "--as-of", "2020-01-01"); code != exitDone || !strings.Contains(said, "1 held back") {
		t.Errorf("with --as-of: got %d\n%s", code, said)
	}
}

// The clock of a file server may be ahead by as much as the database's.
func TestTheTimeOfAFileIsAtMostFiveSecondsAhead(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		ahead, want time.Duration
		isRefused   bool
	}{
		{ahead: -time.Hour, want: -time.Hour},
		{ahead: 0, want: 0},
		{ahead: 5 * time.Second, want: 0},
		{ahead: 5*time.Second + 1, isRefused: true},
	} {
		got, err := importCommand{File: "members.csv", Update: true}.asOf(&membersFile{modified: now.Add(test.ahead)}, now)
		if errors.Is(err, errUsage) != test.isRefused || err == nil && !got.Equal(now.Add(test.want)) {
			t.Errorf("%s ahead: got %s, %v; want %s, refused: %v", test.ahead, got, err, now.Add(test.want), test.isRefused)
		}
	}
}

// The import writes only what it has checked: it does not read another file of the same name, and refuses a file that was
// changed.
func TestTheFileThatWasCheckedIsTheOneThatIsWritten(t *testing.T) {
	for name, test := range map[string]struct {
		change func(path string) error
		code   int
		want   string
	}{
		"another file takes its name": {func(path string) error {
			other := path + ".new"
			if err := os.WriteFile(other, []byte(header+"m000002,m@xxx.mm-m.ne.jp,,cancelled\n"), 0o600); err != nil {
				return err
			}
			return os.Rename(other, path)
		}, exitDone, "1 changed"},
		"it is written to": {func(path string) error {
			return os.WriteFile(path, []byte(header+"m000001,m@xxx.mm-m.ne.jp,,cancelled\n"), 0o600)
		}, exitFailed, "the file was changed while it was read"},
	} {
		t.Run(name, func(t *testing.T) {
			where := testkit.SQLite(t)
			enrolMany(t, testkit.Open(t, where), 3)
			path := writeMembers(t, 1, func(int) string { return "m000000,m@xxx.mm-m.ne.jp,,suspended" })
			var out bytes.Buffer
			change := func() {
				if err := test.change(path); err != nil {
					t.Error(err)
				}
			}
			p := &program{
				ctx: t.Context(), app: noApp, stdin: input{strings.NewReader("1\n"), true}, stdout: &out, stderr: cancelOn{&out, "Type the number", change},
				environ: []string{"AIKAGI_DATABASE=" + databaseURL(where)}, now: func() time.Time { return time.Now().UTC() },
			}
			if code := run(p, []string{"members", "import", "--update", path}); code != test.code || !strings.Contains(out.String(), test.want) {
				t.Errorf("got %d\n%s", code, out.String())
			}
			if got := oneNumber(t, where, "SELECT COUNT(*) FROM members WHERE status = 'cancelled'"); got != 0 {
				t.Error("a line was written that was not checked")
			}
		})
	}
}

func TestProgressIsABarOnATerminalAndALineEveryFewSecondsElsewhere(t *testing.T) {
	var at time.Time
	look := func() time.Time { return at }
	var out strings.Builder
	g := &progress{out: &out, now: look, did: "checked", things: "lines", total: 1000, next: at.Add(reportEvery)}
	for _, step := range []struct {
		after time.Duration
		done  int64
		want  string
	}{
		{4900 * time.Millisecond, 100, ""},
		{100 * time.Millisecond, 125, "checked 125 of 1000 lines, 25 a second, 35s left\n"},
		{4 * time.Second, 300, ""},
		{time.Second, 500, "checked 500 of 1000 lines, 50 a second, 10s left\n"},
		{90 * time.Second, 1001, "checked 1000 of 1000 lines, 10 a second, 0s left\n"},
		{5 * time.Second, 0, "checked 0 of 1000 lines\n"},
	} {
		at = at.Add(step.after)
		out.Reset()
		if g.at(step.done); out.String() != step.want {
			t.Errorf("%d: got %q, want %q", step.done, out.String(), step.want)
		}
	}
	g.clear()

	bar := &progress{out: &out, terminal: true, now: look, did: "written", things: "lines", total: 96, begun: at, next: at.Add(barEvery)}
	out.Reset()
	at = at.Add(time.Second)
	bar.at(48)
	bar.clear()
	bar.clear()
	if want := "\r\x1b[K[############............] written 48 of 96 lines, 48 a second, 1s left\r\x1b[K"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
