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
	// openTimeout bounds the opening of the only connection. It is a little shorter than upToDataTimeout, so that the letter
	// for which it is opened gets its error.
	openTimeout = upToDataTimeout - time.Second
	// openFurtherTimeout bounds the opening of a further connection. Connections that hang count as open, so while they do, no
	// others are opened in their places.
	openFurtherTimeout = time.Minute
)

// openAnother opens another connection if a letter waits for one and the server may take it. The caller has locked mu.
func (p *pool) openAnother() {
	if p.open < p.limit && !p.full && p.opening < len(p.waiting) {
		p.open++
		p.openLater(p.open > 1)
	}
}

// openLater opens a connection in the background, which is counted already. The caller has locked mu.
func (p *pool) openLater(serverHasOthers bool) {
	p.opening++
	p.working.Go(func() { p.openOne(serverHasOthers) })
}

// openOne opens a connection. serverHasOthers is whether the server may still count another one of this pool.
func (p *pool) openOne(serverHasOthers bool) {
	slow := time.AfterFunc(refusalLifetime, p.tryAnother)
	defer slow.Stop()
	c, err := p.connectFor(serverHasOthers)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opening--
	if err != nil {
		p.leave()
		if p.open == 0 {
			p.waiting.end(err)
		} else {
			p.setFull()
		}
		return
	}
	if p.closed {
		p.closeLater(c)
		return
	}
	p.give(c)
	p.openAnother()
}

// connectFor connects, if need be twice: the server may still count a connection that was closed a moment ago.
func (p *pool) connectFor(serverHasOthers bool) (*conversation, error) {
	limit, cause := openTimeout, errUpToData
	if p.hasOthers() {
		limit, cause = openFurtherTimeout, timeoutAfter("further connection", openFurtherTimeout)
	}
	ctx, cancel := context.WithTimeoutCause(p.stopped, limit, cause)
	defer cancel()
	c, err := p.connect(ctx)
	if isRefusal(err) && serverHasOthers && !p.hasOthers() {
		pause(ctx, closingTime)
		c, err = p.connect(ctx)
	}
	return c, err
}

// hasOthers reports whether more than one connection is open, or is being opened or closed.
func (p *pool) hasOthers() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open > 1
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
