package recovery

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"time"

	"aikagi/backend/secret"
)

// Grant is the token that [Service.Redeem] gives to the browser. It can do one thing: set the new password of the recovery's
// member while the member's password version is that of the redemption. The browser holds it in a cookie, and the database
// holds its hash. It prints as "[secret]".
type Grant struct{ secret.Value[string] }

// NewGrant wraps the token that a browser sends. An empty token is no grant.
func NewGrant(token string) Grant { return Grant{secret.New(token)} }

func generateGrant() Grant { return NewGrant(rand.Text()) }

func (g Grant) hash() string {
	sum := sha256.Sum256([]byte(g.Reveal()))
	return hex.EncodeToString(sum[:])
}

// belongsTo reports whether the recovery opened the grant and the grant has not expired. It does not check the member's password
// version: see grantedMember.
func (g Grant) belongsTo(r Recovery, now time.Time) bool {
	return g.Reveal() != "" && r.GrantHash != "" && now.Before(r.GrantExpiresAt) &&
		subtle.ConstantTimeCompare([]byte(g.hash()), []byte(r.GrantHash)) == 1
}

// OpenedGrant is what the recovery's row keeps of a grant.
type OpenedGrant struct {
	Hash            string // SHA-256 of the grant
	PasswordVersion int64  // the member's
	// IssuanceID and KeyName name the temporary password that opened the grant.
	IssuanceID, KeyName string
	ExpiresAt           time.Time
}
