package cli

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/testscript"
)

// noApp is a build without the pages, which these tests do not need.
var noApp = fstest.MapFS{"frontend/dist/.gitkeep": {}}

// actAsProgram is the environment variable with which the test binary runs as the program, so that tests can kill it.
const actAsProgram = "ACT_AS_AIKAGI"

func TestMain(m *testing.M) {
	if os.Getenv(actAsProgram) != "" {
		os.Exit(Run(os.Args[1:], noApp, os.Stdout, os.Stderr))
	}
	testscript.Main(m, map[string]func(){
		"aikagi": func() {
			p, release := newProgram(noApp, os.Stdout, os.Stderr)
			defer release()
			p.resolver = noDNS{}
			os.Exit(run(p, os.Args[1:]))
		},
	})
}

func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
