package mail

import (
	"context"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Store is the database of the [Postman]. Each method handles a whole set with one statement, and an empty set with none.
// A method that takes a claim changes only letters that this claim still holds.
type Store interface {
	// InTx runs do in one transaction. It runs do again from its start after a transient failure, such as a deadlock.
	InTx(ctx context.Context, do func(Store) error) error

	// ClaimDue claims waiting letters that are due now. The claims expire at until. It claims letters of the first given
	// priority first, and within a priority those that have been due for longest. Without priorities it claims letters of
	// all priorities, in their order.
	ClaimDue(ctx context.Context, claim string, now, until time.Time, limit int, of ...Priority) ([]Letter, error)
	// RenewClaims renews the claims on letters that are still being sent.
	RenewClaims(ctx context.Context, claim string, ids []string, until time.Time) error
	// ReleaseClaims ends the claims on letters that are not begun, so that other servers can claim them.
	ReleaseClaims(ctx context.Context, claim string, ids []string) error

	// LockOwnRecoveries locks the recoveries that letters link to. LockIssuances locks the issuances of letters. Both
	// leave out rows that do not exist. With recovery.SkipLocked they return recovery.ErrLocked if another transaction has
	// locked a row.
	LockOwnRecoveries(ctx context.Context, ids []recovery.ID, when recovery.WhenLocked) ([]recovery.ID, error)
	LockIssuances(ctx context.Context, ids []string, when recovery.WhenLocked) ([]recovery.Issuance, error)
	// LockClaimed locks the waiting letters that the claim holds. With recovery.SkipLocked it leaves out those that another
	// transaction has locked.
	LockClaimed(ctx context.Context, claim string, ids []string, when recovery.WhenLocked) ([]Claimed, error)
	// NoticesPaused reports whether an operator has paused the notices of the kind recovery.PasswordVoidedNotice. While
	// they are paused, ClaimDue does not claim them.
	NoticesPaused(ctx context.Context) (bool, error)
	// Members reads members. It leaves out those that do not exist.
	Members(ctx context.Context, ids []member.ID) ([]member.Member, error)

	// ExtendOwnRecoveries makes the recoveries that letters link to usable until a time.
	ExtendOwnRecoveries(ctx context.Context, ids []recovery.ID, until time.Time) error
	// SetExpiries sets the expiries of issuances that are neither used nor ended. It returns how many it has set.
	SetExpiries(ctx context.Context, expiries []IssuanceTime) (int, error)
	// BeginTries counts a try of each letter. It returns how many letters it has changed.
	BeginTries(ctx context.Context, claim string, ids []string, now time.Time) (int, error)
	// Reopen makes asks unresolved again, except those that are gone by now.
	Reopen(ctx context.Context, asks []recovery.ID, now time.Time) error

	// MarkMailed sets when issuances were first mailed, unless that is set already.
	MarkMailed(ctx context.Context, mailed []IssuanceTime) error
	// Finish ends letters as accepted, failed or dropped, with the mail server's codes.
	Finish(ctx context.Context, claim string, ids []string, state State, answer string, now time.Time) error
	// Postpone sets when letters are due for their next tries, and counts lost answers and final refusals.
	Postpone(ctx context.Context, claim string, tries []Try) error
	// UndoTries undoes BeginTries. It also sets the answers and when the letters are due.
	UndoTries(ctx context.Context, claim string, tries []Try) error
}

// Claimed is a waiting letter that a claim holds.
type Claimed struct {
	ID string
	// GivenUp is whether an operator has ended the letter since an earlier try began. Then it is not tried again.
	GivenUp bool
}

// IssuanceTime is a time for a column of an issuance.
type IssuanceTime struct {
	IssuanceID string
	Time       time.Time
}

// Try is the result of a try: the letter as it was before, and the verdict.
type Try struct {
	Letter  Letter
	Verdict Verdict
}
