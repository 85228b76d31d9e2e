package recovery

import (
	"errors"
	"fmt"

	"aikagi/backend/password"
)

// The errors without details.
var (
	// ErrNotFound means that there is no such row, or that the recovery's GoneAt has passed.
	ErrNotFound     = errors.New("no such row, or the recovery is gone")
	ErrGrantMissing = errors.New("no grant that can set this member's password")
	ErrPaused       = errors.New("recovery is paused by the operator")
	ErrBusy         = errors.New("the resolver has a backlog")
	// ErrLocked means that another transaction has locked a row. A statement that waits for the lock returns it at the
	// database's limit on the wait. Other statements return it at once.
	ErrLocked = errors.New("another transaction has locked a row")
	// ErrVersionRisen means that the member's password version has risen since it was read, or that the member is no longer
	// active.
	ErrVersionRisen = errors.New("the member's password or status has changed meanwhile")
	// ErrDisavowalEnded is returned for every [DisavowalToken] that changes nothing: it was used before, the password was
	// changed or voided since, the token is over 7 days old, or this service did not make it. The caller does not learn which.
	ErrDisavowalEnded = errors.New("the disavowal has ended")
)

// EndReason says why a recovery cannot continue.
type EndReason string

// The reasons. Only a caller with the right temporary password gets ByExpiry or ByUse.
const (
	ByGuesses EndReason = "guesses"
	ByExpiry  EndReason = "expired" // it ran out, or a change of the member ended it
	ByUse     EndReason = "used"
)

// EndedError means that the recovery, or its temporary password, has ended.
type EndedError struct{ Reason EndReason }

func (e *EndedError) Error() string { return "the recovery has ended: " + string(e.Reason) }

// WrongError means that the temporary password was wrong.
type WrongError struct{ GuessesLeft int }

func (e *WrongError) Error() string {
	return fmt.Sprintf("wrong temporary password, %d guesses left", e.GuessesLeft)
}

// RejectedError lists all rules that a new password breaks. Nothing was changed.
type RejectedError struct{ Violations []password.Violation }

func (e *RejectedError) Error() string {
	return fmt.Sprintf("the new password breaks %d rules", len(e.Violations))
}
