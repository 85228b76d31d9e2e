package recovery

import (
	"time"

	"aikagi/backend/member"
)

// Issuance is one temporary password given to one member: which key it is derived from, until when it lives,
// whether it was used. A member has at most one that lives.
type Issuance struct {
	ID              string // random, part of the derivation
	MemberID        member.ID
	KeyName         string
	PasswordVersion int64
	CreatedAt       time.Time
	FirstMailedAt   *time.Time // when a mail server first took, or may have taken, a letter with it
	ExpiresAt       *time.Time // nil until a letter is about to be handed over
	UsedAt          *time.Time
	EndedAt         *time.Time
}

// Lives says whether the issuance can still be mailed: under the member's present password version, unused,
// and not run out. One that no mail server ever took cannot have run out: nobody has it.
func (i Issuance) Lives(passwordVersion int64, now time.Time) bool {
	if i.UsedAt != nil || i.EndedAt != nil || i.PasswordVersion != passwordVersion {
		return false
	}
	return i.FirstMailedAt == nil || i.ExpiresAt == nil || now.Before(*i.ExpiresAt)
}

// ExpiryIfMailed is the expiry that a letter handed over now states: a full lifetime, or, from RenewedFor after
// the first mail on, what was stated before.
func (i Issuance) ExpiryIfMailed(now time.Time, lifetime time.Duration) time.Time {
	if i.FirstMailedAt != nil && i.ExpiresAt != nil && !now.Before(i.FirstMailedAt.Add(RenewedFor)) {
		return *i.ExpiresAt
	}
	return now.Add(lifetime)
}
