package cli

import (
	"fmt"

	"aikagi/backend/config"
)

type settingsCommand struct {
	TOML bool `name:"toml" help:"Print an example of a TOML file instead, with every setting commented out."`
}

// Run prints the reference of the settings, or the example file.
func (c settingsCommand) Run(p *program) error {
	text := config.Reference()
	if c.TOML {
		text = config.Example()
	}
	_, err := fmt.Fprint(p.stdout, text)
	return err
}
