package cli

import (
	"fmt"

	"aikagi/backend/config"
	"aikagi/backend/recovery"
)

type keysNewCommand struct {
	Name string `help:"The key's name: 1 to 32 of a-z 0-9 -. By default the date." placeholder:"NAME"`
}

// Run prints one line, so that an operator can append it to a file of keys.
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
