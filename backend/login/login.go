// Package login holds step 1 of the five, the sign-in, and what a signed-in member does on the member page.
//
// A sign-in tells one thing only: whether it succeeded. A login ID that nobody has, a wrong password, a member
// who is suspended, cancelled, voided or never had a password: all take one look-up and one hash, write nothing,
// and get ErrRejected.
package login

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

// What can be wrong, beside recovery.RejectedError and password.ErrBusy, which pass through.
var (
	// ErrRejected says that nobody was signed in, and never why.
	ErrRejected = errors.New("the login ID or the password is not right")
	// ErrSessionOver says that the member's password version has risen since the sign-in, or that the member
	// may no longer sign in.
	ErrSessionOver = errors.New("the session ended with the password that it was opened under")
	// ErrCurrentWrong says that the current password was not given. It counts as a failed sign-in.
	ErrCurrentWrong = errors.New("the current password is wrong")
)

// Store is what the sign-in and the member page need of the database. Methods that return a bool are one guarded
// UPDATE: true means that this call, and no other, made the change. A row that is not there is
// recovery.ErrNotFound.
type Store interface {
	// InTx runs do in one transaction, again from its start after a deadlock or a lost certification. So do must
	// be repeatable: what is random in it is chosen outside.
	InTx(ctx context.Context, do func(Store) error) error

	// MemberNamed is the member that has the login ID. When nobody has it, it is another one, found by the same
	// statement with the same work: the first whose id is standIn or more; ErrNotFound when there is none such.
	MemberNamed(ctx context.Context, id member.LoginID, standIn member.ID) (member.Member, error)
	Member(ctx context.Context, id member.ID) (member.Member, error)
	// LastMember is the highest id that a member has; 0 when there are none.
	LastMember(ctx context.Context) (member.ID, error)
	// Rehash replaces a member's hash where it is still oldHash. The password version stays: it is the same
	// password.
	Rehash(ctx context.Context, id member.ID, oldHash, newHash string) (bool, error)
	// SetPassword sets the hash of an active member whose password version is still this one, raises the version,
	// and lifts a void.
	SetPassword(ctx context.Context, id member.ID, version int64, hash string, now time.Time) (bool, error)

	// Activities are the member's latest, newest first.
	Activities(ctx context.Context, id member.ID, limit int) ([]member.Activity, error)
	// AddActivity writes what happened. HasActivity recognises one's own deed after a lost answer.
	AddActivity(ctx context.Context, a member.Activity) error
	HasActivity(ctx context.Context, id string) (bool, error)
	// AddLetter makes a letter due.
	AddLetter(ctx context.Context, l recovery.DueLetter) error
}

// Service signs members in and does what they ask for on the member page. It is safe for concurrent use.
type Service struct {
	Store   Store
	Hasher  *password.Hasher
	Dummies *password.Dummies
	Now     func() time.Time
	Log     *slog.Logger
	// WakePostman tells the postman of this process that a letter is due. It must not block.
	WakePostman func()

	lastMember lastMember
}
