// Package session keeps the sessions of signed-in browsers.
//
// A [Keeper] opens, finds, lists and closes sessions. A browser presents a [Token]. The [Backend] keeps the sessions under
// hashes of the tokens: [Redis] for any number of servers, or [Memory] for a single one.
//
// A [Session] has the password version that was read together with the verified hash at the sign-in. Package login
// compares it with the member's row at every use. So every session ends as soon as the password changes, even if Redis is
// away at that moment.
//
// Redis is accessed through gofiber/storage/redis over a client that this package builds. DeleteWithContext closes a
// session. Everything else is a Lua script on Conn, which reads and writes atomically: a Get followed by a Set would
// restore a session that was closed in between.
//
// [Devices] marks the browsers that a member has used before, for the throttle of the sign-in.
package session

import (
	"errors"
	"time"

	"aikagi/backend/member"
)

// Session is the session of one browser.
type Session struct {
	MemberID member.ID
	LoginID  member.LoginID
	// PasswordVersion is the version of the verified password. The session is valid only while the member has it.
	PasswordVersion int64
	Device          member.Device
	OpenedAt        time.Time
	SeenAt          time.Time // like OpenedAt to the microsecond
}

// Listed is one session in the list of a member's sessions.
type Listed struct {
	Session
	Current bool // whether it is the caller's own session
}

// The errors of a Keeper.
var (
	// ErrMissing is returned when the session does not exist or has ended.
	ErrMissing = errors.New("no such session")
	// ErrUnavailable is returned when the backend cannot be reached or refuses the call. It wraps the cause.
	ErrUnavailable = errors.New("sessions are unavailable")
)
