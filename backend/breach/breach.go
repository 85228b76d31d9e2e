// Package breach is the day after a leak: the passwords of many members are voided in sets, and then each of these
// members gets one notice by mail, at most so many an hour. At most one breach runs at a time. Its row in the database
// holds how far it is, and each step changes that row in the transaction of its own work, so that a process that is
// killed at any instant neither leaves out a member nor takes one twice.
package breach

import (
	"errors"
	"time"

	"aikagi/backend/member"
)

// Kind says how the members were chosen.
type Kind string

// The kinds of selection.
const (
	All           Kind = "all"
	IDs           Kind = "ids"
	ChangedBefore Kind = "changed_before"
)

// Selection says which members a breach is about. It is fixed when the breach begins: members that are enrolled later,
// and passwords that are set later, are not a part of it. A member whose password is void already is left as it is.
type Selection struct {
	Kind Kind
	// Before is later than the last change of each chosen password. For All and IDs it is the time of the beginning.
	Before time.Time
	// Last is the highest member number of a selection that is no list.
	Last member.ID
	// Digest tells one list of members from another. Empty for a selection that is no list.
	Digest string
}

// Holds says whether the selection's time and the member's state choose a member.
func (s Selection) Holds(m member.Member) bool {
	return m.VoidedAt == nil && (m.PasswordChangedAt == nil || m.PasswordChangedAt.Before(s.Before))
}

// IsSame says whether a command line that chose other chose the same members. The time of the beginning does not count.
func (s Selection) IsSame(other Selection) bool {
	return s.Kind == other.Kind && s.Digest == other.Digest && (s.Kind != ChangedBefore || s.Before.Equal(other.Before))
}

// Breach is one breach and how far it is.
type Breach struct {
	ID        int64
	Selection Selection
	// Members is how many passwords were to be voided when the breach began.
	Members int64
	// PerHour is how many notices leave in an hour at most.
	PerHour int64
	Paused  bool
	Author  member.Author
	BegunAt time.Time
	// ListedAt is when the whole list was written down, and VoidedAt when the last password was voided: nil before.
	ListedAt, VoidedAt, EndedAt *time.Time
	// Latest is the latest pause, resume or end.
	Latest Change

	// VoidedThrough is the last member that was looked at, Voided how many were voided, and Notices how many of them get
	// a notice: all but the cancelled ones.
	VoidedThrough   member.ID
	Voided, Notices int64
	// MadeThrough is the last member whose notice was made, and Made how many notices were made.
	MadeThrough member.ID
	Made        int64
	// PacedAt is up to when the pace has been used: see [Breach.Pace]. Nil before the first notice.
	PacedAt *time.Time
}

// Change is what an operator last did to a breach that had begun.
type Change struct {
	At     *time.Time // nil: nothing yet
	Author member.Author
}

// Runs says whether the breach was not ended.
func (b Breach) Runs() bool { return b.EndedAt == nil }

// Mails says whether notices are to be made.
func (b Breach) Mails() bool {
	return b.Runs() && b.VoidedAt != nil && !b.Paused && b.Made < b.Notices
}

// Errors of what an operator does to a breach.
var (
	// ErrNone says that there is no breach that this can be done to.
	ErrNone = errors.New("no breach runs")
	// ErrRuns says that a breach runs already.
	ErrRuns = errors.New("a breach runs already")
)
