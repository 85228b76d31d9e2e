package cli

import (
	"fmt"
	"runtime/debug"

	"aikagi/backend/config"
	"aikagi/backend/recovery"
)

// version is set by the build (-ldflags "-X aikagi/backend/cli.version=…").
var version = "dev"

type versionCommand struct{}

// Run prints the version, and what the program was built with.
func (versionCommand) Run(p *program) error {
	built := "unknown Go"
	if info, ok := debug.ReadBuildInfo(); ok {
		built = info.GoVersion
	}
	_, err := fmt.Fprintf(p.stdout, "aikagi %s (%s)\n", version, built)
	return err
}

type settingsCommand struct{}

// Run prints the reference.
func (settingsCommand) Run(p *program) error {
	_, err := fmt.Fprint(p.stdout, config.Reference())
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
