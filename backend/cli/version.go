package cli

import (
	_ "embed"
	"fmt"
	"runtime/debug"
)

// The build sets version and commit (-ldflags "-X aikagi/backend/cli.version=…"). If commit is empty, revision returns the
// commit that go build stores, which is missing after a build with -buildvcs=false.
var (
	version = "dev"
	commit  = ""
)

// licenses are the licences of everything that the program contains. npm run licenses writes the file.
//
//go:embed licenses.txt
var licenses string

type versionCommand struct {
	JSON     bool `name:"json" xor:"form" help:"One JSON object instead of text."`
	Licenses bool `name:"licenses" xor:"form" help:"Print the licences of everything that the program contains."`
}

// Run prints the version and the version of Go, or the licences.
func (c versionCommand) Run(p *program) error {
	if c.Licenses {
		_, err := fmt.Fprint(p.stdout, licenses)
		return err
	}
	built := "unknown Go"
	if info, ok := debug.ReadBuildInfo(); ok {
		built = info.GoVersion
	}
	if c.JSON {
		return p.printJSON(struct {
			Version string `json:"version"`
			Go      string `json:"go"`
		}{version, built})
	}
	_, err := fmt.Fprintf(p.stdout, "aikagi %s (%s)\n", version, built)
	return err
}
