package mail

import (
	"context"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Store is what the Postman needs of the database. A method that takes a claim changes a letter only while that
// claim holds it.
type Store interface {
	// InTx runs do in one transaction, again from its start after a deadlock or a lost certification.
	InTx(ctx context.Context, do func(Store) error) error

	// ClaimDue claims waiting letters that are due, until a time. Those of the first priority named come first (none
	// named: all, in their order), and of each priority those that have been due for longest.
	ClaimDue(ctx context.Context, claim string, now, until time.Time, limit int, of ...Priority) ([]Letter, error)
	// RenewClaims keeps letters that are still being sent; GiveBack lets others have those not begun.
	RenewClaims(ctx context.Context, claim string, ids []string, until time.Time) error
	GiveBack(ctx context.Context, claim string, ids []string) error

	// HoldsNotices says whether an operator has paused the notices of the kind recovery.PasswordVoidedNotice. ClaimDue
	// leaves these out then.
	HoldsNotices(ctx context.Context) (bool, error)

	Member(ctx context.Context, id member.ID) (member.Member, error)
	Issuance(ctx context.Context, id string) (recovery.Issuance, error)
	// BeginTry counts a try; false when the claim was lost.
	BeginTry(ctx context.Context, claim, id string, now time.Time) (bool, error)
	// UndoTry gives a letter back as it was before BeginTry, but for the answer and when it is due.
	UndoTry(ctx context.Context, claim string, before Letter, v Verdict) error
	// SetExpiry renews an issuance that was neither used nor ended.
	SetExpiry(ctx context.Context, issuanceID string, expiresAt time.Time) (bool, error)
	// KeepRecovery makes a letter's own recovery last until a time; false when it is not there.
	KeepRecovery(ctx context.Context, id recovery.ID, until time.Time) (bool, error)
	// Reopen makes an ask unresolved again, if it is not gone by now.
	Reopen(ctx context.Context, askID recovery.ID, now time.Time) error

	// MarkMailed notes when an issuance was first mailed, if that was not noted before.
	MarkMailed(ctx context.Context, issuanceID string, at time.Time) error
	// Finish ends a letter: accepted, failed or dropped, with the mail server's codes.
	Finish(ctx context.Context, claim, id string, state State, answer string, now time.Time) error
	// Postpone lets a letter wait for its next try, and counts this one as the verdict says.
	Postpone(ctx context.Context, claim, id string, v Verdict) error
}
