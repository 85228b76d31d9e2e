// Package login signs members in and serves the member page.
//
// [Service.SignIn] is step 1 of the five steps. It shows only whether the sign-in succeeded. An unknown login ID, a wrong
// password, and a member who is suspended or cancelled, whose password is void, or who never had one: each takes one read
// of a member's row and one hash, writes nothing, and returns [ErrRejected].
//
// [Service.SessionMember] returns the member of a session at every later request. [Service.ChangePassword] and
// [Service.Activities] serve the member page.
//
// A [Store] gives access to the database.
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

// The errors of this package. Its methods also return [recovery.RejectedError] and [password.ErrBusy].
var (
	// ErrRejected is returned for every refused sign-in, whatever the reason.
	ErrRejected = errors.New("the login ID or the password is not right")
	// ErrSessionOver is returned when the member's password version has risen since the sign-in, or when the member may
	// no longer sign in.
	ErrSessionOver = errors.New("the session ended when the password changed")
	// ErrCurrentWrong is returned when the current password is wrong. It counts as a failed sign-in.
	ErrCurrentWrong = errors.New("the current password is wrong")
)

// Store reads and writes the database. A method that changes a row and returns a bool is one guarded UPDATE; true means
// that this call made the change. A missing row is [recovery.ErrNotFound].
type Store interface {
	// InTx runs do in one transaction. It runs do again from the start after a deadlock or a failed certification, so do
	// must be repeatable: choose random values before the call.
	InTx(ctx context.Context, do func(Store) error) error

	// MemberNamed returns the member with the login ID. If there is none, the same statement does the same work and
	// returns the dummy member: the first whose ID is dummy or higher. It returns ErrNotFound if there is no such member
	// either.
	MemberNamed(ctx context.Context, id member.LoginID, dummy member.ID) (member.Member, error)
	Member(ctx context.Context, id member.ID) (member.Member, error)
	// LastMember returns the highest member ID, or 0 if there are no members.
	LastMember(ctx context.Context) (member.ID, error)
	// Rehash replaces a member's hash if it is still oldHash. The password version stays, because the password does.
	Rehash(ctx context.Context, id member.ID, oldHash, newHash string) (bool, error)
	// SetPassword sets the hash of an active member who still has this password version, raises the version, and clears
	// VoidedAt.
	SetPassword(ctx context.Context, id member.ID, version int64, hash string, now time.Time) (bool, error)

	// Activities returns the member's latest activities, newest first.
	Activities(ctx context.Context, id member.ID, limit int) ([]member.Activity, error)
	AddActivity(ctx context.Context, a member.Activity) error
	// HasActivity reports whether an earlier try of the same transaction was committed and its answer lost.
	HasActivity(ctx context.Context, id string) (bool, error)
	// AddLetter makes a letter due. The Postman sends it.
	AddLetter(ctx context.Context, l recovery.DueLetter) error
}

// Service signs members in and serves the member page. It is safe for concurrent use.
type Service struct {
	Store   Store
	Hasher  *password.Hasher
	Dummies *password.Dummies
	Now     func() time.Time
	Log     *slog.Logger
	// WakePostman tells this process's Postman that a letter is due. It must not block.
	WakePostman func()

	lastMember lastMember
}
