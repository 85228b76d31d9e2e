package cli

import (
	_ "embed"
	"fmt"
	"runtime/debug"

	"aikagi/backend/config"
	"aikagi/backend/recovery"
)

// version and commit are set by the build (-ldflags "-X aikagi/backend/cli.version=…"). Without commit, the revision is what Go
// has written into the program, which a build with -buildvcs=false has not.
var (
	version = "dev"
	commit  = ""
)

// licenses are those of everything that the program holds; npm run licenses writes the file.
//
//go:embed licenses.txt
var licenses string

type versionCommand struct {
	JSON     bool `name:"json" xor:"form" help:"One JSON object instead of text."`
	Licenses bool `name:"licenses" xor:"form" help:"Print the licences of everything that the program holds."`
}

// Run prints the version and what the program was built with, or the licences.
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

type settingsCommand struct {
	TOML bool `name:"toml" help:"Print an example of a TOML file instead, with every setting commented out."`
}

// Run prints the reference, or the example.
func (c settingsCommand) Run(p *program) error {
	text := config.Reference()
	if c.TOML {
		text = config.Example()
	}
	_, err := fmt.Fprint(p.stdout, text)
	return err
}

type keysNewCommand struct {
	Name string `help:"The key's name: 1 to 32 of a-z 0-9 -. By default the date." placeholder:"NAME"`
}

// Run prints one line, so that it can be added to a secret's file as it is.
func (c keysNewCommand) Run(p *program) error {
	name := c.Name
	if name == "" {
		name = p.now().Format("k-20060102-150405")
	}
	if !config.IsKeyName(name) {
		return fmt.Errorf("%w: --name %s: right would be %s", errUsage, name, config.KeyName)
	}
	key, err := recovery.GenerateKey(name)
	if err != nil {
		return fmt.Errorf("keys new: %w", err)
	}
	_, err = fmt.Fprintln(p.stdout, key.Reveal())
	return err
}
