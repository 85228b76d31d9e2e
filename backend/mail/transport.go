package mail

import (
	"context"
	"fmt"
)

// Transport hands messages to a mail server. Send returns nil when the server took the message. Any other end is
// a *RefusedError (the server said no), a *LostError (the server may have taken it), or another error (it
// certainly did not). It is safe for concurrent use.
type Transport interface {
	Send(ctx context.Context, m Message) error
	// Check reaches the server and leaves again, sending nothing.
	Check(ctx context.Context) error
	// Close ends kept connections.
	Close() error
}

// RefusedError is the mail server's no. Only codes are kept of what it said: its words may hold addresses.
type RefusedError struct {
	Code     int    // RFC 5321 reply code
	Enhanced string // RFC 3463 status code, empty when there was none
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the mail server refused with %d %s", e.Code, e.Enhanced)
}

// LostError says that the connection was lost after the message was given, before the answer came.
type LostError struct{ Err error }

func (e *LostError) Error() string { return "the mail server's answer was lost: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *LostError) Unwrap() error { return e.Err }
