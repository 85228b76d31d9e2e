package session_test

import (
	"testing"

	"aikagi/backend/secret"
	"aikagi/backend/session"
	"aikagi/backend/testkit"
)

// Secrets in the log, through the values that hold them: traQ (CVE-2025-57813) and Coder (CVE-2025-66411).
func TestNoSecretOfThePackagePrints(t *testing.T) {
	const text, key, former = "TOKENTOKENTOKENTOKENTOKENT", "a key that marks browsers, 32 by", "a former key that still checks b"
	for name, check := range map[string]func(t *testing.T){
		"a token": func(t *testing.T) { testkit.WantUnprintable(t, session.NewToken(text), text) },
		"the devices": func(t *testing.T) {
			devices := session.NewDevices([32]byte([]byte(key)), [32]byte([]byte(former)))
			testkit.WantUnprintable(t, devices, key, former)
			testkit.WantUnprintable(t, *devices, key, former)
		},
		"the settings of Redis": func(t *testing.T) {
			settings := session.RedisSettings{Hosts: []string{"127.0.0.1:1"}, User: "aikagi", Password: secret.New(text)}
			opened := session.OpenRedis(settings)
			t.Cleanup(func() { _ = opened.Close() })
			testkit.WantUnprintable(t, settings, text)
			testkit.WantUnprintable(t, *opened, text)
		},
	} {
		t.Run(name, check)
	}
	if got := (session.Token{}).Reveal(); got != "" {
		t.Errorf("got %q of no token, want nothing", got)
	}
}
