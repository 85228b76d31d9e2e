package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// Fiber made tokens that could be predicted (CVE-2025-66630).
func TestTokensHaveAtLeast128RandomBits(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		text := generateToken().Reveal()
		if len(text) != tokenLength || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
			t.Fatalf("got %q, want 26 characters of base32", text)
		}
		if seen[text] {
			t.Fatalf("%q was generated twice", text)
		}
		seen[text] = true
	}
}

func TestATokenDoesNotPrint(t *testing.T) {
	token := generateToken()
	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&printed, verb+verb, token, struct{ T Token }{token})
	}
	if err := json.NewEncoder(&printed).Encode(map[string]any{"token": token}); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewJSONHandler(&printed, nil)).Info("token", "token", token, "in", []any{token})
	if got := printed.String(); strings.Contains(got, token.Reveal()) {
		t.Errorf("the token is in %s", got)
	}
}
