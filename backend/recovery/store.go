package recovery

import (
	"context"
	"time"

	"aikagi/backend/member"
)

// Store is what the five steps need of the database. Methods that return a bool are one guarded UPDATE: true
// means that this call, and no other, made the change.
type Store interface {
	// InTx runs do in one transaction, again from its start after a deadlock or a lost certification. So do must
	// be repeatable: what is random in it is chosen outside.
	InTx(ctx context.Context, do func(Store) error) error

	// AddRecovery is one INSERT.
	AddRecovery(ctx context.Context, r Recovery) error
	// Recovery is ErrNotFound when there is no such row. A row that is gone by time is still returned.
	Recovery(ctx context.Context, id ID) (Recovery, error)
	// AskAgain makes a recovery that is not gone by now unresolved again, whoever has claimed it.
	AskAgain(ctx context.Context, id ID, now time.Time) (bool, error)

	// CountGuess adds a guess to a recovery that is not gone by now and has guesses left.
	CountGuess(ctx context.Context, id ID, now time.Time) (bool, error)
	// TakeBackGuess forgives the guess that was right.
	TakeBackGuess(ctx context.Context, id ID) error
	// OpenGrant writes the grant into the recovery, with no tries yet.
	OpenGrant(ctx context.Context, id ID, grant OpenedGrant, now time.Time) error
	// CountTry adds a try to a grant that is not over and has tries left; GiveBackTry takes one off.
	CountTry(ctx context.Context, id ID, grantHash string, now time.Time) (bool, error)
	GiveBackTry(ctx context.Context, id ID, grantHash string) error
	// Complete marks the grant's recovery as completed, once.
	Complete(ctx context.Context, id ID, grantHash string, now time.Time) (bool, error)

	// Issuance is ErrNotFound when there is none: a decoy's.
	Issuance(ctx context.Context, id string) (Issuance, error)
	// UseIssuance marks an issuance as used that is unused, not ended, of this version, and not expired by now.
	UseIssuance(ctx context.Context, id string, version int64, now time.Time) (bool, error)
	// LiveIssuance is the member's one issuance that was neither used nor ended, or ErrNotFound. It may have
	// expired: see Issuance.Lives.
	LiveIssuance(ctx context.Context, memberID member.ID) (Issuance, error)
	AddIssuance(ctx context.Context, i Issuance) error
	EndIssuance(ctx context.Context, id string, now time.Time) error

	// Member is ErrNotFound when there is none. LockMember is the same, and holds the row until the transaction
	// ends, so that deeds on one member come one after the other.
	Member(ctx context.Context, id member.ID) (member.Member, error)
	LockMember(ctx context.Context, id member.ID) (member.Member, error)
	// SetPassword sets the hash of an active member whose password version is still this one, raises the version,
	// and lifts a void.
	SetPassword(ctx context.Context, id member.ID, version int64, hash string, now time.Time) (bool, error)
	// VoidPassword makes the password of a member void whose password version is still this one, and raises the
	// version.
	VoidPassword(ctx context.Context, id member.ID, version int64, now time.Time) (bool, error)

	// AddActivity writes what happened. HasActivity recognises one's own deed after a lost answer.
	AddActivity(ctx context.Context, a member.Activity) error
	HasActivity(ctx context.Context, id string) (bool, error)
	// AddLetter makes a letter due.
	AddLetter(ctx context.Context, l DueLetter) error

	// ClaimUnresolved claims asks that have waited since a time or longer, for one resolver until a time, oldest
	// first.
	ClaimUnresolved(ctx context.Context, claim string, since, now, until time.Time, limit int) ([]Recovery, error)
	// MembersNamed are the members that have one of these login IDs.
	MembersNamed(ctx context.Context, ids []member.LoginID) ([]member.Member, error)
	// CloseDecoys gives one outcome to the asks that the claim still holds.
	CloseDecoys(ctx context.Context, claim string, ids []ID, outcome Outcome) error
	// CloseMatched gives an ask that the claim still holds its outcome, and leads it to an issuance.
	CloseMatched(ctx context.Context, claim string, id ID, outcome Outcome, to Issuance) (bool, error)
	// LettersOf counts the member's temporary-password letters for the limits.
	LettersOf(ctx context.Context, memberID member.ID, now time.Time) (LetterCount, error)
	// DropLetters gives up the member's waiting temporary-password letters: what they carry lives no more.
	DropLetters(ctx context.Context, memberID member.ID) error
	// OldestUnresolved is when the longest-waiting ask began to wait; false when none waits.
	OldestUnresolved(ctx context.Context) (time.Time, bool, error)
}

// LetterCount is what the limits on letters look at.
type LetterCount struct {
	Due           bool      // one is waiting to be sent, or being sent
	Last          time.Time // when the last one was handed to a mail server; zero when none was in two days
	RemailsAnHour int
	RemailsADay   int
}
