package mail

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// pool opens and keeps connections to a mail server. A connection carries one letter at a time.
//
// Letters wait in a queue for a connection, and connections are opened beside it: a letter takes the connection that is free
// first. Many mail servers take few connections of one client, and refuse a further one or let it wait. While others are open
// this is not an outage.
type pool struct {
	connect func(ctx context.Context) (*conversation, error)
	keep    time.Duration // how long an unused connection is kept
	limit   int           // bounds open

	mu      sync.Mutex
	closed  bool
	idle    []*conversation // the latest used last
	waiting []waiter        // none waits while a connection is idle, or while none is open
	open    int             // all connections: idle ones too, and those that are being opened or closed
	opening int             // those that are being opened
	full    bool            // a further connection failed lately
	forget  *time.Timer     // ends full
	working sync.WaitGroup  // goroutines that open or close connections
	stop    context.CancelFunc
	stopped context.Context // ends with stop; a connection is opened for all letters, so no letter's context bounds it
}

// waiter is a letter that waits for a connection. The queue is in the order of the priorities.
type waiter struct {
	priority Priority
	turn     chan turn
}

// turn ends the wait of a letter, with a connection or an error.
type turn struct {
	c   *conversation
	err error
}

const (
	// refusalLifetime is how long no further connection is opened after the server has refused one, or has not answered. Then it
	// may take more connections again.
	refusalLifetime = 10 * time.Second
	// closingTime is how long a server may count a connection that is closed already.
	closingTime = time.Second
	// openTimeout bounds the opening of a connection. It is a little shorter than upToDataTimeout, so that letters get its error.
	openTimeout = upToDataTimeout - time.Second
)

var errClosed = errors.New("the mail transport is closed")

func newPool(connect func(context.Context) (*conversation, error), keep time.Duration, limit int) *pool {
	p := &pool{connect: connect, keep: keep, limit: limit}
	p.stopped, p.stop = context.WithCancel(context.Background())
	return p
}

// get returns a connection for one letter: the idle one that was used last, because it is the most likely to be alive, a new
// one, or one over which another letter was sent. The caller gives it back with put, or exchanges it with replace.
func (p *pool) get(ctx context.Context, priority Priority) (*conversation, error) {
	p.mu.Lock()
	if c := p.takeIdle(); c != nil {
		p.mu.Unlock()
		return c, nil
	}
	at := slices.IndexFunc(p.waiting, func(w waiter) bool { return w.priority > priority })
	if at < 0 {
		at = len(p.waiting)
	}
	mine := p.enqueue(at, priority)
	p.openAnother() //nolint:contextcheck // a connection is opened for all letters
	p.mu.Unlock()
	return p.wait(ctx, mine)
}

// replace closes a connection and returns the next one that is free, usually a new one.
func (p *pool) replace(ctx context.Context, priority Priority, c *conversation) (*conversation, error) {
	c.quit(ctx)
	p.mu.Lock()
	mine := p.enqueue(0, priority)
	p.giveUp()
	p.mu.Unlock()
	return p.wait(ctx, mine)
}

// enqueue lets a letter wait. The caller has locked mu.
func (p *pool) enqueue(at int, priority Priority) chan turn {
	mine := make(chan turn, 1)
	if p.closed {
		mine <- turn{err: &UnreachedError{Err: errClosed}}
		return mine
	}
	p.waiting = slices.Insert(p.waiting, at, waiter{priority, mine})
	return mine
}

