// Package breach has the types and the worker for a leak of passwords. The operator voids the passwords of many members, and
// then each of these members gets one notice by mail, at a limited pace.
//
// A [Breach] is a row of the database; at most one runs at a time. It has a [Selection], which says whose passwords are voided,
// and the progress of its two parts. The command "breach begin" of package cli voids the passwords in sets, and lists the
// members who get a notice. Then the [Notifier], a worker of each server, makes as many notices due as the pace of the breach
// allows: see [Breach.Pace]. The Postman of package mail sends them.
//
// Each step does its work and changes the breach's row in one transaction. A process can therefore be killed at any time: no
// member is left out, and none is processed twice. All processes share one pace, because the row is locked while notices are made.
package breach

import (
	"errors"
	"time"

	"aikagi/backend/member"
)

// Breach is one breach and its progress.
type Breach struct {
	ID        int64
	Selection Selection
	// Members is the number of passwords to void, counted when the breach began.
	Members int64
	// PerHour is the largest number of notices that leave in an hour.
	PerHour int64
	Paused  bool
	Author  member.Author
	BegunAt time.Time
	// ListedAt is when all members of the selection were listed, and VoidedAt when the last password was voided. Each is nil
	// before.
	ListedAt, VoidedAt, EndedAt *time.Time
	// Latest is the latest pause, resume or end.
	Latest Change

	// VoidedThrough is the last member that was looked at, and Voided the number of passwords that were voided. Notices is the
	// number of members who get a notice: all voided ones who are not cancelled.
	VoidedThrough   member.ID
	Voided, Notices int64
	// MadeThrough is the last member whose notice was made, and Made the number of notices that were made.
	MadeThrough member.ID
	Made        int64
	// PacedAt is the time up to which the pace is used: see [Breach.Pace]. It is nil before the first notice.
	PacedAt *time.Time
}

// Change is the latest thing that an operator did to a breach after its beginning.
type Change struct {
	At     *time.Time // nil if there is none
	Author member.Author
}

// Runs reports whether the breach has not ended.
func (b Breach) Runs() bool { return b.EndedAt == nil }

// MakesNotices reports whether notices are to be made.
func (b Breach) MakesNotices() bool {
	return b.Runs() && b.VoidedAt != nil && !b.Paused && b.Made < b.Notices
}

// The errors of the operator's commands.
var (
	// ErrNone means that there is no breach to which the command applies.
	ErrNone = errors.New("no breach runs")
	// ErrRuns means that another breach runs.
	ErrRuns = errors.New("a breach runs already")
)
