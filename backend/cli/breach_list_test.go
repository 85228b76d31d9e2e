package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aikagi/backend/testkit"
)

func TestABreachWhoseListWasNotStoredNamesTheCommandThatGoesOn(t *testing.T) {
	where := testkit.SQLite(t)
	enrolMany(t, testkit.Open(t, where), 3)
	environ := []string{"AIKAGI_DATABASE=" + databaseURL(where)}
	file := filepath.Join(t.TempDir(), "ids")
	write(t, file, "m000000\nm000001\n")
	begin := []string{"breach", "begin", "--ids", file, "--yes", "2"}
	const continuesIt, beginsItAgain = "aikagi breach begin --ids FILE, with the same file, continues it", "aikagi breach begin --ids FILE, with the same file, begins it again"
	cutOff := func() {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		var out bytes.Buffer
		p := &program{ctx: ctx, app: noApp, stdout: &out, stderr: &out, environ: environ, now: func() time.Time {
			if oneNumber(t, where, "SELECT COUNT(*) FROM breach_members") == 2 {
				cancel()
			}
			return time.Now().UTC().Truncate(time.Microsecond)
		}}
		if code := run(p, begin); code != exitFailed || !strings.Contains(out.String(), "write the list: cancelled; run the same command again") {
			t.Fatalf("got %d\n%s", code, out.String())
		}
	}
	wantSaid := func(code int, want string, args ...string) {
		t.Helper()
		if got, said := runIn(t, environ, args...); got != code || !strings.Contains(said, want) {
			t.Errorf("%v: got %d, want %d and %q\n%s", args, got, code, want, said)
		}
	}
	cutOff()
	wantSaid(exitDone, continuesIt, "breach", "status")
	wantSaid(exitDone, continuesIt, "breach", "pause")
	wantSaid(exitDone, continuesIt, "breach", "status")
	wantSaid(exitFailed, "with the same file", "breach", "resume")
	wantSaid(exitDone, beginsItAgain, "breach", "end")
	wantSaid(exitDone, beginsItAgain, "breach", "status")
	wantSaid(exitDone, "voided 2", begin...)
	wantSaid(exitDone, "ended", "breach", "end")
	wantSaid(exitDone, "aikagi breach resume continues with the rest", "breach", "status")
}

func TestAListWithALongLineOrWithoutMembersIsExplained(t *testing.T) {
	where := testkit.SQLite(t)
	enrolMany(t, testkit.Open(t, where), 1)
	environ := []string{"AIKAGI_DATABASE=" + databaseURL(where)}
	for want, text := range map[string]string{
		"line 2 is longer than 65536 bytes; right would be one login ID alone on the line; nothing was changed": "m000000\n" + strings.Repeat("x", 70_000) + "\n",
		"standard input names no member": "\n",
	} {
		p := &program{ctx: t.Context(), app: noApp, stdin: input{strings.NewReader(text), false}, environ: environ, now: time.Now}
		var out bytes.Buffer
		p.stdout, p.stderr = &out, &out
		if code := run(p, []string{"breach", "begin", "--ids", "-", "--yes", "2"}); code != exitFailed || !strings.Contains(out.String(), want) {
			t.Errorf("got %d, want %q\n%s", code, want, out.String())
		}
	}
}

// An operator may press ^D or ^C instead of typing the number.
func TestNoAnswerAndASignalAreExplained(t *testing.T) {
	where := testkit.SQLite(t)
	enrolMany(t, testkit.Open(t, where), 3)
	environ := []string{"AIKAGI_DATABASE=" + databaseURL(where)}
	for want, typed := range map[string]func(t *testing.T) input{
		"aikagi: no answer; nothing was changed\n": func(*testing.T) input { return input{strings.NewReader(""), true} },
		"aikagi: cancelled; nothing was changed\n": func(t *testing.T) input { return input{never{t}, true} },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var out bytes.Buffer
		p := &program{ctx: ctx, app: noApp, stdin: typed(t), stdout: &out, stderr: &out, environ: environ, now: time.Now}
		if strings.Contains(want, "cancelled") {
			p.stderr = cancelOn{&out, "Type the number", cancel}
		}
		if code := run(p, []string{"members", "void", "--all"}); code != exitFailed || !strings.Contains(out.String(), want) {
			t.Errorf("got %d, want %q\n%s", code, want, out.String())
		}
		cancel()
	}
}

func TestAWrongReasonIsNotBlamedOnTheUsersName(t *testing.T) {
	code, said := runIn(t, os.Environ(), "members", "suspend", "abcd", "--reason", "two\nlines")
	if code != exitUsage || !strings.Contains(said, "the reason has characters that cannot be printed") || strings.Contains(said, "system's user") {
		t.Errorf("got %d\n%s", code, said)
	}
}
