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

	// Member is ErrNotFound when there is none. LockMember is the same, and holds the row until the transaction
	// ends, so that deeds on one member come one after the other. It waits for another transaction to end; ErrLocked when
	// that takes longer than the database lets a statement wait.
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
	// first. It skips rows that another transaction has locked.
	ClaimUnresolved(ctx context.Context, claim string, since, now, until time.Time, limit int) ([]Recovery, error)
	// MembersNamed are the members that have one of these login IDs.
	MembersNamed(ctx context.Context, ids []member.LoginID) ([]member.Member, error)
	// CloseDecoys gives one outcome to the asks that the claim still holds, and returns how many.
	CloseDecoys(ctx context.Context, claim string, ids []ID, outcome Outcome, when WhenLocked) (int, error)
	// SetAside marks the asks that the claim still holds as set aside, gives them up, lets nobody claim them until a
	// time, and returns how many. It leaves out rows that another transaction has locked. Only the outcome takes the mark
	// away.
	SetAside(ctx context.Context, claim string, ids []ID, until time.Time) (int, error)
	// Unresolved are the longest waiting asks, oldest first.
	Unresolved(ctx context.Context, limit int) ([]Unresolved, error)
	// NotLocked are those of the asks whose rows no other transaction has locked.
	NotLocked(ctx context.Context, ids []ID) ([]ID, error)

	// What follows is for a transaction that resolves a set of asks. Each is at most two statements, however large the
	// set; an empty set is none.

	// LockClaimed are those of the asks that the claim still holds, and LockMembers those of the members that there are.
	// Their rows are locked until the transaction ends.
	LockClaimed(ctx context.Context, claim string, ids []ID, when WhenLocked) ([]Recovery, error)
	LockMembers(ctx context.Context, ids []member.ID, when WhenLocked) ([]member.Member, error)
	// LiveIssuances are the members' issuances that were neither used nor ended, and LetterCounts counts their
	// temporary-password letters for the limits. They lock the live issuances and the due letters. They leave none
	// out: instead of skipping a locked row they fail with ErrLocked.
	LiveIssuances(ctx context.Context, ids []member.ID, when WhenLocked) ([]Issuance, error)
	LetterCounts(ctx context.Context, ids []member.ID, now time.Time, when WhenLocked) (map[member.ID]LetterCount, error)
	// CloseMatched gives the asks that the claim still holds their outcomes, leads them to their issuances, and returns
	// how many.
	CloseMatched(ctx context.Context, claim string, closings []Closing) (int, error)
	AddIssuances(ctx context.Context, issuances []Issuance) error
	EndIssuances(ctx context.Context, ids []string, now time.Time) error
	// DropLetters gives up the members' waiting temporary-password letters: what they carry lives no more.
	DropLetters(ctx context.Context, ids ...member.ID) error
	AddRecoveries(ctx context.Context, recoveries []Recovery) error
	AddLetters(ctx context.Context, letters []DueLetter) error
}

// WhenLocked says what a statement does about a row that another transaction has locked.
type WhenLocked int

// Whether a statement leaves the row out, or waits for it until ErrLocked.
const (
	SkipLocked WhenLocked = iota
	WaitForLock
)

// LetterCount is what the limits on letters look at.
type LetterCount struct {
	Due           bool      // one is waiting to be sent, or being sent
	Last          time.Time // when the last one was handed to a mail server; zero when none was in two days
	RemailsAnHour int
	RemailsADay   int
}
