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

// SMTP is the Transport that hands letters to a mail server, over a few connections that it keeps.
type SMTP struct {
	settings SMTPSettings
	senders  chan struct{} // one for each letter that is being sent
	open     chan struct{} // one for each open connection, idle or not

	mu     sync.Mutex
	idle   []*conversation // the latest used last
	closed bool
	leaves sync.WaitGroup // connections that are being closed
}

var errClosed = errors.New("the mail transport is closed")

// NewSMTP makes an SMTP. It does not connect: Check does.
func NewSMTP(settings SMTPSettings) *SMTP {
	if settings.HELO == "" {
		_, settings.HELO, _ = strings.Cut(settings.From.Address, "@")
	}
	setDefault(&settings.Idle, defaultIdle)
	setDefault(&settings.Connections, defaultConnections)
	return &SMTP{
		settings: settings,
		senders:  make(chan struct{}, settings.Connections),
		open:     make(chan struct{}, settings.Connections),
	}
}

// Send hands the message over. Its wait for a connection and all that comes before the message last upToData at most.
func (t *SMTP) Send(ctx context.Context, m Message) error {
	if !m.To.CanReceive() {
		// As every mail server would: mail cannot reach such an address.
		return &RefusedError{Code: 553, Enhanced: "5.1.3", Recipient: true}
	}
	raw, err := t.settings.compose(m)
	if err != nil {
		return err
	}
	beginning, cancel := context.WithTimeoutCause(ctx, upToData, errUpToData)
	defer cancel()
	if err := acquire(beginning, t.senders); err != nil {
		return err
	}
	defer func() { <-t.senders }()
	c, err := t.begin(beginning, (&netmail.Address{Address: string(m.To)}).String())
	if err != nil {
		return err
	}
	err = c.hand(ctx, raw)
	t.giveBack(ctx, c)
	return err
}

// begin brings a connection to the point at which the server waits for the letter. A kept connection may be dead by
// now, or have had as many letters as the server allows: what fails on it is tried once more on a new one.
func (t *SMTP) begin(ctx context.Context, to string) (*conversation, error) {
	from := (&netmail.Address{Address: cmp.Or(t.settings.ReturnPath, t.settings.From.Address)}).String()
	c, err := t.take(ctx)
	if err != nil {
		return nil, err
	}
	err = c.begin(ctx, from, to)
	if err != nil && c.kept && !c.usable() && ctx.Err() == nil {
		c.quit(ctx)
		if c, err = t.connect(ctx); err != nil {
			return nil, err
		}
		err = c.begin(ctx, from, to)
	}
	if err != nil {
		t.giveBack(ctx, c)
		return nil, err
	}
	return c, nil
}

// take gives the kept connection used last, which is the likeliest to live, or a new one.
func (t *SMTP) take(ctx context.Context) (*conversation, error) {
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
	if err := acquire(ctx, t.open); err != nil {
		return nil, err
	}
	return t.connect(ctx)
}

// connect opens a connection in the place of one that the caller has acquired in open or closed. It gives the place
// back when it fails.
func (t *SMTP) connect(ctx context.Context) (*conversation, error) {
	c, err := t.settings.open(ctx)
	if err != nil {
		<-t.open
		return nil, err
	}
	return c, nil
}

func acquire(ctx context.Context, places chan<- struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &UnreachedError{Err: endOf(ctx, "free connection")}
	}
}

// giveBack keeps a connection for the next letter, or closes it without holding up the caller.
func (t *SMTP) giveBack(ctx context.Context, c *conversation) {
	ctx = context.WithoutCancel(ctx) // the connection outlives this letter
	t.mu.Lock()
	switch {
	case t.closed:
		t.mu.Unlock()
		t.leave(ctx, c)
		return
	case c.usable():
		c.kept = true
		c.expiry = time.AfterFunc(t.settings.Idle, func() { t.expire(ctx, c) })
		t.idle = append(t.idle, c)
	default:
		t.leaves.Go(func() { t.leave(ctx, c) })
	}
	t.mu.Unlock()
}

// leave closes a connection and gives its place to another.
func (t *SMTP) leave(ctx context.Context, c *conversation) {
	c.quit(ctx)
	<-t.open
}

// expire closes a connection that has been idle for long, unless it is taken just now.
func (t *SMTP) expire(ctx context.Context, c *conversation) {
	t.mu.Lock()
	at := slices.Index(t.idle, c)
	if at >= 0 {
		t.idle = slices.Delete(t.idle, at, at+1)
		t.leaves.Go(func() { t.leave(ctx, c) })
	}
	t.mu.Unlock()
}

// Check connects as Send would, says NOOP, and leaves.
func (t *SMTP) Check(ctx context.Context) error {
	_, err := t.visit(ctx, "NOOP", "NOOP")
	return err
}

// Inspect connects as Send would, and names the sender: some servers take no sender, or none without a password. The
// warning is nil, or an *UnverifiedError: letters go over a connection whose certificate cannot be verified, which
// TLSOpportunistic allows.
func (t *SMTP) Inspect(ctx context.Context) (warning, err error) {
	from := (&netmail.Address{Address: cmp.Or(t.settings.ReturnPath, t.settings.From.Address)}).String()
	return t.visit(ctx, "MAIL", "MAIL FROM:"+from)
}

// visit connects, says one line and leaves.
func (t *SMTP) visit(ctx context.Context, deed, line string) (warning, err error) {
	c, err := t.settings.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("check the mail server: %w", err)
	}
	defer c.quit(ctx)
	if err := c.beforeRecipient(ctx, deed, c.timeouts.answer, line); err != nil {
		return nil, fmt.Errorf("check the mail server: %w", err)
	}
	return c.unverified, nil
}

// Close says goodbye on the kept connections, on all at once and within goodbyeLasts. Letters under way end by
// themselves; later ones are not sent.
func (t *SMTP) Close() error {
	t.mu.Lock()
	t.closed = true
	for _, c := range t.idle {
		c.expiry.Stop()
		t.leaves.Go(func() { t.leave(context.Background(), c) })
	}
	t.idle = nil
	t.mu.Unlock()
	t.leaves.Wait()
	return nil
}
