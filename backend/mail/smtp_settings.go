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

// TLSMode is when a connection is encrypted, with TLS 1.2 or newer.
type TLSMode string

// The modes. Clear text never follows a failed handshake.
const (
	// TLSOpportunistic uses STARTTLS if the server offers it, and accepts any certificate (RFC 7435): encryption without a
	// verified certificate still stops more eavesdroppers than clear text. With a password it is the same as TLSRequired.
	TLSOpportunistic TLSMode = "opportunistic"
	// TLSRequired needs STARTTLS and a certificate that can be verified.
	TLSRequired TLSMode = "required"
	// TLSImplicit encrypts from the first byte (RFC 8314), and needs a certificate that can be verified.
	TLSImplicit TLSMode = "implicit"
)

// SMTPSettings are the mail server and how to use it. Zero durations and counts mean the defaults.
type SMTPSettings struct {
	Host     string
	Port     int
	User     string // empty: no sign-in
	Password secret.Value[string]
	TLS      TLSMode
	RootCAs  *x509.CertPool // nil: the system's
	HELO     string         // the client's name in EHLO; empty: the sender's domain

	From       netmail.Address
	ReturnPath string // the sender in the envelope, which gets undeliverable letters; empty: the address of From
	DKIM       []DKIM // each adds a signature

	// Timeout bounds the connection and each wait for an answer. Zero: the bounds of RFC 5321.
	Timeout time.Duration
	// Idle is how long an unused connection is kept.
	Idle time.Duration
	// Connections bounds how many connections are open at a time, without the one of [SMTP.Inspect].
	Connections int

	dial func(ctx context.Context, network, address string) (net.Conn, error) // nil: the system's
}

// The defaults of [SMTPSettings].
const (
	// defaultIdle is shorter than the 5 minutes that a server waits for the next command (RFC 5321, 4.5.3.2.7).
	defaultIdle        = 4 * time.Minute
	defaultConnections = 4
)

// Bounds of a conversation that no setting changes.
const (
	// upToDataTimeout bounds all steps before the transfer of the letter. The letter is written before these steps, and
	// states when its temporary password expires. If they took long, little time would be left when the letter arrives.
	upToDataTimeout = 5 * time.Minute
	// reusedAnswerTimeout bounds the first answer over a connection that was used before. The connection may be dead. Then a
	// new connection is opened, and both must take less than upToDataTimeout.
	reusedAnswerTimeout = 30 * time.Second
	// quitTimeout bounds QUIT. Nothing depends on its answer.
	quitTimeout = 2 * time.Second
)

// timeouts bound the steps of a conversation.
type timeouts struct {
	connect time.Duration
	answer  time.Duration // for the answer to each command except DATA
	data    time.Duration // for the answer to DATA
	letter  time.Duration // for the transfer of the letter
	end     time.Duration // for the answer to the letter
}

// timeouts returns the timeouts of RFC 5321, 4.5.3.2, which has none for the connection, or Timeout for each step.
func (s *SMTPSettings) timeouts() timeouts {
	if s.Timeout > 0 {
		return timeouts{s.Timeout, s.Timeout, s.Timeout, s.Timeout, s.Timeout}
	}
	return timeouts{connect: 30 * time.Second, answer: 5 * time.Minute, data: 2 * time.Minute, letter: 3 * time.Minute, end: 10 * time.Minute}
}

// signsIn reports whether a user and a password are set.
func (s *SMTPSettings) signsIn() bool { return s.User != "" }

// mustVerify reports whether the certificate has to be verified.
func (s *SMTPSettings) mustVerify() bool { return s.TLS != TLSOpportunistic || s.signsIn() }

// The errors of a mail server that lacks what the settings need.
var (
	ErrNoTLS  = errors.New("the mail server offers no STARTTLS, and without it nothing may be sent")
	ErrNoAuth = errors.New("the mail server offers neither AUTH PLAIN nor AUTH LOGIN")
)

func setDefault[T ~int | ~int64](value *T, preset T) {
	if *value <= 0 {
		*value = preset
	}
}
