package mail

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"aikagi/backend/recovery"
)

// How the Postman works.
const (
	// claimLasts bounds how long a crashed server's letters wait; claims under way are renewed every renewEvery.
	claimLasts = 10 * time.Second
	renewEvery = 2 * time.Second
	// callLasts bounds one database call about claims. The store gives up a host that does not answer after 3 s, so a
	// call can still reach the next host. If one renewal hangs for callLasts, the next one still comes before the claim
	// runs out.
	callLasts = 4 * time.Second
	// pollEvery finds held letters that have become due, and what other servers or a crash left.
	pollEvery = time.Second
	// tryLasts bounds one conversation with the mail server. The transport keeps shorter bounds of its own (RFC 5321,
	// 4.5.3.2): 5 minutes up to DATA, 2 for its answer, 10 for the answer to the message. A server that has taken a
	// letter and is not listened to will get it once more.
	tryLasts = 18 * time.Minute
	// stopWithin is how long a conversation may go on when the program stops, and recordsWithin how long its end may
	// take to be recorded after that.
	stopWithin    = 6 * time.Second
	recordsWithin = 2 * time.Second
	// claimAtOnce letters of each priority are held by one server at most, so that several servers share a rush.
	claimAtOnce = 64
	// One of reservedEvery senders takes letters with temporary passwords only: notices that a slow mail server holds up
	// do not keep all of them busy.
	reservedEvery = 4
)

// Postman is the worker that delivers letters: it claims a batch, and its senders deliver them side by side.
// Make it with NewPostman.
type Postman struct {
	Store     Store
	Writer    *Writer
	Transport Transport
	Keys      *recovery.Ring
	// Lifetime is a temporary password's, counted from when its letter is handed over.
	Lifetime time.Duration
	Now      func() time.Time
	Log      *slog.Logger
	// Senders is how many letters are under way at a time.
	Senders int

	claim string // names this Postman, and no other that ever ran, in the rows that it holds
	wake  chan struct{}
}

// NewPostman makes a Postman; its fields are set before Run.
func NewPostman() *Postman {
	return &Postman{claim: rand.Text(), wake: make(chan struct{}, 1)}
}

// Wake tells the Postman that a letter is due. It does not block.
func (p *Postman) Wake() {
	select {
	case p.wake <- struct{}{}:
	default: // it is awake already, and looks again before it sleeps
	}
}

// Run delivers letters until ctx ends. Then it gives back what it has not begun and finishes the rest, so that
// nothing claimed is left behind.
func (p *Postman) Run(ctx context.Context) {
	sending, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	held, lanes, done := newClaims(), newLanes(), make(chan Letter)
	p.Wake() // for what a crash left
	var senders, others sync.WaitGroup
	for n := range p.Senders {
		passwords, notices := lanes[TemporaryPasswords].out, lanes[Notices].out
		if n%reservedEvery == reservedEvery-1 {
			notices = nil
		}
		senders.Go(func() { p.send(sending, passwords, notices, done) })
	}
	renewing, endRenewing := context.WithCancel(context.WithoutCancel(ctx))
	others.Go(func() { p.keep(renewing, held) })
	p.hand(ctx, held, lanes, done)
	left := unbegun(lanes)
	held.remove(left...)
	others.Go(func() { p.giveBack(sending, left) })
	for _, l := range lanes {
		close(l.out)
	}
	p.await(held, done, abort)
	senders.Wait()
	endRenewing()
	others.Wait()
}

// send delivers letters until both lanes are closed. A nil lane gives none.
func (p *Postman) send(ctx context.Context, passwords, notices <-chan Letter, done chan<- Letter) {
	for passwords != nil || notices != nil {
		var letter Letter
		var open bool
		select {
		case letter, open = <-passwords:
			if !open {
				passwords = nil
			}
		case letter, open = <-notices:
			if !open {
				notices = nil
			}
		}
		if open {
			p.deliver(ctx, letter)
			done <- letter
		}
	}
}

// Drain delivers what is due now, one letter after the other, and returns.
func (p *Postman) Drain(ctx context.Context) {
	for {
		letters := p.claimDue(ctx, claimAtOnce)
		if len(letters) == 0 {
			return
		}
		for _, letter := range letters {
			p.deliver(ctx, letter)
		}
	}
}

// hand claims letters and hands them to the senders until ctx ends.
func (p *Postman) hand(ctx context.Context, held *claims, lanes []*lane, done <-chan Letter) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		from, next, out := offer(lanes)
		look := false
		select {
		case <-ctx.Done():
			return
		case out <- next:
			from.queue = from.queue[1:]
		case letter := <-done:
			held.end(letter.ID)
			lanes[PriorityOf(letter.Kind)].held--
		case <-p.wake:
			look = true
		case <-poll.C:
			look = true
		}
		p.fill(ctx, held, lanes, look)
	}
}

// fill claims letters for lanes that are empty. It claims none for a lane while an earlier lane has some.
func (p *Postman) fill(ctx context.Context, held *claims, lanes []*lane, look bool) {
	for _, l := range lanes {
		l.more = l.more || look
	}
	for _, l := range lanes {
		if len(l.queue) == 0 && l.more {
			claimed := p.claimDue(ctx, claimAtOnce-l.held, l.priority)
			l.more = len(claimed) > 0
			l.queue = held.add(claimed)
			l.held += len(l.queue)
		}
		if len(l.queue) > 0 {
			return
		}
	}
}

// await lets what is under way come to its end, and cuts it off when that takes too long.
func (p *Postman) await(held *claims, done <-chan Letter, abort func()) {
	patience := time.NewTimer(stopWithin)
	defer patience.Stop()
	for held.count() > 0 {
		select {
		case letter := <-done:
			held.end(letter.ID)
		case <-patience.C:
			abort()
		}
	}
}
