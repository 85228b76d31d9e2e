// Package password holds the rules for the member support password, and hashing: Argon2id in two bounded
// lanes, the hashes of other systems, and the dummy that an unknown login ID is checked against.
package password

import "log/slog"

// Plain is a member support password in clear. It does not print: only Reveal gives the text. The text lies behind a
// pointer, because fmt calls no method of a value in another's unexported field; it prints an address then.
type Plain struct{ text *string }

// NewPlain takes a password exactly as received: never cut, trimmed or folded (ASVS 6.2.8).
func NewPlain(text string) Plain { return Plain{&text} }

// Reveal gives the text. Each call is a place to look at in review.
func (p Plain) Reveal() string {
	if p.text == nil {
		return ""
	}
	return *p.text
}

const redacted = "[secret]"

// String redacts.
func (Plain) String() string { return redacted }

// GoString redacts %#v.
func (Plain) GoString() string { return redacted }

// LogValue redacts in slog.
func (Plain) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText redacts in JSON and in every other text encoding.
func (Plain) MarshalText() ([]byte, error) { return []byte(redacted), nil }
