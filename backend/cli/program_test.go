package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// runIn runs a command with these settings and returns its exit code and its output.
func runIn(t *testing.T, environ []string, args ...string) (code int, printed string) {
	t.Helper()
	return runWith(t, noDNS{}, environ, args...)
}

// runWith is runIn with a resolver.
func runWith(t *testing.T, resolver txtResolver, environ []string, args ...string) (code int, printed string) {
	t.Helper()
	var out bytes.Buffer
	p := &program{
		ctx: t.Context(), app: noApp, resolver: resolver, stdout: &out, stderr: &out, environ: environ,
		now: func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) },
	}
	return run(p, args), out.String()
}

// program returns a program with the site's settings, and the buffer that it prints to.
func (s *site) program() (*program, *bytes.Buffer) {
	out := new(bytes.Buffer)
	return &program{
		ctx: s.t.Context(), app: noApp, resolver: noDNS{}, stdout: out, stderr: out, environ: slices.Clone(s.environ), now: s.now,
	}, out
}

func TestHelpAndVersionCanBeAskedForAsCommandsAndAsFlags(t *testing.T) {
	for _, same := range [][2]string{
		{"help", "--help"}, {"help breach", "breach --help"}, {"help breach begin", "breach begin --help"}, {"--version", "version"},
	} {
		code, got := runIn(t, nil, strings.Fields(same[0])...)
		if wantCode, want := runIn(t, nil, strings.Fields(same[1])...); code != exitDone || code != wantCode || got != want {
			t.Errorf("aikagi %s: got %d\n%s\nwant what aikagi %s prints", same[0], code, got, same[1])
		}
	}
}
