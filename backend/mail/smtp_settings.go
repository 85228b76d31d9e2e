package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	netmail "net/mail"
	"time"

	"aikagi/backend/secret"
)

// TLSMode says when a connection is encrypted, with TLS 1.2 or newer.
type TLSMode string

// The modes. A handshake that fails is never followed by clear text.
const (
	// TLSOpportunistic uses STARTTLS when it is offered, and takes any certificate (RFC 7435): a certificate that cannot
	// be verified hides letters from more eyes than clear text does. With a password it is TLSRequired.
	TLSOpportunistic TLSMode = "opportunistic"
	// TLSRequired needs STARTTLS and a certificate that can be verified.
	TLSRequired TLSMode = "required"
	// TLSImplicit is encrypted from the first byte (RFC 8314), with a certificate that can be verified.
	TLSImplicit TLSMode = "implicit"
)

// SMTPSettings say which mail server takes the letters, and how. Zero durations and counts mean the defaults.
type SMTPSettings struct {
	Host     string
	Port     int
	User     string // empty: no sign-in
	Password secret.Value[string]
	TLS      TLSMode
	RootCAs  *x509.CertPool // nil: the system's
	HELO     string         // the name that we greet with; empty: the sender's domain

	From       netmail.Address
	ReturnPath string // the envelope's sender, where undeliverable letters go back to; empty: the address of From
	DKIM       []DKIM // each adds a signature

	// Timeout bounds connecting, and each wait for an answer. Zero: each has the bound that RFC 5321 gives it.
	Timeout time.Duration
	// Idle is how long an unused connection is kept.
	Idle time.Duration
	// Connections bounds how many are open at a time.
	Connections int

	dial func(ctx context.Context, network, address string) (net.Conn, error) // nil: the system's
}

// Defaults of SMTPSettings.
const (
	// defaultIdle is below the 5 minutes that a server waits for the next command (RFC 5321, 4.5.3.2.7).
	defaultIdle        = 4 * time.Minute
	defaultConnections = 4
)

// Bounds of a conversation that no setting changes.
const (
	// upToData bounds all that comes before the letter itself: the letter states when its temporary password expires,
	// and a conversation must not make that time wrong by more.
	upToData = 5 * time.Minute
	// keptAnswers bounds the first answer over a connection that has been idle: it may have died without a sign, and
	// then a new one must still fit into upToData.
	keptAnswers = 30 * time.Second
	// goodbyeLasts bounds QUIT. Nothing depends on its answer.
	goodbyeLasts = 2 * time.Second
)

// timeouts bound the steps of a conversation.
type timeouts struct {
	connect time.Duration
	answer  time.Duration // to each command but DATA
	data    time.Duration // to DATA
	letter  time.Duration // until the letter is written
	end     time.Duration // to the letter
}

// timeouts returns those of RFC 5321, 4.5.3.2, or the setting's one in place of each. The RFC leaves connecting open.
func (s *SMTPSettings) timeouts() timeouts {
	if s.Timeout > 0 {
		return timeouts{s.Timeout, s.Timeout, s.Timeout, s.Timeout, s.Timeout}
	}
	return timeouts{connect: 30 * time.Second, answer: 5 * time.Minute, data: 2 * time.Minute, letter: 3 * time.Minute, end: 10 * time.Minute}
}

// signsIn reports whether the server gets a user and a password.
func (s *SMTPSettings) signsIn() bool { return s.User != "" }

// mustVerify reports whether a certificate that cannot be verified ends the conversation.
func (s *SMTPSettings) mustVerify() bool { return s.TLS != TLSOpportunistic || s.signsIn() }

// What makes the mail server unusable as it is set.
var (
	ErrNoTLS  = errors.New("the mail server offers no STARTTLS, and without it nothing may be sent")
	ErrNoAuth = errors.New("the mail server offers neither AUTH PLAIN nor AUTH LOGIN")
)

func setDefault[T ~int | ~int64](value *T, preset T) {
	if *value <= 0 {
		*value = preset
	}
}
