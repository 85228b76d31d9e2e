package mail

import (
	"context"
	"time"
)

// The times of the opening of connections.
const (
	// refusalLifetime is how long the pool does not grow after the server has refused a further connection, or has not answered.
	// Then it may take more connections again.
	refusalLifetime = 10 * time.Second
	// closingTime is how long a server may count a connection that is closed already.
	closingTime = time.Second
	// openTimeout bounds the opening of a connection. It is a little shorter than upToDataTimeout, so that the letter for which
	// the first one is opened gets its error.
	openTimeout = upToDataTimeout - time.Second
)

// openAnother opens another connection if a letter waits for one and the server may take it. The caller has locked mu.
func (p *pool) openAnother() { p.openBeside(p.open > 0) }

// openBeside is openAnother for a caller that knows whether the server may still count one of this pool.
func (p *pool) openBeside(mayBeCounted bool) {
	if p.open < p.limit && !p.full && p.opening < len(p.waiting) {
		p.open++
		p.openLater(mayBeCounted)
	}
}

// openLater opens a connection in the background, which is counted already. The caller has locked mu.
func (p *pool) openLater(mayBeCounted bool) {
	p.opening++
	p.working.Go(func() { p.openOne(mayBeCounted) })
}

// openOne opens a connection. mayBeCounted is whether the server may still count one of this pool that was closed lately.
func (p *pool) openOne(mayBeCounted bool) {
	ctx, cancel := context.WithTimeoutCause(p.stopped, openTimeout, errUpToData)
	defer cancel()
	p.working.Go(func() { repeat(ctx, refusalLifetime, p.tryAnother) }) // this one may hang
	c, err := p.connect(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if mayBeCounted && p.open == 1 && isRefusal(err) {
		p.mu.Unlock()
		pause(ctx, closingTime)
		c, err = p.connect(ctx)
		p.mu.Lock()
	}
	p.opening--
	p.failure = err
	switch {
	case err != nil:
		p.fail(err)
	case p.closed:
		p.closeLater(c)
	default:
		p.give(c)
		p.openAnother()
	}
}

// fail handles a connection that could not be opened. If no letter has a connection and the network is the cause, the server is
// not just full. The caller has locked mu.
func (p *pool) fail(err error) {
	p.leave()
	if p.open == 0 || p.open == p.opening && !isRefusal(err) {
		p.waiting.end(err)
		return
	}
	p.setFull()
}

// repeat calls f after each interval until ctx ends.
func repeat(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			f()
		case <-ctx.Done():
			return
		}
	}
}

// setFull records that a further connection failed: most servers that take no more say so, some hang up, reset or let it
// wait. The caller has locked mu.
func (p *pool) setFull() {
	p.full = true
	p.useIdle()
	if p.forget != nil {
		p.forget.Stop()
	}
	p.forget = time.AfterFunc(refusalLifetime, func() {
		p.mu.Lock()
		p.full = false
		p.mu.Unlock()
		p.tryAnother()
	})
}

// tryAnother serves a letter that still waits: with an idle connection, or with another one if the pool may grow.
func (p *pool) tryAnother() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.useIdle()
	p.openAnother()
}
