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
	refusal error           // why the server took no further connection lately; nil if none is open
	forget  *time.Timer     // removes the refusal
	closing sync.WaitGroup  // goroutines that close connections
	// waiting are the letters that wait for a connection. None waits while a connection is idle, or while none is open. While
	// another one may be opened, a letter is opening one.
	waiting []chan turn
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
	refusalLifetime = 10 * time.Second
	// longestWait bounds how long a letter waits while the server takes no further connection. It leaves time for the letter
	// within upToDataTimeout.
	longestWait = time.Minute
	// closingTime is how long a server may count a connection that is closed already.
	closingTime = time.Second
)

var errClosed = errors.New("the mail transport is closed")

// get returns a connection for one letter: the idle one that was used last, because it is the most likely to be alive, or
// a new one. While the server takes no further one, get waits for one over which another letter was sent. The caller gives
// the connection back with put, or exchanges it with replace.
func (p *pool) get(ctx context.Context) (*conversation, error) {
	return p.takeOrOpen(ctx, false)
}

// replace closes a connection and returns a new one, or waits for one as get does.
func (p *pool) replace(ctx context.Context, c *conversation) (*conversation, error) {
	c.quit(ctx)
	return p.takeOrOpen(ctx, true) // it is counted in the place of the former one
}

// takeOrOpen does what get says. opens is whether the letter opens a connection at once, which is counted already.
func (p *pool) takeOrOpen(ctx context.Context, opens bool) (*conversation, error) {
	waiting, cancel := context.WithTimeoutCause(ctx, longestWait, timeoutAfter("free connection", longestWait))
	defer cancel()
	isNext := opens // a letter that has had its turn does not wait behind others
	for {
		if opens {
			c, err := p.dial(ctx)
			if isNext && p.isLastRefused(err) {
				pause(waiting, closingTime)
				c, err = p.dial(ctx)
			}
			if !p.mustWait(ctx, err) {
				return c, err
			}
		}
		t, waited := p.wait(waiting, isNext)
		if t.c != nil || t.err != nil {
			return t.c, t.err
		}
		opens, isNext = true, waited
	}
}

// dial opens a connection. If that takes long, dial lets the next letter try too.
func (p *pool) dial(ctx context.Context) (*conversation, error) {
	slow := time.AfterFunc(refusalLifetime, p.tryAnother)
	defer slow.Stop()
	return p.connect(ctx)
}

// isLastRefused reports whether the server refused a connection although no other one is open.
func (p *pool) isLastRefused(err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return isRefusal(err) && p.open == 1
}

func pause(ctx context.Context, length time.Duration) {
	select {
	case <-time.After(length):
	case <-ctx.Done():
	}
}

// mustWait handles the result of opening a connection. It reports whether the letter must wait for another letter's.
func (p *pool) mustWait(ctx context.Context, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.wake() // the server may take another one
		return false
	}
	p.leave()
	switch {
	case p.open > 0 && isRefusal(err):
		p.remember(err)
		return true
	case p.open > 0 || ctx.Err() != nil:
		p.wake()
	default:
		p.endWaits(err)
	}
	return false
}

// isRefusal reports whether the server itself refused a connection, and not the network.
func isRefusal(err error) bool {
	refused := (*UnreachedError)(nil)
	return errors.As(err, &refused) && refused.Code != 0 || errors.Is(err, errHungUp)
}

// wait returns a turn: at once if a connection is idle or may be opened and no letter waits, or else after the letters that
// wait, or before them if isNext.
func (p *pool) wait(ctx context.Context, isNext bool) (t turn, waited bool) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return turn{err: &UnreachedError{Err: errClosed}}, false
	}
	if c := p.takeIdle(); c != nil {
		p.mu.Unlock()
		return turn{c: c}, false
	}
	if p.mayOpen() && len(p.waiting) == 0 {
		p.open++
		p.mu.Unlock()
		return turn{}, false
	}
	mine, refusal := make(chan turn, 1), p.refusal
	at := len(p.waiting)
	if isNext {
		at = 0
	}
	p.waiting = slices.Insert(p.waiting, at, mine)
	p.mu.Unlock()
	select {
	case t := <-mine:
		return t, true
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at = slices.Index(p.waiting, mine)
	if at < 0 { // the turn came at the same time
		return <-mine, true
	}
	p.waiting = slices.Delete(p.waiting, at, at+1)
	err := error(&UnreachedError{Err: contextError(ctx, "free connection")})
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		err = cmp.Or(refusal, err)
	}
	return turn{err: err}, true
}

// mayOpen reports whether another connection may be opened. The caller has locked mu.
func (p *pool) mayOpen() bool { return p.open < p.limit && p.refusal == nil }

// wake lets the letter that has waited longest open a connection, if one may be opened. The caller has locked mu.
func (p *pool) wake() {
	if p.mayOpen() && p.next(turn{}) {
		p.open++
	}
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

// remember records that the server takes no further connection. The caller has locked mu.
func (p *pool) remember(refusal error) {
	p.refusal = refusal
	if p.forget != nil {
		p.forget.Stop()
	}
	p.forget = time.AfterFunc(refusalLifetime, p.tryAnother)
}

// tryAnother lets the next letter open a connection, although the server may still refuse it.
func (p *pool) tryAnother() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusal = nil
	p.wake()
}

// leave counts a connection no longer. The caller has locked mu.
func (p *pool) leave() {
	p.open--
	if p.open == 0 {
		p.refusal = nil
	}
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

// close closes a connection. Then the server takes another one in its place.
func (p *pool) close(ctx context.Context, c *conversation) {
	c.quit(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.next(turn{}) {
		p.leave()
		p.refusal = nil
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
