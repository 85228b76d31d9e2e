// Package member has the types that describe a member. It does no I/O.
//
// A [Member] is a row of the registration. It has a [LoginID], which names the member at the sign-in, a [MailAddress], to
// which letters go, and a [Status]. An [Activity] is one thing that happened to a member, as the member page lists it.
//
// [ParseLoginID] and [ParseMailAddress] read what people type. Both use [Fold], the only normaliser of the program, so
// that all spellings of a name lead to the same row and to the same rate limit.
package member

import "time"

// ID is the primary key of a member's row.
type ID int64

// Status says whether the service is open to the member.
type Status string

// The statuses. Only an active member can sign in or recover.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Cancelled Status = "cancelled"
)

// Member is a row of the registration.
type Member struct {
	ID          ID
	LoginID     LoginID
	MailAddress MailAddress
	Status      Status

	// PasswordHash is a PHC or crypt string. It is empty when no password was ever set.
	PasswordHash string
	// VoidedAt is not nil while the password is void: then the member must recover before the next sign-in. The hash
	// stays, so that the void password can be refused as the new one.
	VoidedAt *time.Time
	// PasswordVersion rises with each change that ends older sessions, grants and issuances: a new password, a void, a
	// suspension, a new basic mail address. Each session, grant and issuance stores the version at its creation and is
	// valid only while the member still has that version.
	PasswordVersion   int64
	PasswordChangedAt *time.Time
	CreatedAt         time.Time
}

// CanSignIn reports whether a correct password signs the member in.
func (m Member) CanSignIn() bool {
	return m.Status == Active && m.VoidedAt == nil && m.PasswordHash != ""
}
