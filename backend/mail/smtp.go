package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"sync"
	"time"
)

// TLSMode says when a connection is encrypted.
type TLSMode string

// The modes. In all of them the certificate is verified and TLS is 1.2 or newer.
const (
	TLSOpportunistic TLSMode = "opportunistic" // STARTTLS when offered; with a password required all the same
	TLSRequired      TLSMode = "required"      // STARTTLS or nothing
	TLSImplicit      TLSMode = "implicit"      // from the first byte (RFC 8314)
)

// Secret is a value that does not print: only Reveal gives it.
type Secret interface{ Reveal() string }

// SMTPSettings say which mail server takes the letters, and how. Zero durations and counts mean the defaults.
type SMTPSettings struct {
	Host     string
	Port     int
	User     string
	Password Secret // nil: no sign-in
	TLS      TLSMode
	RootCAs  *x509.CertPool // nil: the system's
	HELO     string         // the name that we greet with; empty: the sender's domain

	From netmail.Address
	DKIM *DKIM // nil: letters are not signed

	// Timeout bounds each of connecting (to AUTH), the envelope (to DATA), and goodbye.
	Timeout time.Duration
	// AnswerTimeout bounds handing over the letter itself. It is longer: a server that has taken a letter and is
	// not listened to will get it once more (RFC 5321, 4.5.3.2.6).
	AnswerTimeout time.Duration
	// Idle is how long an unused connection is kept, below what mail servers allow.
	Idle time.Duration
	// Connections bounds how many are open at a time.
	Connections int
}

// Defaults of SMTPSettings.
const (
	defaultTimeout       = 10 * time.Second
	defaultAnswerTimeout = 2 * time.Minute
	defaultIdle          = 30 * time.Second
	defaultConnections   = 4
)

// What makes the mail server unusable as it is set.
var (
	ErrNoTLS  = errors.New("the mail server offers no STARTTLS, and without it nothing may be sent")
	ErrNoAuth = errors.New("the mail server offers neither AUTH PLAIN nor AUTH LOGIN")
	errClosed = errors.New("the mail transport is closed")
)

// SMTP is the Transport that hands letters to a mail server, over a few connections that it keeps.
type SMTP struct {
	settings SMTPSettings
	places   chan struct{} // one for each connection that may be at work

	mu     sync.Mutex
	idle   []*conversation // the latest used last
	closed bool
	leaves sync.WaitGroup // goodbyes of expired connections
}

// NewSMTP makes an SMTP. It does not connect: Check does.
func NewSMTP(settings SMTPSettings) *SMTP {
	if settings.HELO == "" {
		_, settings.HELO, _ = strings.Cut(settings.From.Address, "@")
	}
	setDefault(&settings.Timeout, defaultTimeout)
	setDefault(&settings.AnswerTimeout, defaultAnswerTimeout)
	setDefault(&settings.Idle, defaultIdle)
	setDefault(&settings.Connections, defaultConnections)
	return &SMTP{settings: settings, places: make(chan struct{}, settings.Connections)}
}

func setDefault[T ~int | ~int64](value *T, preset T) {
	if *value <= 0 {
		*value = preset
	}
}

// Send hands the message over. A kept connection that has died meanwhile is replaced unnoticed.
func (t *SMTP) Send(ctx context.Context, m Message) error {
	if !m.To.CanReceive() {
		return &RefusedError{Code: 553, Enhanced: "5.1.3"} // as every mail server would: not an address mail can reach
	}
	raw, err := compose(t.settings.From, m)
	if err != nil {
		return err
	}
	if t.settings.DKIM != nil {
		if raw, err = t.settings.DKIM.sign(raw); err != nil {
			return err
		}
	}

	select {
	case t.places <- struct{}{}:
		defer func() { <-t.places }()
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection: %w", context.Cause(ctx))
	}
	for {
		c, err := t.take(ctx)
		if err != nil {
			return err
		}
		err = c.hand(ctx, &t.settings, netmail.Address{Address: string(m.To)}, raw)
		t.giveBack(ctx, c)
		if !errors.Is(err, errStale) {
			return err
		}
	}
}

// take gives the kept connection used last, which is the likeliest to live, or a new one.
func (t *SMTP) take(ctx context.Context) (*conversation, error) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil, errClosed
	}
	if last := len(t.idle) - 1; last >= 0 {
		c := t.idle[last]
		t.idle = t.idle[:last]
		t.mu.Unlock()
		c.expiry.Stop()
		return c, nil
	}
	t.mu.Unlock()
	return t.settings.open(ctx)
}

// giveBack keeps a connection for the next letter.
func (t *SMTP) giveBack(ctx context.Context, c *conversation) {
	ctx = context.WithoutCancel(ctx) // the connection outlives this letter
	t.mu.Lock()
	keep := !t.closed && !c.broken
	if keep {
		c.kept = true
		c.expiry = time.AfterFunc(t.settings.Idle, func() { t.expire(ctx, c) })
		t.idle = append(t.idle, c)
	}
	t.mu.Unlock()
	if !keep {
		c.quit(ctx, t.settings.Timeout)
	}
}

// expire ends a connection that nobody has used for long, unless somebody takes it just now.
func (t *SMTP) expire(ctx context.Context, c *conversation) {
	t.mu.Lock()
	found := false
	for i, kept := range t.idle {
		if kept == c {
			t.idle = append(t.idle[:i:i], t.idle[i+1:]...)
			t.leaves.Add(1)
			found = true
			break
		}
	}
	t.mu.Unlock()
	if found {
		defer t.leaves.Done()
		c.quit(ctx, t.settings.Timeout)
	}
}

// Check connects as Send would, says NOOP, and leaves.
func (t *SMTP) Check(ctx context.Context) error {
	c, err := t.settings.open(ctx)
	if err != nil {
		return fmt.Errorf("check the mail server: %w", err)
	}
	defer c.quit(ctx, t.settings.Timeout)
	if err := c.step(ctx, t.settings.Timeout, c.client.Noop); err != nil {
		return fmt.Errorf("check the mail server: %w", answered("NOOP", err))
	}
	return nil
}

// Close says goodbye on the kept connections. Letters under way end by themselves; later ones are not sent.
func (t *SMTP) Close() error {
	t.mu.Lock()
	t.closed = true
	kept := t.idle
	t.idle = nil
	t.mu.Unlock()
	for _, c := range kept {
		c.expiry.Stop()
		c.quit(context.Background(), t.settings.Timeout)
	}
	t.leaves.Wait()
	return nil
}
