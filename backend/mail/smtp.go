package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"time"
)

// SMTP is the [Transport] that sends letters to a mail server. It has a small pool of connections. Make it with [NewSMTP].
type SMTP struct {
	settings SMTPSettings
	sending  chan struct{} // one for each letter that is being sent
	slots    chan struct{} // one for each open connection, idle or not

	mu      sync.Mutex
	idle    []*conversation // the latest used last
	closed  bool
	closing sync.WaitGroup // goroutines that close connections
}

var errClosed = errors.New("the mail transport is closed")

// NewSMTP makes an SMTP. It does not connect; [SMTP.Check] does.
func NewSMTP(settings SMTPSettings) *SMTP {
	if settings.HELO == "" {
		_, settings.HELO, _ = strings.Cut(settings.From.Address, "@")
	}
	setDefault(&settings.Idle, defaultIdle)
	setDefault(&settings.Connections, defaultConnections)
	return &SMTP{
		settings: settings,
		sending:  make(chan struct{}, settings.Connections),
		slots:    make(chan struct{}, settings.Connections),
	}
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
	if err := acquire(beginning, t.sending); err != nil {
		return err
	}
	defer func() { <-t.sending }()
	c, err := t.startLetter(beginning, (&netmail.Address{Address: string(m.To)}).String())
	if err != nil {
		return err
	}
	err = c.sendBody(ctx, raw)
	t.put(ctx, c)
	return err
}

// startLetter returns a connection on which the server waits for the letter. If an idle connection fails, startLetter
// tries once more on a new connection: the idle one may be dead, or the server may accept no further letter on it.
func (t *SMTP) startLetter(ctx context.Context, to string) (*conversation, error) {
	from := (&netmail.Address{Address: cmp.Or(t.settings.ReturnPath, t.settings.From.Address)}).String()
	c, err := t.get(ctx)
	if err != nil {
		return nil, err
	}
	err = c.startLetter(ctx, from, to)
	if err != nil && c.reused && !c.usable() && ctx.Err() == nil {
		c.quit(ctx)
		if c, err = t.connectInSlot(ctx); err != nil {
			return nil, err
		}
		err = c.startLetter(ctx, from, to)
	}
	if err != nil {
		t.put(ctx, c)
		return nil, err
	}
	return c, nil
}

// get returns the idle connection that was used last, because it is the most likely to be alive, or a new one.
func (t *SMTP) get(ctx context.Context) (*conversation, error) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil, &UnreachedError{Err: errClosed}
	}
	if last := len(t.idle) - 1; last >= 0 {
		c := t.idle[last]
		t.idle = t.idle[:last]
		t.mu.Unlock()
		c.expiry.Stop()
		return c, nil
	}
	t.mu.Unlock()
	if err := acquire(ctx, t.slots); err != nil {
		return nil, err
	}
	return t.connectInSlot(ctx)
}

// connectInSlot opens a connection. The caller has acquired a slot for it; connectInSlot frees the slot when it fails.
func (t *SMTP) connectInSlot(ctx context.Context) (*conversation, error) {
	c, err := t.settings.connect(ctx)
	if err != nil {
		<-t.slots
		return nil, err
	}
	return c, nil
}

func acquire(ctx context.Context, slots chan<- struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &UnreachedError{Err: contextError(ctx, "free connection")}
	}
}

// put keeps a connection for the next letter, or closes it in the background.
func (t *SMTP) put(ctx context.Context, c *conversation) {
	ctx = context.WithoutCancel(ctx) // the connection outlives this letter
	t.mu.Lock()
	switch {
	case t.closed:
		t.mu.Unlock()
		t.closeAndFree(ctx, c)
		return
	case c.usable():
		c.reused = true
		c.expiry = time.AfterFunc(t.settings.Idle, func() { t.expire(ctx, c) })
		t.idle = append(t.idle, c)
	default:
		t.closing.Go(func() { t.closeAndFree(ctx, c) })
	}
	t.mu.Unlock()
}

// closeAndFree closes a connection and frees its slot.
func (t *SMTP) closeAndFree(ctx context.Context, c *conversation) {
	c.quit(ctx)
	<-t.slots
}

// expire closes a connection that was idle for too long, unless get has just taken it.
func (t *SMTP) expire(ctx context.Context, c *conversation) {
	t.mu.Lock()
	at := slices.Index(t.idle, c)
	if at >= 0 {
		t.idle = slices.Delete(t.idle, at, at+1)
		t.closing.Go(func() { t.closeAndFree(ctx, c) })
	}
	t.mu.Unlock()
}

// Check connects as Send would, sends NOOP, and disconnects.
func (t *SMTP) Check(ctx context.Context) error {
	_, err := t.probe(ctx, "NOOP", "NOOP")
	return err
}

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
	t.mu.Lock()
	t.closed = true
	for _, c := range t.idle {
		c.expiry.Stop()
		t.closing.Go(func() { t.closeAndFree(context.Background(), c) })
	}
	t.idle = nil
	t.mu.Unlock()
	t.closing.Wait()
	return nil
}
