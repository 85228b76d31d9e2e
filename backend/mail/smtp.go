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
	from, to := t.sender(), (&netmail.Address{Address: string(m.To)}).String()
	beginning, cancel := context.WithTimeoutCause(ctx, upToDataTimeout, errUpToData)
	defer cancel()
	c, err := t.connectionFor(beginning, m.Priority, func(c *conversation) error {
		return c.startLetter(beginning, from, to)
	})
	if err != nil {
		return err
	}
	err = c.sendBody(ctx, raw)
	t.connections.put(c)
	return err
}

// sender returns the sender in the envelope.
func (t *SMTP) sender() string {
	return (&netmail.Address{Address: cmp.Or(t.settings.ReturnPath, t.settings.From.Address)}).String()
}

// connectionFor returns a connection on which begin succeeded. If a connection fails that was used before, connectionFor goes on
// with another one: the first may be dead, or the server may accept no further letter on it. Each round closes a connection.
func (t *SMTP) connectionFor(ctx context.Context, priority Priority, begin func(*conversation) error) (*conversation, error) {
	c, err := t.connections.get(ctx, priority)
	if err != nil {
		return nil, err
	}
	var refusal error // the latest failure after RCPT was answered
	refusals := 0
	for {
		if err = begin(c); err == nil {
			return c, nil
		}
		if !isUnreached(err) {
			refusal = err
			refusals++
		}
		if refusals == maxRefusals || !c.reused || c.usable() || ctx.Err() != nil {
			t.connections.put(c)
			return nil, cmp.Or(refusal, err)
		}
		if c, err = t.connections.replace(ctx, priority, c); err != nil {
			return nil, cmp.Or(refusal, err)
		}
	}
}

// maxRefusals bounds how often a letter is refused over connections that were used before, within one try.
const maxRefusals = 3

// Check opens a connection as Send would, sends NOOP, and disconnects. If that fails beside other connections, or these are as
// many as allowed, Check sends NOOP over one of these: the server may take no further connection. A permanent refusal after the
// greeting counts, such as that of a changed password.
func (t *SMTP) Check(ctx context.Context) error {
	if t.connections.reserve() {
		err := t.checkAnew(ctx)
		hasOthers := t.connections.release(err == nil) //nolint:contextcheck // a connection is opened for all letters
		unreached := (*UnreachedError)(nil)
		isFinal := errors.As(err, &unreached) && unreached.Code >= 500 && !errors.Is(err, errGreeting)
		if err == nil || !hasOthers || isFinal {
			return err
		}
	}
	c, err := t.connectionFor(ctx, beforeAllLetters, func(c *conversation) error { return c.noop(ctx) })
	if err != nil {
		return fmt.Errorf("check the mail server: %w", err)
	}
	t.connections.put(c)
	return nil
}

// beforeAllLetters is the priority of a check. A check behind letters would often end without its turn.
const beforeAllLetters = TemporaryPasswords - 1

// checkAnew sends NOOP over a new connection. Beside others it has to leave time for a second try, over one of these.
func (t *SMTP) checkAnew(ctx context.Context) error {
	if t.connections.hasOthers() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, besideOthersTimeout)
		defer cancel()
	}
	_, err := t.probe(ctx, func(c *conversation) error { return c.noop(ctx) })
	return err
}

// besideOthersTimeout bounds a connection that Check opens beside others.
const besideOthersTimeout = 20 * time.Second

// Inspect connects as Send would and sends MAIL, because some servers refuse the sender, or every sender without a password.
// The warning is nil or an [*UnverifiedError]: [TLSOpportunistic] sends letters although the certificate cannot be verified.
func (t *SMTP) Inspect(ctx context.Context) (warning, err error) {
	return t.probe(ctx, func(c *conversation) error { return c.mail(ctx, t.sender()) })
}

// probe opens a connection, sends one command and disconnects.
func (t *SMTP) probe(ctx context.Context, send func(*conversation) error) (warning, err error) {
	c, err := t.settings.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("check the mail server: %w", err)
	}
	defer c.quit(ctx)
	if err := send(c); err != nil {
		return nil, fmt.Errorf("check the mail server: %w", err)
	}
	return c.unverified, nil
}

// Close closes all idle connections at once, within quitTimeout. Letters under way are finished; later calls of Send fail.
func (t *SMTP) Close() error {
	t.connections.shut()
	return nil
}
