package secret_test

import (
	"fmt"
	"testing"

	"aikagi/backend/secret"
	"aikagi/backend/testkit"
)

type token struct{ secret.Value[string] }

// Secrets in the log, through the values that hold them: traQ (CVE-2025-57813) and Coder (CVE-2025-66411).
func TestASecretPrintsNowhere(t *testing.T) {
	const text = "a secret that stays one"
	for name, check := range map[string]func(t *testing.T){
		"text":     func(t *testing.T) { testkit.WantUnprintable(t, secret.New(text), text) },
		"bytes":    func(t *testing.T) { testkit.WantUnprintable(t, secret.New([]byte(text)), text) },
		"embedded": func(t *testing.T) { testkit.WantUnprintable(t, token{secret.New(text)}, text) },
	} {
		t.Run(name, check)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, token{secret.New(text)}); got != "[secret]" {
			t.Errorf("%s: got %s, want [secret]", verb, got)
		}
	}
}

func TestRevealReturnsTheSecretAndOfNoSecretTheZeroValue(t *testing.T) {
	if got := secret.New("text").Reveal(); got != "text" {
		t.Errorf("got %q, want text", got)
	}
	if got := (secret.Value[string]{}).Reveal(); got != "" {
		t.Errorf("got %q, want the zero value", got)
	}
}
