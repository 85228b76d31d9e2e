package recovery

import (
	"context"
	"time"

	"aikagi/backend/member"
)

// Store reads and writes the database. A method that changes a row and returns a bool is one guarded UPDATE; true means that
// this call made the change. A method that returns a number changes that many rows.
type Store interface {
	// InTx runs do in one transaction. It runs do again from the start after a deadlock or a failed certification, so do
	// must be repeatable: choose random values before the call.
	InTx(ctx context.Context, do func(Store) error) error

	// Step 2.

	// AddRecovery is one INSERT.
	AddRecovery(ctx context.Context, r Recovery) error
	// Recovery returns ErrNotFound if there is no row. It also returns a row after its GoneAt.
	Recovery(ctx context.Context, id ID) (Recovery, error)
	// AskAgain makes a recovery unresolved again, before its GoneAt. It removes a claim, so that a resolver which is at work
	// on the ask does not close it.
	AskAgain(ctx context.Context, id ID, now time.Time) (bool, error)

	// Step 4.

	// CountGuess adds a guess, before the recovery's GoneAt and while it has guesses left.
	CountGuess(ctx context.Context, id ID, now time.Time) (bool, error)
	// UncountGuess subtracts a guess that was right.
	UncountGuess(ctx context.Context, id ID) error
	// Issuance returns ErrNotFound for the issuance of a decoy.
	Issuance(ctx context.Context, id string) (Issuance, error)
	// UseIssuance marks an issuance as used if it is unused, not ended, of this password version and not expired.
	UseIssuance(ctx context.Context, id string, version int64, now time.Time) (bool, error)
	// OpenGrant writes the grant into the recovery's row and sets its tries to 0.
	OpenGrant(ctx context.Context, id ID, grant OpenedGrant, now time.Time) error

	// Step 5.

	// CountTry adds a try to a grant that has not expired, is not completed and has tries left. UncountTry subtracts one.
	CountTry(ctx context.Context, id ID, grantHash string, now time.Time) (bool, error)
	UncountTry(ctx context.Context, id ID, grantHash string) error
	// LiveIssuance returns the member's issuance that is neither used nor ended, or ErrNotFound. It may have expired: see
	// Issuance.Lives.
	LiveIssuance(ctx context.Context, memberID member.ID) (Issuance, error)
	// SetPassword sets the hash of an active member who still has this password version, raises the version, and clears
	// VoidedAt.
	SetPassword(ctx context.Context, id member.ID, version int64, hash string, now time.Time) (bool, error)
	// Complete marks the grant's recovery as completed, once.
	Complete(ctx context.Context, id ID, grantHash string, now time.Time) (bool, error)

	// Several steps, and the disavowal.

	// Member returns ErrNotFound if there is none. LockMember also locks the row until the transaction ends, so that changes
	// of one member come one after the other. It returns ErrLocked if it would wait longer than the database allows.
	Member(ctx context.Context, id member.ID) (member.Member, error)
	LockMember(ctx context.Context, id member.ID) (member.Member, error)
	// VoidPassword voids the password of a member who still has this password version, and raises the version.
	VoidPassword(ctx context.Context, id member.ID, version int64, now time.Time) (bool, error)
	AddActivity(ctx context.Context, a member.Activity) error
	// HasActivity reports whether an earlier try of the same transaction was committed and its answer lost: see InTxOnce.
	HasActivity(ctx context.Context, id string) (bool, error)
	// AddLetter makes a letter due. The Postman sends it.
	AddLetter(ctx context.Context, l DueLetter) error

	// The resolver.

	// ClaimUnresolved claims asks that began to wait at since or earlier, oldest first. The claim keeps other resolvers away
	// until the time until. It skips locked rows.
	ClaimUnresolved(ctx context.Context, claim string, since, now, until time.Time, limit int) ([]Recovery, error)
	// MembersNamed returns the members with these login IDs.
	MembersNamed(ctx context.Context, ids []member.LoginID) ([]member.Member, error)
	// CloseDecoys writes one outcome to the asks that the claim still holds.
	CloseDecoys(ctx context.Context, claim string, ids []ID, outcome Outcome, when WhenLocked) (int, error)
	// SetAside marks the asks that the claim still holds as set aside, and lets nobody claim them until a time. It skips
	// locked rows. Only an outcome clears the mark.
	SetAside(ctx context.Context, claim string, ids []ID, until time.Time) (int, error)
	// Unresolved returns the asks that have waited longest, oldest first.
	Unresolved(ctx context.Context, limit int) ([]Unresolved, error)
	// NotLocked returns those of the asks whose rows no other transaction has locked.
	NotLocked(ctx context.Context, ids []ID) ([]ID, error)

	// The transaction that resolves a set of asks. Each method is at most two statements for a set of any size, and none for
	// an empty set.

	// LockClaimed locks and returns those of the asks that the claim still holds. LockMembers locks and returns those of the
	// members that exist.
	LockClaimed(ctx context.Context, claim string, ids []ID, when WhenLocked) ([]Recovery, error)
	LockMembers(ctx context.Context, ids []member.ID, when WhenLocked) ([]member.Member, error)
	// LiveIssuances locks and returns the members' issuances that are neither used nor ended. LetterCounts counts the members'
	// letters with temporary passwords for the limits, and locks those that are due. Neither may leave out a row: with
	// SkipLocked they return ErrLocked for a locked one.
	LiveIssuances(ctx context.Context, ids []member.ID, when WhenLocked) ([]Issuance, error)
	LetterCounts(ctx context.Context, ids []member.ID, now time.Time, when WhenLocked) (map[member.ID]LetterCount, error)
	// CloseMatched writes the outcomes and issuances to the asks that the claim still holds.
	CloseMatched(ctx context.Context, claim string, closings []Closing) (int, error)
	AddIssuances(ctx context.Context, issuances []Issuance) error
	EndIssuances(ctx context.Context, ids []string, now time.Time) error
	// DropLetters drops the members' letters with temporary passwords that are due: those passwords are not live any more.
	DropLetters(ctx context.Context, ids ...member.ID) error
	AddRecoveries(ctx context.Context, recoveries []Recovery) error
	AddLetters(ctx context.Context, letters []DueLetter) error
}

// WhenLocked says what a statement does about a row that another transaction has locked.
type WhenLocked int

// SkipLocked leaves the row out. WaitForLock waits for it, and ends with ErrLocked at the database's limit.
const (
	SkipLocked WhenLocked = iota
	WaitForLock
)

// LetterCount is what the limits need to know of a member's letters with temporary passwords.
type LetterCount struct {
	Due           bool      // a letter is waiting to be sent, or being sent
	Last          time.Time // when a mail server last got one; zero if none did within two days
	RemailsAnHour int
	RemailsADay   int
}
