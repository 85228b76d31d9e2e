package breach

import (
	"time"

	"aikagi/backend/member"
)

// Kind says how the operator chose the members.
type Kind string

// The kinds of selection.
const (
	All           Kind = "all"
	IDs           Kind = "ids" // a list of members
	ChangedBefore Kind = "changed_before"
)

// Selection says whose passwords a breach voids. It is fixed when the breach begins: it does not include members who are enrolled
// later, or passwords that are set later. Members whose password is void already stay as they are.
type Selection struct {
	Kind Kind
	// Before is the time before which a chosen password was last changed. For All and IDs it is the beginning of the breach.
	Before time.Time
	// Last is the highest member ID of the selection. It is 0 for IDs.
	Last member.ID
	// Digest identifies the list of IDs. It is empty for the other kinds.
	Digest string
}

// Includes reports whether the member's password is chosen by its state and the time of its last change.
func (s Selection) Includes(m member.Member) bool {
	return m.VoidedAt == nil && (m.PasswordChangedAt == nil || m.PasswordChangedAt.Before(s.Before))
}

// IsSame reports whether two command lines chose the same members. The time at which a breach began does not count.
func (s Selection) IsSame(other Selection) bool {
	return s.Kind == other.Kind && s.Digest == other.Digest && (s.Kind != ChangedBefore || s.Before.Equal(other.Before))
}
