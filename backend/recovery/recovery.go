// Package recovery lets a member who has lost the member support password set a new one without help. It holds the five steps:
//
//  1. A sign-in fails, and the browser offers the recovery. Signing in is package login.
//  2. The browser sends a login ID and a basic mail address. [Service.Request] stores them as a [Recovery] and looks up no
//     member. Afterwards the [Resolver], a worker, compares the request with the members. If both values belong to one
//     active member, it makes a [DueLetter] within the limits, and an [Issuance] if the member has no live temporary password.
//     If not, the recovery stays a decoy. A recovery that waits for the resolver is an unresolved ask. [Service.AskAgain]
//     makes a recovery an unresolved ask again.
//  3. The Postman of package mail sends the letter. It carries the [TemporaryPassword], which is derived from the issuance by
//     a key of the [Ring] and is stored nowhere, and a link to a recovery of its own.
//  4. The member types the temporary password. [Service.Redeem] uses up the issuance and opens a [Grant], which the browser
//     holds in a cookie.
//  5. The member chooses a new password. [Service.Reset] sets it with the grant and makes a notice due, which tells the
//     member of the change.
//
// [Service.Look] returns the state of a recovery at any time. A member who did not make the change answers the notice:
// [Service.Disavow] checks the notice's [DisavowalToken] and makes the announced password void.
//
// Two rules protect the members. Whoever asks learns nothing about a member from the time that the answer takes, because
// Request is one INSERT whatever login ID it gets. And a recovery shows only its own row and what its own browser did: a decoy
// looks like a recovery that matched, and each call on it costs the same.
//
// A [Store] gives access to the database. Two kinds of atomic change are used: one guarded UPDATE, whose WHERE clause checks
// the condition of the change and whose method returns whether it changed the row, and one transaction, which can be repeated
// from its start. Raising a member's password version ends every issuance, grant and session of an older version.
package recovery

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"

	"aikagi/backend/member"
)

// Origin says who opened a recovery.
type Origin string

// The origins.
const (
	// FromAsk is the origin of a recovery that a browser asked for.
	FromAsk Origin = "ask"
	// FromLetter is the origin of a recovery that a letter links to. Only the reader of the letter learns its ID, so a
	// stranger who asks in the member's name can neither watch it nor use up its guesses.
	FromLetter Origin = "letter"
)

// Recovery is one pass through the five steps.
type Recovery struct {
	ID             ID
	Receipt        string // 8 digits for the help desk; may repeat over time
	LoginID        member.LoginID
	MailAddressMAC string // of the typed address, which is not stored
	Language       Language
	Client         string // the client address that made the request, shown to operators
	Origin         Origin
	AskedAt        time.Time
	LetterAskedAt  time.Time // the latest time at which this recovery asked for the mail
	GoneAt         time.Time // from then on the recovery is not found, even while its row exists
	Guesses        int       // wrong temporary passwords so far

	// MemberID, IssuanceID and KeyName name the temporary password that this recovery accepts. In a decoy the first two are
	// random, so that a wrong guess costs the same as in any other recovery.
	MemberID   member.ID
	IssuanceID string
	KeyName    string
	Outcome    Outcome
	// SetAside counts how often the resolver put off this ask because it could not lock or write a row that the ask needs.
	SetAside int

	GrantHash      string // SHA-256 of the grant; empty before redeeming
	GrantVersion   int64  // the member's password version when the grant was opened
	GrantExpiresAt time.Time
	GrantTries     int
	// GrantIssuanceID and GrantKeyName name the temporary password that opened the grant. IssuanceID and KeyName may name a
	// newer one if the member has asked for the mail again since.
	GrantIssuanceID string
	GrantKeyName    string
	RedeemedAt      *time.Time
	CompletedAt     *time.Time
}

// newDecoy returns a recovery that accepts only a random temporary password, which nobody has. Every request is stored as one.
// If it matches a member, the resolver makes it accept the member's temporary password. A letter's own recovery begins as a
// decoy too.
func newDecoy(loginID member.LoginID, keyName string, now time.Time) Recovery {
	return Recovery{
		ID:         ID(rand.Text()),
		Receipt:    newReceipt(),
		LoginID:    loginID,
		Origin:     FromAsk,
		AskedAt:    now,
		GoneAt:     now.Add(Lifetime),
		MemberID:   member.ID(randomBelow(1 << 40)),
		IssuanceID: rand.Text(),
		KeyName:    keyName,
	}
}

// currentIssuance returns the issuance that the row names now. The issuance of a decoy does not exist.
func (r Recovery) currentIssuance() Issuance {
	return Issuance{ID: r.IssuanceID, MemberID: r.MemberID, KeyName: r.KeyName}
}

// addressKey returns the name of the key that made the MAC of the typed address.
func (r Recovery) addressKey() string {
	name, _, _ := strings.Cut(r.MailAddressMAC, ":")
	return name
}

func newReceipt() string {
	return fmt.Sprintf("%08d", randomBelow(100_000_000))
}

// randomBelow panics without randomness: a predictable number would be worse (CVE-2025-66630).
func randomBelow(bound int64) int64 {
	n, err := rand.Int(rand.Reader, big.NewInt(bound))
	if err != nil {
		panic(err)
	}
	return n.Int64()
}
