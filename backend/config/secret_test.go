package config_test

import (
	"testing"

	"aikagi/backend/config"
	"aikagi/backend/secret"
	"aikagi/backend/testkit"
)

// Secrets in the log, through the values that hold them: traQ (CVE-2025-57813) and Coder (CVE-2025-66411).
func TestNoSecretSettingPrints(t *testing.T) {
	const text = "a secret that stays one"
	for name, check := range map[string]func(t *testing.T){
		"a key": func(t *testing.T) {
			testkit.WantUnprintable(t, config.Key{Name: "one", Secret: secret.New([]byte(text))}, text)
		},
		"settings": func(t *testing.T) {
			testkit.WantUnprintable(t, config.Settings{Demo: true, Database: config.Database{Password: secret.New(text)}}, text)
		},
	} {
		t.Run(name, check)
	}
}
