package mail

import (
	"context"
	"strconv"
)

// Transport hands messages to a mail server. It is safe for concurrent use.
type Transport interface {
	// Send returns nil when the mail server took the message. Any other end is one of:
	//   - a [*RefusedError]: the server answered RCPT, DATA or the message with no;
	//   - an [*UnreachedError]: the try ended before the server answered RCPT. It says nothing against the letter;
	//   - a [*LostError]: the server may have taken the message;
	//   - another error: the server certainly did not take the message. The try ended after the server answered RCPT,
	//     or the message itself could not be made.
	Send(ctx context.Context, m Message) error
	// Check reaches the server and leaves again, sending nothing.
	Check(ctx context.Context) error
	// Close ends kept connections.
	Close() error
}

// The errors below keep only codes of what the mail server said: its words may hold addresses.

// RefusedError says that the mail server refused the recipient or the message.
type RefusedError struct {
	Code      int    // RFC 5321 reply code
	Enhanced  string // RFC 3463 status code, empty when there was none
	Recipient bool   // the server refused RCPT, so it is about the address; else it refused DATA or the message
}

func (e *RefusedError) Error() string {
	if e.Recipient {
		return "the mail server refused the recipient: " + e.Codes()
	}
	return "the mail server refused the letter: " + e.Codes()
}

// Codes returns what the server answered, such as "550 5.1.1".
func (e *RefusedError) Codes() string { return codes(e.Code, e.Enhanced) }

// UnreachedError says that a try ended before the mail server answered RCPT: while connecting, or at the greeting, EHLO,
// STARTTLS, AUTH or MAIL.
type UnreachedError struct {
	Code     int    // RFC 5321 reply code, 0 when the server did not answer with one
	Enhanced string // RFC 3463 status code, empty when there was none
	Err      error  // names the deed that failed; never nil
}

func (e *UnreachedError) Error() string {
	if e.Code == 0 {
		return e.Err.Error()
	}
	return e.Err.Error() + ": " + e.Codes()
}

// Codes returns what the server answered, such as "535 5.7.8", or an empty string when it did not answer.
func (e *UnreachedError) Codes() string {
	if e.Code == 0 {
		return ""
	}
	return codes(e.Code, e.Enhanced)
}

// Unwrap gives the cause.
func (e *UnreachedError) Unwrap() error { return e.Err }

// LostError says that the mail server got the whole message, and that no answer to it came.
type LostError struct{ Err error }

func (e *LostError) Error() string { return "the mail server's answer was lost: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *LostError) Unwrap() error { return e.Err }

func codes(code int, enhanced string) string {
	if enhanced == "" {
		return strconv.Itoa(code)
	}
	return strconv.Itoa(code) + " " + enhanced
}
