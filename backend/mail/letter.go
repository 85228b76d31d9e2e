package mail

import (
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// State is the state of a letter.
type State string

// The states of a letter. Only a waiting letter is ever sent.
const (
	Waiting  State = "waiting"
	Accepted State = "accepted" // the mail server accepted it
	Failed   State = "failed"   // refused for a day or for good, or the answer was lost three times
	Dropped  State = "dropped"  // never sent, because its content no longer holds
)

// Ends returns the states in which a letter has ended.
func Ends() []State { return []State{Accepted, Failed, Dropped} }

// Priority orders due letters: those with a lower number are sent first, however long the others have waited.
type Priority int

// The priorities.
const (
	TemporaryPasswords Priority = iota // members wait for these
	Notices
)

// PriorityOf returns the priority of letters of a kind.
func PriorityOf(kind recovery.LetterKind) Priority {
	if kind == recovery.TemporaryPasswordLetter {
		return TemporaryPasswords
	}
	return Notices
}

// Priorities returns all priorities, the first one first.
func Priorities() []Priority { return []Priority{TemporaryPasswords, Notices} }

// Letter is a due letter that the [Postman] has claimed.
type Letter struct {
	ID              string
	Kind            recovery.LetterKind
	MemberID        member.ID
	Language        recovery.Language
	CreatedAt       time.Time
	DueSince        time.Time // when it became due; CreatedAt after a failed try, which replaces the due time
	PasswordVersion int64
	FormerAddress   member.MailAddress // of a recovery.FormerAddressNotice only
	IssuanceID      string
	RecoveryID      recovery.ID
	AskID           recovery.ID
	AskedAt         time.Time // when that ask was made
	Receipt         string
	Tries           int        // tries begun so far
	BegunAt         *time.Time // when the latest try was begun
	LostTries       int        // tries whose answer was lost after DATA: the mail server may have accepted the letter
	FinalRefusals   int        // tries in which the mail server refused the recipient for good (5xx)
	// AnsweredAt is when the mail server first answered RCPT or DATA; nil if it never did.
	AnsweredAt *time.Time
}

// Content is what one letter says. The [Writer] adds the operator's words.
type Content struct {
	LetterID string
	Kind     recovery.LetterKind
	Language recovery.Language
	// To is an address from the database, never one that a visitor has typed.
	To member.MailAddress
	// At is the time of writing, for the Date header.
	At time.Time

	// Of a temporary-password letter only:

	TemporaryPassword recovery.TemporaryPassword
	ExpiresAt         time.Time
	RecoveryID        recovery.ID // the link to step 4 holds it, and no secret
	AskedAt           time.Time   // when the ask was made that the letter answers
	Receipt           string      // of that ask

	// Of a notice only:

	ChangedAt time.Time               // the time of the change that the notice announces
	Disavowal recovery.DisavowalToken // for the link to the page "that was not me", in the fragment
}

// Message is a written letter, ready for a Transport.
type Message struct {
	// ID is the Message-ID without brackets, the same at every try.
	ID      string
	To      member.MailAddress
	Subject string
	Text    string
	HTML    string
	Date    time.Time
	// Priority orders the messages that wait for a connection.
	Priority Priority
}
