package recovery

import (
	"time"

	"aikagi/backend/member"
)

// Language is the language of a letter.
type Language string

// The languages.
const (
	Japanese Language = "ja"
	English  Language = "en"
)

// LetterKind is the kind of a letter. All kinds except [TemporaryPasswordLetter] are notices.
type LetterKind string

// The kinds of letter. Every letter except [FormerAddressNotice] goes to the member's present basic mail address.
const (
	// TemporaryPasswordLetter carries a temporary password.
	TemporaryPasswordLetter LetterKind = "temporary_password"
	// PasswordChangedNotice announces a new member support password.
	PasswordChangedNotice LetterKind = "password_changed"
	// NewAddressNotice announces a new basic mail address, at that address.
	NewAddressNotice LetterKind = "new_address"
	// FormerAddressNotice announces a new basic mail address, at the former one.
	FormerAddressNotice LetterKind = "former_address"
	// PasswordVoidedNotice says that the operator has voided the password after a breach. Its only link is the service's
	// public address.
	PasswordVoidedNotice LetterKind = "password_voided"
)

// LetterKinds returns all kinds.
func LetterKinds() []LetterKind {
	return []LetterKind{TemporaryPasswordLetter, PasswordChangedNotice, NewAddressNotice, FormerAddressNotice, PasswordVoidedNotice}
}

// DueLetter is a letter that is to be sent. It holds no text and no secret: package mail writes the letter when it sends it.
type DueLetter struct {
	ID       string // chosen before the first try, so that a repeated transaction makes one letter
	Kind     LetterKind
	MemberID member.ID
	Language Language
	DueAt    time.Time
	// CreatedAt counts for the limits on repeated letters.
	CreatedAt time.Time
	// PasswordVersion is the version that a notice announces.
	PasswordVersion int64
	// FormerAddress is the recipient of a FormerAddressNotice. It is deleted when that letter ends.
	FormerAddress member.MailAddress

	// IssuanceID and the fields after it are set for a TemporaryPasswordLetter only.
	IssuanceID string
	RecoveryID ID     // the letter's own recovery, to which it links
	AskID      ID     // the recovery that it answers
	Receipt    string // of the recovery that it answers
	Remail     bool   // the temporary password was mailed, or was due to be mailed, before
}
