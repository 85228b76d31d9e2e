package config_test

import (
	"testing"

	"aikagi/backend/config"
	"aikagi/backend/testkit"
)

// traQ, CVE-2025-57813, and Coder, CVE-2025-66411: secrets in the log, through what holds them.
func TestNoSecretSettingPrints(t *testing.T) {
	const text = "a secret that stays one"
	for name, check := range map[string]func(t *testing.T){
		"text":  func(t *testing.T) { testkit.WantUnprintable(t, config.NewSecret(text), text) },
		"bytes": func(t *testing.T) { testkit.WantUnprintable(t, config.NewSecret([]byte(text)), text) },
		"a key": func(t *testing.T) {
			testkit.WantUnprintable(t, config.Key{Name: "one", Secret: config.NewSecret([]byte(text))}, text)
		},
		"settings": func(t *testing.T) {
			testkit.WantUnprintable(t, config.Settings{Demo: true, Database: config.Database{Password: config.NewSecret(text)}}, text)
		},
	} {
		t.Run(name, check)
	}
	if got := (config.Secret[string]{}).Reveal(); got != "" {
		t.Errorf("got %q of no secret, want nothing", got)
	}
}
