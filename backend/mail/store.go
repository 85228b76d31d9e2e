package mail

import (
	"context"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Store is what the Postman needs of the database. It works in sets: one call reads or writes a whole set with one
// statement, and an empty set with none. A method that takes a claim changes a letter only while that claim holds it.
type Store interface {
	// InTx runs do in one transaction, again from its start after a deadlock or a lost certification.
	InTx(ctx context.Context, do func(Store) error) error

	// ClaimDue claims waiting letters that are due, until a time. Those of the first priority named come first (none
	// named: all, in their order), and of each priority those that have been due for longest.
	ClaimDue(ctx context.Context, claim string, now, until time.Time, limit int, of ...Priority) ([]Letter, error)
	// RenewClaims keeps letters that are still being sent; GiveBack lets others have those not begun.
	RenewClaims(ctx context.Context, claim string, ids []string, until time.Time) error
	GiveBack(ctx context.Context, claim string, ids []string) error

	// LockOwn locks letters' own recoveries, LockIssuances their issuances. What is gone is left out. With
	// recovery.SkipLocked they return recovery.ErrLocked when another transaction has locked one of the rows.
	LockOwn(ctx context.Context, ids []recovery.ID, when recovery.WhenLocked) ([]recovery.ID, error)
	LockIssuances(ctx context.Context, ids []string, when recovery.WhenLocked) ([]recovery.Issuance, error)
	// LockHeld locks those letters that wait and that the claim holds. With recovery.SkipLocked it leaves out those that
	// another transaction has locked.
	LockHeld(ctx context.Context, claim string, ids []string, when recovery.WhenLocked) ([]string, error)
	// HoldsNotices says whether an operator has paused the notices of the kind recovery.PasswordVoidedNotice. ClaimDue
	// leaves these out then.
	HoldsNotices(ctx context.Context) (bool, error)
	// Members reads members. What is gone is left out.
	Members(ctx context.Context, ids []member.ID) ([]member.Member, error)

	// KeepOwn makes letters' own recoveries last until a time.
	KeepOwn(ctx context.Context, ids []recovery.ID, until time.Time) error
	// SetExpiries renews issuances that were neither used nor ended. It returns how many it renewed.
	SetExpiries(ctx context.Context, expiries []IssuanceTime) (int, error)
	// BeginTries counts a try of each letter. It returns how many letters the claim holds.
	BeginTries(ctx context.Context, claim string, ids []string, now time.Time) (int, error)
	// Reopen makes asks unresolved again that are not gone by now.
	Reopen(ctx context.Context, asks []recovery.ID, now time.Time) error

	// MarkMailed notes when issuances were first mailed, where that was not noted before.
	MarkMailed(ctx context.Context, mailed []IssuanceTime) error
	// Finish ends letters: accepted, failed or dropped, with the mail server's codes.
	Finish(ctx context.Context, claim string, ids []string, state State, answer string, now time.Time) error
	// Postpone lets letters wait for their next tries, and counts these as the verdicts say.
	Postpone(ctx context.Context, claim string, tries []Try) error
	// UndoTries gives letters back as they were before BeginTries, but for the answers and when they are due.
	UndoTries(ctx context.Context, claim string, tries []Try) error
}

// IssuanceTime is a time to be written into an issuance.
type IssuanceTime struct {
	IssuanceID string
	Time       time.Time
}

// Try is what a try came to: the letter as it was before, and the verdict.
type Try struct {
	Letter  Letter
	Verdict Verdict
}
