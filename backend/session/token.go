package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"aikagi/backend/secret"
)

// Token is the secret that a signed-in browser sends in its cookie: 26 random characters, 130 bits (ASVS 7.2.3 requires
// 128). It does not print. A backend never holds a token, only its hash.
type Token struct{ secret.Value[string] }

// tokenLength is the length of what rand.Text returns. Text of another length is no token, and no backend is asked.
const tokenLength = 26

// NewToken wraps what a browser sent, without checking it.
func NewToken(text string) Token { return Token{secret.New(text)} }

func generateToken() Token { return NewToken(rand.Text()) }

// key returns the key under which backends keep the session. It is a hash, so that somebody who can read the backend
// cannot sign in. The second result is false when the text cannot be a token.
func (t Token) key() (string, bool) {
	if len(t.Reveal()) != tokenLength {
		return "", false
	}
	sum := sha256.Sum256([]byte(t.Reveal()))
	return hex.EncodeToString(sum[:]), true
}
