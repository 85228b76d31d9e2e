package recovery

import (
	"time"

	"aikagi/backend/member"
)

// Issuance is one temporary password that was given to one member. The password itself is derived from it: see
// [Ring.TemporaryPassword]. A member has at most one issuance that is neither used nor ended.
type Issuance struct {
	ID              string // random, an input of the derivation
	MemberID        member.ID
	KeyName         string // the key of the derivation
	PasswordVersion int64  // the member's when the issuance was made
	CreatedAt       time.Time
	FirstMailedAt   *time.Time // when a mail server first took, or may have taken, a letter with it
	ExpiresAt       *time.Time // nil until a letter is about to be sent
	UsedAt          *time.Time
	EndedAt         *time.Time
}

// Lives reports whether the issuance can be mailed: it has the member's present password version, is unused and has not
// expired. An issuance that no mail server ever took does not expire, because nobody has its password.
func (i Issuance) Lives(passwordVersion int64, now time.Time) bool {
	if i.UsedAt != nil || i.EndedAt != nil || i.PasswordVersion != passwordVersion {
		return false
	}
	return i.FirstMailedAt == nil || i.ExpiresAt == nil || now.Before(*i.ExpiresAt)
}

// ExpiryIfMailed returns the expiry that a letter sent now states: a full lifetime within the [RenewalPeriod], and after it
// the expiry that was stated before.
func (i Issuance) ExpiryIfMailed(now time.Time, lifetime time.Duration) time.Time {
	if i.FirstMailedAt != nil && i.ExpiresAt != nil && !now.Before(i.FirstMailedAt.Add(RenewalPeriod)) {
		return *i.ExpiresAt
	}
	return now.Add(lifetime)
}
