package recovery

import (
	"time"

	"aikagi/backend/member"
)

// LetterKind says what a letter tells.
type LetterKind string

// The kinds of letter.
const (
	// TemporaryPasswordLetter carries a temporary password.
	TemporaryPasswordLetter LetterKind = "temporary_password"
	// PasswordChangedNotice tells that the member support password was changed.
	PasswordChangedNotice LetterKind = "password_changed"
	// NewAddressNotice tells of a new basic mail address, there.
	NewAddressNotice LetterKind = "new_address"
	// FormerAddressNotice tells of a new basic mail address at the former one. No other letter goes anywhere but to
	// the present address.
	FormerAddressNotice LetterKind = "former_address"
	// PasswordVoidedNotice tells that the operator has voided the password after a breach. It has no link but the public
	// address.
	PasswordVoidedNotice LetterKind = "password_voided"
)

// LetterKinds are all kinds.
func LetterKinds() []LetterKind {
	return []LetterKind{TemporaryPasswordLetter, PasswordChangedNotice, NewAddressNotice, FormerAddressNotice, PasswordVoidedNotice}
}

// DueLetter is a letter that a deed makes due. How it is written and delivered is decided by package mail.
type DueLetter struct {
	ID       string // chosen before the first try, so that a retried transaction makes one letter
	Kind     LetterKind
	MemberID member.ID
	Language Language
	DueAt    time.Time
	// CreatedAt counts for the limits on re-mails.
	CreatedAt time.Time
	// PasswordVersion is the one that a notice announces.
	PasswordVersion int64
	// FormerAddress is where a FormerAddressNotice goes. It is kept until that letter has ended, and no longer.
	FormerAddress member.MailAddress

	// Of a temporary-password letter only:

	IssuanceID string
	RecoveryID ID     // the letter's own, that it links to
	AskID      ID     // the ask that it answers
	Receipt    string // the ask's
	Remail     bool   // the temporary password was mailed, or was due to be, before
}
