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
	// claimAtOnce letters are held by one server at most, so that several servers share a rush.
	claimAtOnce = 64
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
	held := newClaims()
	work, done := make(chan Letter), make(chan string)
	p.Wake() // for what a crash left
	var senders, others sync.WaitGroup
	for range p.Senders {
		senders.Go(func() {
			for letter := range work {
				p.deliver(sending, letter)
				done <- letter.ID
			}
		})
	}
	renewing, endRenewing := context.WithCancel(context.WithoutCancel(ctx))
	others.Go(func() { p.keep(renewing, held) })
	unbegun := p.hand(ctx, held, work, done)
	others.Go(func() { p.giveBack(sending, unbegun) })
	close(work)
	held.remove(unbegun...)
	p.await(held, done, abort)
	senders.Wait()
	endRenewing()
	others.Wait()
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

// hand claims letters and hands them to the senders until ctx ends. It returns those that it has not handed over.
func (p *Postman) hand(ctx context.Context, held *claims, work chan<- Letter, done <-chan string) (queue []Letter) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	more := false // the last claim was full, so there is more to claim
	for {
		var next Letter
		var out chan<- Letter
		if len(queue) > 0 {
			next, out = queue[0], work
		}
		look := false
		select {
		case <-ctx.Done():
			return queue
		case out <- next:
			queue = queue[1:]
			look = more && len(queue) == 0
		case id := <-done:
			held.end(id)
		case <-p.wake:
			look = true
		case <-poll.C:
			look = true
		}
		if look && len(queue) == 0 {
			queue = held.add(p.claimDue(ctx, claimAtOnce-held.count()))
			more = len(queue) > 0
		}
	}
}

// await lets what is under way come to its end, and cuts it off when that takes too long.
func (p *Postman) await(held *claims, done <-chan string, abort func()) {
	patience := time.NewTimer(stopWithin)
	defer patience.Stop()
	for held.count() > 0 {
		select {
		case id := <-done:
			held.end(id)
		case <-patience.C:
			abort()
		}
	}
}
