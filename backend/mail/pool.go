package mail

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// pool opens and keeps connections to a mail server. A connection carries one letter at a time.
//
// Many mail servers take few connections of one client, and refuse a further one. While letters are sent over other
// connections this is not an outage: the letter waits for one of these.
type pool struct {
	connect func(ctx context.Context) (*conversation, error)
	keep    time.Duration // how long an unused connection is kept
	limit   int           // bounds open

	mu      sync.Mutex
	closed  bool
	idle    []*conversation // the latest used last
	open    int             // all connections: idle ones too, and those that are being opened or closed
	waiting []chan turn     // letters that wait for a connection; there is none while a connection is idle
	refusal error           // why the server took no further connection lately; nil: one may be opened
	forget  *time.Timer     // removes the refusal
	closing sync.WaitGroup  // goroutines that close connections
}

// turn ends the wait of a letter: with a connection, or with an error. If both are nil, the letter opens a connection, which
// is counted already.
type turn struct {
	c   *conversation
	err error
}

const (
	// refusalLifetime is how long no further connection is opened after the server has refused one. Then the server may take
	// more connections again.
	refusalLifetime = 30 * time.Second
	// longestWait bounds the wait for a connection. It leaves time for the letter within upToDataTimeout.
	longestWait = time.Minute
)

var errClosed = errors.New("the mail transport is closed")

// get returns a connection for one letter: the idle one that was used last, because it is the most likely to be alive, or
// another one, as getOther does. The caller gives it back with put or with close.
func (p *pool) get(ctx context.Context) (*conversation, error) {
	p.mu.Lock()
	if c := p.takeIdle(); c != nil {
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	return p.getOther(ctx)
}

// getOther returns a new connection, or one over which another letter was sent just now.
func (p *pool) getOther(ctx context.Context) (*conversation, error) {
	p.mu.Lock()
	switch {
	case p.closed:
		p.mu.Unlock()
		return nil, &UnreachedError{Err: errClosed}
	case p.open == p.limit, p.open > 0 && p.refusal != nil:
		return p.waitOrReuse(ctx)
	}
	p.open++
	p.mu.Unlock()
	return p.openCounted(ctx)
}

// takeIdle returns the idle connection that was used last, or nil. The caller has locked mu.
func (p *pool) takeIdle() *conversation {
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	c := p.idle[last]
	p.idle = p.idle[:last]
	c.expiry.Stop()
	return c
}

// openCounted opens a connection that open counts already. If the server refuses it while others are in use, openCounted
// waits for one of these.
func (p *pool) openCounted(ctx context.Context) (*conversation, error) {
	c, err := p.connect(ctx)
	if err == nil {
		return c, nil
	}
	p.mu.Lock()
	p.open--
	if refused := (*UnreachedError)(nil); errors.As(err, &refused) && refused.Code/100 == 4 && !p.closed {
		p.remember(err)
		if p.open > 0 {
			return p.waitOrReuse(ctx)
		}
	}
	if p.open == 0 { // no other letter has a connection
		p.endWaits(err)
	}
	p.mu.Unlock()
	return nil, err
}

// remember records that the server takes no further connection. The caller has locked mu.
func (p *pool) remember(refusal error) {
	p.refusal = refusal
	if p.forget != nil {
		p.forget.Stop()
	}
	p.forget = time.AfterFunc(refusalLifetime, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.refusal = nil
	})
}

// waitOrReuse returns an idle connection, or waits until another letter gives its connection back. The caller has locked mu;
// waitOrReuse unlocks it.
func (p *pool) waitOrReuse(ctx context.Context) (*conversation, error) {
	if c := p.takeIdle(); c != nil {
		p.mu.Unlock()
		return c, nil
	}
	mine, refusal := make(chan turn, 1), p.refusal
	p.waiting = append(p.waiting, mine)
	p.mu.Unlock()
	limited, cancel := context.WithTimeoutCause(ctx, longestWait, timeoutAfter("free connection", longestWait))
	defer cancel()
	select {
	case t := <-mine:
		return p.take(ctx, t)
	case <-limited.Done():
	}
	p.mu.Lock()
	at := slices.Index(p.waiting, mine)
	if at < 0 { // the turn came at the same time
		p.mu.Unlock()
		return p.take(ctx, <-mine)
	}
	p.waiting = slices.Delete(p.waiting, at, at+1)
	p.mu.Unlock()
	return nil, cmp.Or(refusal, error(&UnreachedError{Err: contextError(limited, "free connection")}))
}

func (p *pool) take(ctx context.Context, t turn) (*conversation, error) {
	if t.c == nil && t.err == nil {
		return p.openCounted(ctx)
	}
	return t.c, t.err
}

// next ends the wait that is the longest. It reports whether there was one. The caller has locked mu.
func (p *pool) next(t turn) bool {
	if len(p.waiting) == 0 {
		return false
	}
	p.waiting[0] <- t
	p.waiting = p.waiting[1:]
	return true
}

// endWaits ends all waits with an error. The caller has locked mu.
func (p *pool) endWaits(err error) {
	for p.next(turn{err: err}) {
	}
}

// put takes a connection back. It gives it to the next letter, keeps it, or closes it in the background.
func (p *pool) put(ctx context.Context, c *conversation) {
	ctx = context.WithoutCancel(ctx) // the connection outlives this letter
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		p.close(ctx, c)
		return
	}
	defer p.mu.Unlock()
	if !c.usable() {
		p.closing.Go(func() { p.close(ctx, c) })
		return
	}
	c.reused = true
	if p.next(turn{c: c}) {
		return
	}
	c.expiry = time.AfterFunc(p.keep, func() { p.expire(ctx, c) })
	p.idle = append(p.idle, c)
}

// close closes a connection. Then the next letter that waits may open another one.
func (p *pool) close(ctx context.Context, c *conversation) {
	c.quit(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.next(turn{}) {
		p.open--
	}
}

// expire closes a connection that was idle for too long, unless get has just taken it.
func (p *pool) expire(ctx context.Context, c *conversation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := slices.Index(p.idle, c); at >= 0 {
		p.idle = slices.Delete(p.idle, at, at+1)
		p.closing.Go(func() { p.close(ctx, c) })
	}
}

// shut closes all idle connections at once, within quitTimeout. Letters under way keep theirs; later calls of get fail.
func (p *pool) shut() {
	p.mu.Lock()
	p.closed = true
	if p.forget != nil {
		p.forget.Stop()
	}
	p.endWaits(&UnreachedError{Err: errClosed})
	for c := p.takeIdle(); c != nil; c = p.takeIdle() {
		p.closing.Go(func() { p.close(context.Background(), c) })
	}
	p.mu.Unlock()
	p.closing.Wait()
}
