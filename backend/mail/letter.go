// Package mail writes and delivers letters. The Postman claims what is due, checks once more that it may go,
// has the Writer write it, and hands it to a Transport. A letter holds no body, no secret and no address while it
// waits (but the former address, in the notice that goes there): all three are made at the moment of sending.
package mail

import (
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// State is where a letter stands.
type State string

// The states of a letter. Only a waiting one is ever sent.
const (
	Waiting  State = "waiting"
	Accepted State = "accepted" // the mail server took it
	Failed   State = "failed"   // refused for a day or for good, or its answer was lost three times
	Dropped  State = "dropped"  // what it tells no longer holds: never sent
)

// Ends are the states in which a letter has ended.
func Ends() []State { return []State{Accepted, Failed, Dropped} }

// Priority orders due letters: those of a lower number go first, however long the others have waited.
type Priority int

// The priorities.
const (
	TemporaryPasswords Priority = iota // members wait for these
	Notices
)

// PriorityOf is the priority of letters of a kind.
func PriorityOf(kind recovery.LetterKind) Priority {
	if kind == recovery.TemporaryPasswordLetter {
		return TemporaryPasswords
	}
	return Notices
}

// Priorities are all priorities, in their order.
func Priorities() []Priority { return []Priority{TemporaryPasswords, Notices} }

// Letter is a due letter that the Postman holds a claim on.
type Letter struct {
	ID              string
	Kind            recovery.LetterKind
	MemberID        member.ID
	Language        recovery.Language
	CreatedAt       time.Time
	DueSince        time.Time // when it became due; CreatedAt, if a try came to nothing and moved that time
	PasswordVersion int64
	FormerAddress   member.MailAddress // of a recovery.FormerAddressNotice only
	IssuanceID      string
	RecoveryID      recovery.ID
	AskID           recovery.ID
	AskedAt         time.Time // when that ask was made
	Receipt         string
	Tries           int        // tries begun, this one not counted
	BegunAt         *time.Time // when the latest of them was begun
	LostTries       int        // tries whose answer was lost after DATA: the mail server may have taken the letter
	FinalRefusals   int        // tries in which the mail server refused the recipient for good (5xx)
	// AnsweredAt is the first time that the mail server answered RCPT or DATA, nil when it never did.
	AnsweredAt *time.Time
	// GivenUp says that an operator gave the letter up while it was being sent: there is no next try.
	GivenUp bool
}

// Content is what a letter says, complete but for the operator's own words.
type Content struct {
	LetterID string
	Kind     recovery.LetterKind
	Language recovery.Language
	// To is an address from the database, never one that was typed.
	To member.MailAddress
	// At is the moment of writing, for the Date header and for the notice.
	At time.Time

	// Of a temporary-password letter only:

	TemporaryPassword recovery.TemporaryPassword
	ExpiresAt         time.Time
	RecoveryID        recovery.ID // the link to step 4 holds it, and no secret
	AskedAt           time.Time   // of the ask that the letter answers
	Receipt           string      // of that ask

	// Of a notice only:

	ChangedAt time.Time               // when what it tells of was changed
	Disavowal recovery.DisavowalToken // the link to "that was not me" holds it, in its fragment
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
}
