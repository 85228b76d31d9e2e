package mail

import (
	"context"
	"errors"
	"fmt"
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
	waiting queue           // empty while no connection is open; beside an idle one, letters wait for a new one
	open    int             // all connections: idle ones, those that are being opened or closed, and reserved ones
	opening int             // those that are being opened
	full    bool            // a further connection failed lately
	failure error           // of the opening that ended last; nil if it succeeded
	forget  *time.Timer     // ends full
	working sync.WaitGroup  // goroutines that open or close connections
	stop    context.CancelFunc
	stopped context.Context // ends with stop; a connection is opened for all letters, so no letter's context bounds it
}

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
	if p.closed {
		p.mu.Unlock()
		return nil, &UnreachedError{Err: errClosed}
	}
	if p.waiting.mayPass(priority) {
		if c := p.takeIdle(); c != nil {
			p.mu.Unlock()
			return c, nil
		}
	}
	mine := p.waiting.join(priority)
	p.openAnother() //nolint:contextcheck // a connection is opened for all letters
	p.mu.Unlock()
	return p.wait(ctx, mine)
}

// replace closes a connection that is no longer usable, and returns the next one that is free. Idle ones may be dead or spent
// too, so a letter takes one of these only if no new one can be opened.
func (p *pool) replace(ctx context.Context, priority Priority, c *conversation) (*conversation, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		p.put(c)
		return nil, &UnreachedError{Err: errClosed}
	}
	mine := p.waiting.rejoin(priority)
	p.closeLater(c) // in the background
	p.mu.Unlock()
	return p.wait(ctx, mine)
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
	if !p.waiting.leave(mine) { // the turn came at the same time
		t := <-mine
		return t.c, t.err
	}
	err := contextError(ctx, "free connection")
	if p.open > p.opening && (p.failure == nil || isRefusal(p.failure)) {
		err = fmt.Errorf("%w: %w", err, ErrAllBusy)
	}
	return nil, &UnreachedError{Err: err}
}

// reserve counts a connection that is opened beside the pool, until release. It returns false if no further one may be open.
func (p *pool) reserve() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.open >= p.limit {
		return false
	}
	p.open++
	return true
}

// release counts a reserved connection no longer. wasOpen is whether the server took it, so that its place is free again.
// release returns whether other connections are counted.
func (p *pool) release(wasOpen bool) (hasOthers bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	hasOthers = p.open > 1
	if wasOpen {
		p.giveUp()
		return hasOthers
	}
	p.leave()
	p.openBeside(true)
	return hasOthers
}

// hasOthers reports whether connections are counted besides a reserved one.
func (p *pool) hasOthers() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open > 1
}

// giveUp gives the place of a closed connection to another one if a letter waits for it. The caller has locked mu.
func (p *pool) giveUp() {
	if p.opening < len(p.waiting) {
		p.openLater(true)
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

// useIdle gives an idle connection to the letter that waits first, if there are both. The caller has locked mu.
func (p *pool) useIdle() {
	if len(p.waiting) == 0 {
		return
	}
	if c := p.takeIdle(); c != nil {
		p.waiting.next(turn{c: c})
	}
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
	if p.waiting.next(turn{c: c}) {
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
	p.waiting.end(&UnreachedError{Err: errClosed})
	for c := p.takeIdle(); c != nil; c = p.takeIdle() {
		p.closeLater(c)
	}
	p.mu.Unlock()
	p.working.Wait()
}
