package password_test

import (
	"fmt"
	"testing"

	"aikagi/backend/password"
	"aikagi/backend/testkit"
)

// Secrets in the log, through the values that hold them: traQ (CVE-2025-57813) and Coder (CVE-2025-66411).
func TestNoSecretOfThePackagePrints(t *testing.T) {
	const text, key = "Old-pass99", "a key of the dummies, 32 bytes .."
	for name, check := range map[string]func(t *testing.T){
		"a password": func(t *testing.T) { testkit.WantUnprintable(t, password.NewPlain(text), text) },
		"the dummies": func(t *testing.T) {
			testkit.WantUnprintable(t, password.NewDummies([32]byte([]byte(key)), password.Params{}), key[:32])
			testkit.WantUnprintable(t, *password.NewDummies([32]byte([]byte(key)), password.Params{}), key[:32])
		},
	} {
		t.Run(name, check)
	}
	if got := fmt.Sprint(password.NewPlain(text)); got != "[secret]" {
		t.Errorf("got %s, want [secret]", got)
	}
	if got := (password.Plain{}).Reveal(); got != "" {
		t.Errorf("got %q of no password, want nothing", got)
	}
}