// wait waits for a letter's turn.
func (p *pool) wait(ctx context.Context, mine chan turn) (*conversation, error) {
	select {
	case t := <-mine:
		return t.c, t.err
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.IndexFunc(p.waiting, func(w waiter) bool { return w.turn == mine })
	if at < 0 { // the turn came at the same time
		t := <-mine
		return t.c, t.err
	}
	p.waiting = slices.Delete(p.waiting, at, at+1)
	return nil, &UnreachedError{Err: contextError(ctx, "free connection")}
}

// next ends the first wait of the queue. It reports whether there was one. The caller has locked mu.
func (p *pool) next(t turn) bool {
	if len(p.waiting) == 0 {
		return false
	}
	p.waiting[0].turn <- t
	p.waiting = p.waiting[1:]
	return true
}

// endWaits ends all waits with an error. The caller has locked mu.
func (p *pool) endWaits(err error) {
	for p.next(turn{err: err}) {
	}
}

// openAnother opens another connection if a letter waits for one and the server may take it. The caller has locked mu.
func (p *pool) openAnother() {
	if p.open < p.limit && !p.full && p.opening < len(p.waiting) {
		hasOthers := p.open > 0
		p.open++
		p.opening++
		p.working.Go(func() { p.openOne(hasOthers) })
	}
}

// giveUp gives the place of a closed connection to another one if a letter waits for it. The caller has locked mu.
func (p *pool) giveUp() {
	if p.opening < len(p.waiting) {
		p.opening++
		p.working.Go(func() { p.openOne(true) })
		return
	}
	p.leave()
	p.full = false // the server has a free place
}

// leave counts a connection no longer. The caller has locked mu.
func (p *pool) leave() {
	p.open--
	if p.open == 0 {
		p.full = false
	}
}

// openOne opens a connection that is counted already. hadOthers is whether others were open until now.
func (p *pool) openOne(hadOthers bool) {
	slow := time.AfterFunc(refusalLifetime, p.tryAnother)
	defer slow.Stop()
	ctx, cancel := context.WithTimeoutCause(p.stopped, openTimeout, errUpToData)
	defer cancel()
	c, err := p.connect(ctx)
	p.mu.Lock()
	if isRefusal(err) && hadOthers && p.open == 1 { // the server may still count one that is closed
		p.mu.Unlock()
		pause(ctx, closingTime)
		c, err = p.connect(ctx)
		p.mu.Lock()
	}
	defer p.mu.Unlock()
	p.opening--
	switch {
	case err == nil && p.closed:
		p.closeLater(c)
		return
	case err == nil:
		p.give(c)
		p.openAnother()
		return
	}
	p.leave()
	if p.open == 0 {
		p.endWaits(err)
	} else {
		p.setFull()
	}
}

// setFull records that a further connection failed: most servers that take no more say so, some hang up, reset or let it
// wait. The caller has locked mu.
func (p *pool) setFull() {
	p.full = true
	if p.forget != nil {
		p.forget.Stop()
	}
	p.forget = time.AfterFunc(refusalLifetime, p.tryAnother)
}

// tryAnother opens another connection, although the server may still refuse it.
func (p *pool) tryAnother() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.full = false
	p.openAnother()
}

// hasOpen reports whether a connection is open, or is being opened or closed.
func (p *pool) hasOpen() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open > 0
}

// put takes a connection back after a letter.
func (p *pool) put(c *conversation) {
	p.mu.Lock()
	if p.closed { // shut does not wait for this one
		p.mu.Unlock()
		p.close(c)
		return
	}
	defer p.mu.Unlock()
	if !c.usable() {
		p.closeLater(c)
		return
	}
	c.reused = true
	p.give(c)
}

// give gives a connection to the next letter, or keeps it. The caller has locked mu.
func (p *pool) give(c *conversation) {
	if p.next(turn{c: c}) {
		return
	}
	c.reused = true // it may be dead when it is used
	c.expiry = time.AfterFunc(p.keep, func() { p.expire(c) })
	p.idle = append(p.idle, c)
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

// closeLater closes a connection in the background. The caller has locked mu.
func (p *pool) closeLater(c *conversation) {
	p.working.Go(func() { p.close(c) })
}

func (p *pool) close(c *conversation) {
	c.quit(p.stopped)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.giveUp()
}

// expire closes a connection that was idle for too long, unless get has just taken it.
func (p *pool) expire(c *conversation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := slices.Index(p.idle, c); at >= 0 {
		p.idle = slices.Delete(p.idle, at, at+1)
		p.closeLater(c)
	}
}

// shut closes all idle connections at once, within quitTimeout. Letters under way keep theirs; later calls of get fail.
func (p *pool) shut() {
	p.mu.Lock()
	p.closed = true
	p.stop()
	if p.forget != nil {
		p.forget.Stop()
	}
	p.endWaits(&UnreachedError{Err: errClosed})
	for c := p.takeIdle(); c != nil; c = p.takeIdle() {
		p.closeLater(c)
	}
	p.mu.Unlock()
	p.working.Wait()
}
