package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
)

// Token is the secret that a signed-in browser presents: 26 random characters, 130 bits (ASVS 7.2.3 asks for
// 128). No backend ever holds it: only its hash. It does not print: the text lies behind a pointer, because fmt calls no
// method of a value in another's unexported field.
type Token struct{ text *string }

// tokenLength is what rand.Text gives. Any other text is nobody's token, and no backend is asked about it.
const tokenLength = 26

// NewToken takes what a browser presents, whatever it is.
func NewToken(text string) Token { return Token{&text} }

func generateToken() Token { return NewToken(rand.Text()) }

// Reveal gives the text, for the cookie alone.
func (t Token) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

const redacted = "[secret]"

// String redacts.
func (Token) String() string { return redacted }

// GoString redacts %#v.
func (Token) GoString() string { return redacted }

// LogValue redacts in slog.
func (Token) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText redacts in JSON and in every other text encoding.
func (Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// key is where the session lies: who reads the backend learns no token from it. False when the text can be no
// token.
func (t Token) key() (string, bool) {
	if len(t.Reveal()) != tokenLength {
		return "", false
	}
	sum := sha256.Sum256([]byte(t.Reveal()))
	return hex.EncodeToString(sum[:]), true
}
