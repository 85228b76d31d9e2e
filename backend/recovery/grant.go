package recovery

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"log/slog"
	"time"
)

// Grant is the short session that redeeming opens. It can set the new password of that one member, under the
// password version of then, and do nothing else. The database holds only its hash. It does not print: the
// token lies behind a pointer, because fmt calls no method of a value in another's unexported field.
type Grant struct{ token *string }

// NewGrant takes the token that a browser presents. An empty one opens nothing.
func NewGrant(token string) Grant { return Grant{&token} }

// OpenedGrant is what a recovery's row keeps of a grant.
type OpenedGrant struct {
	Hash            string // SHA-256 of the grant
	PasswordVersion int64  // the member's
	// IssuanceID and KeyName name the temporary password that the grant was opened with.
	IssuanceID, KeyName string
	ExpiresAt           time.Time
}

func generateGrant() Grant { return NewGrant(rand.Text()) }

// Reveal gives the token, for the cookie alone.
func (g Grant) Reveal() string {
	if g.token == nil {
		return ""
	}
	return *g.token
}

// String redacts.
func (Grant) String() string { return "[secret]" }

// GoString redacts %#v.
func (g Grant) GoString() string { return g.String() }

// LogValue redacts in slog.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// MarshalText redacts in JSON and in every other text encoding.
func (g Grant) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

func (g Grant) hash() string {
	sum := sha256.Sum256([]byte(g.Reveal()))
	return hex.EncodeToString(sum[:])
}

// heldBy says whether the grant was opened by this recovery and has not run out. Whether the member's password
// version still is the grant's is asked apart, of the member's row.
func (g Grant) heldBy(r Recovery, now time.Time) bool {
	return g.Reveal() != "" && r.GrantHash != "" && now.Before(r.GrantExpiresAt) &&
		subtle.ConstantTimeCompare([]byte(g.hash()), []byte(r.GrantHash)) == 1
}
