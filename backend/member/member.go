package member

import "time"

// ID is a member's number in the database.
type ID int64

// Status says whether the service serves the member.
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

	// PasswordHash is a PHC or crypt string; empty when no password was ever set.
	PasswordHash string
	// VoidedAt is set while the password is unusable: only a recovery lets the member in. The hash stays,
	// so that the old password can be refused as the new one.
	VoidedAt *time.Time
	// PasswordVersion rises with every deed that ends what was made under the old password: a change, a
	// void, a suspension, a new basic mail address. Sessions, grants and issuances carry the version that
	// they were made under, and count only while it is the present one.
	PasswordVersion   int64
	PasswordChangedAt *time.Time
	CreatedAt         time.Time
}

// CanSignIn says whether the member's password opens the door at all.
func (m Member) CanSignIn() bool {
	return m.Status == Active && m.VoidedAt == nil && m.PasswordHash != ""
}
