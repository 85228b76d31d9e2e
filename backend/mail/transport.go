package mail

import (
	"context"
	"errors"
	"strconv"
	"syscall"
)

// Transport sends messages to a mail server. It is safe for concurrent use.
type Transport interface {
	// Send returns nil when the mail server has accepted the message. Otherwise it returns one of:
	//   - a [*RefusedError]: the server refused RCPT, DATA or the message;
	//   - an [*UnreachedError]: the try ended before the server answered RCPT. The letter is not to blame. The cause is
	//     [ErrAllBusy] if the letter got no connection while others were open;
	//   - a [*LostError]: the server may have accepted the message;
	//   - another error: the server has certainly not accepted the message. The try ended after the server answered RCPT,
	//     or the message could not be composed.
	Send(ctx context.Context, m Message) error
	// Check makes sure that the server takes letters, without sending one.
	Check(ctx context.Context) error
	// Close closes idle connections.
	Close() error
}

// ErrAllBusy is explained at [Transport]. The server may be well.
var ErrAllBusy = errors.New("other letters used all connections")

// The errors below keep only the codes of the mail server's answers: its words may contain addresses.

// RefusedError is returned when the mail server refused the recipient or the message.
type RefusedError struct {
	Code      int    // RFC 5321 reply code
	Enhanced  string // RFC 3463 status code; empty if there was none
	Recipient bool   // the server refused RCPT, so the address is the cause; otherwise it refused DATA or the message
}

func (e *RefusedError) Error() string {
	if e.Recipient {
		return "the mail server refused the recipient: " + e.Codes()
	}
	return "the mail server refused the letter: " + e.Codes()
}

// Codes returns the codes of the answer, such as "550 5.1.1".
func (e *RefusedError) Codes() string { return codes(e.Code, e.Enhanced) }

// UnreachedError is returned when a try ended before the mail server answered RCPT: while it waited for a connection, at the
// greeting, EHLO, STARTTLS, AUTH or MAIL, or without an answer to RCPT.
type UnreachedError struct {
	Code     int    // RFC 5321 reply code; 0 if the server did not answer with one
	Enhanced string // RFC 3463 status code; empty if there was none
	Err      error  // names the step that failed; never nil
}

func (e *UnreachedError) Error() string {
	if e.Code == 0 {
		return e.Err.Error()
	}
	return e.Err.Error() + ": " + e.Codes()
}

// Codes returns the codes of the answer, such as "535 5.7.8", or an empty string if there was none.
func (e *UnreachedError) Codes() string {
	if e.Code == 0 {
		return ""
	}
	return codes(e.Code, e.Enhanced)
}

// Unwrap returns the cause.
func (e *UnreachedError) Unwrap() error { return e.Err }

func isUnreached(err error) bool { return errors.As(err, new(*UnreachedError)) }

// isRefusal reports whether the server itself refused a connection, and not the network. Some hang up without a word.
func isRefusal(err error) bool {
	refused := (*UnreachedError)(nil)
	return errors.As(err, &refused) && refused.Code != 0 || errors.Is(err, errHungUp) || errors.Is(err, syscall.ECONNRESET)
}

// LostError is returned when the mail server got the whole message and its answer did not arrive.
type LostError struct{ Err error }

func (e *LostError) Error() string { return "the mail server's answer was lost: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *LostError) Unwrap() error { return e.Err }

func codes(code int, enhanced string) string {
	if enhanced == "" {
		return strconv.Itoa(code)
	}
	return strconv.Itoa(code) + " " + enhanced
}
