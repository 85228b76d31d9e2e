package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"
)

// SMTP is the [Transport] that sends letters to a mail server. It has a small pool of connections. Make it with [NewSMTP].
type SMTP struct {
	settings    SMTPSettings
	connections *pool
}

// NewSMTP makes an SMTP. It does not connect; [SMTP.Check] does.
func NewSMTP(settings SMTPSettings) *SMTP {
	if settings.HELO == "" {
		_, settings.HELO, _ = strings.Cut(settings.From.Address, "@")
	}
	setDefault(&settings.Idle, defaultIdle)
	setDefault(&settings.Connections, defaultConnections)
	t := &SMTP{settings: settings}
	t.connections = newPool(t.settings.connect, settings.Idle, settings.Connections)
	return t
}

// Send sends the message. The wait for a connection and all commands before the message take upToDataTimeout at most.
func (t *SMTP) Send(ctx context.Context, m Message) error {
	if !m.To.CanReceive() {
		// Every mail server would refuse such an address.
		return &RefusedError{Code: 553, Enhanced: "5.1.3", Recipient: true}
	}
	raw, err := t.settings.compose(m)
	if err != nil {
		return err
	}
	beginning, cancel := context.WithTimeoutCause(ctx, upToDataTimeout, errUpToData)
	defer cancel()
	c, err := t.startLetter(beginning, (&netmail.Address{Address: string(m.To)}).String(), m.Priority)
	if err != nil {
		return err
	}
	err = c.sendBody(ctx, raw)
	t.connections.put(c)
	return err
}

// startLetter returns a connection on which the server waits for the letter. If a connection fails that was used before,
// startLetter goes on with another one: the first may be dead, or the server may accept no further letter on it.
func (t *SMTP) startLetter(ctx context.Context, to string, priority Priority) (*conversation, error) {
	from := (&netmail.Address{Address: cmp.Or(t.settings.ReturnPath, t.settings.From.Address)}).String()
	c, err := t.connections.get(ctx, priority)
	if err != nil {
		return nil, err
	}
	for tries := 1; ; tries++ {
		err := c.startLetter(ctx, from, to)
		if err == nil {
			return c, nil
		}
		if tries == maxTries || !c.reused || c.usable() || ctx.Err() != nil {
			t.connections.put(c)
			return nil, err
		}
		other, failed := t.connections.replace(ctx, priority, c)
		if refused := (*RefusedError)(nil); failed != nil && errors.As(err, &refused) {
			return nil, err // the server has answered RCPT
		}
		if failed != nil {
			return nil, failed
		}
		c = other
	}
}

// maxTries bounds the connections over which a letter is tried. The second one may have been used too, if the server takes no
// new one.
const maxTries = 3

// Check connects as Send would, sends NOOP, and disconnects. If that fails while letters have connections, Check sends NOOP over
// one of these: the server may take no further connection. A permanent refusal counts, such as that of a changed password.
func (t *SMTP) Check(ctx context.Context) error {
	if !t.connections.hasOpen() {
		_, err := t.probe(ctx, "NOOP", "NOOP")
		return err
	}
	own, cancel := context.WithTimeout(ctx, besideLettersTimeout)
	defer cancel()
	_, err := t.probe(own, "NOOP", "NOOP")
	if unreached := (*UnreachedError)(nil); err == nil || errors.As(err, &unreached) && unreached.Code >= 500 {
		return err
	}
	c, err := t.connections.get(ctx, TemporaryPasswords) // it must not wait for ever while these use all
	if err != nil {
		return fmt.Errorf("check the mail server: %w", err)
	}
	defer t.connections.put(c)
	if err := c.beforeRecipient(ctx, "NOOP", c.timeouts.answer, "NOOP"); err != nil {
		return fmt.Errorf("check the mail server: %w", err)
	}
	return nil
}

// besideLettersTimeout bounds a connection that Check opens while letters have others.
const besideLettersTimeout = 20 * time.Second

// Inspect connects as Send would and sends MAIL, because some servers refuse the sender, or every sender without a password.
// The warning is nil or an [*UnverifiedError]: [TLSOpportunistic] sends letters although the certificate cannot be verified.
func (t *SMTP) Inspect(ctx context.Context) (warning, err error) {
	from := (&netmail.Address{Address: cmp.Or(t.settings.ReturnPath, t.settings.From.Address)}).String()
	return t.probe(ctx, "MAIL", "MAIL FROM:"+from)
}

// probe connects, sends one command and disconnects.
func (t *SMTP) probe(ctx context.Context, name, line string) (warning, err error) {
	c, err := t.settings.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("check the mail server: %w", err)
	}
	defer c.quit(ctx)
	if err := c.beforeRecipient(ctx, name, c.timeouts.answer, line); err != nil {
		return nil, fmt.Errorf("check the mail server: %w", err)
	}
	return c.unverified, nil
}

// Close closes all idle connections at once, within quitTimeout. Letters under way are finished; later calls of Send fail.
func (t *SMTP) Close() error {
	t.connections.shut()
	return nil
}
