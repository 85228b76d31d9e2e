package mail

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"aikagi/backend/recovery"
)

// How the Postman works.
const (
	// claimLasts bounds how long a crashed server's letters wait; claims under way are renewed every renewEvery.
	claimLasts = 10 * time.Second
	renewEvery = 3 * time.Second
	// pollEvery finds held letters that have become due, and what other servers or a crash left.
	pollEvery = time.Second
	// tryLasts bounds one conversation with the mail server, stopWithin what is left of it when the program stops. A
	// server that has taken a letter and is not listened to will get it once more (RFC 5321, 4.5.3.2.6).
	tryLasts   = 3 * time.Minute
	stopWithin = 8 * time.Second
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
	work, done := make(chan Letter), make(chan string)
	p.Wake() // for what a crash left
	var senders sync.WaitGroup
	for range p.Senders {
		senders.Go(func() {
			for letter := range work {
				p.deliver(sending, letter)
				done <- letter.ID
			}
		})
	}
	held := p.hand(ctx, work, done)
	close(work)
	p.await(held, done, abort)
	senders.Wait()
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

// hand claims letters and hands them to the senders until ctx ends. It returns those that are under way then.
func (p *Postman) hand(ctx context.Context, work chan<- Letter, done <-chan string) map[string]bool {
	poll, renew := time.NewTicker(pollEvery), time.NewTicker(renewEvery)
	defer poll.Stop()
	defer renew.Stop()
	var queue []Letter // claimed, not begun
	held := make(map[string]bool)
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
			p.giveBack(ctx, queue)
			for _, letter := range queue {
				delete(held, letter.ID)
			}
			return held
		case out <- next:
			queue = queue[1:]
			look = more && len(queue) == 0
		case id := <-done:
			delete(held, id)
		case <-p.wake:
			look = true
		case <-poll.C:
			look = true
		case <-renew.C:
			p.renew(ctx, held)
		}
		if look && len(queue) == 0 {
			claimed := p.claimDue(ctx, claimAtOnce-len(held))
			more = len(claimed) > 0
			for _, letter := range claimed {
				if !held[letter.ID] { // else it is under way, and its claim could not be renewed
					held[letter.ID] = true
					queue = append(queue, letter)
				}
			}
		}
	}
}

// await lets what is under way come to its end, and cuts it off when that takes too long.
func (p *Postman) await(held map[string]bool, done <-chan string, abort func()) {
	patience := time.NewTimer(stopWithin)
	defer patience.Stop()
	for len(held) > 0 {
		select {
		case id := <-done:
			delete(held, id)
		case <-patience.C:
			abort()
		}
	}
}

func (p *Postman) claimDue(ctx context.Context, limit int) []Letter {
	if limit <= 0 {
		return nil
	}
	now := p.Now()
	letters, err := p.Store.ClaimDue(ctx, p.claim, now, now.Add(claimLasts), limit)
	if err != nil && ctx.Err() == nil {
		p.Log.ErrorContext(ctx, "due letters could not be claimed; they wait", "error", err)
	}
	return letters
}

func (p *Postman) renew(ctx context.Context, held map[string]bool) {
	if len(held) == 0 {
		return
	}
	ids := slices.Sorted(maps.Keys(held))
	if err := p.Store.RenewClaims(ctx, p.claim, ids, p.Now().Add(claimLasts)); err != nil && ctx.Err() == nil {
		p.Log.WarnContext(ctx, "claims on letters could not be renewed", "error", err)
	}
}

func (p *Postman) giveBack(ctx context.Context, queue []Letter) {
	if len(queue) == 0 {
		return
	}
	ids := make([]string, len(queue))
	for i, letter := range queue {
		ids[i] = letter.ID
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := p.Store.GiveBack(ctx, p.claim, ids); err != nil {
		p.Log.WarnContext(ctx, "letters could not be given back; they go out when their claims run out", "error", err)
	}
}
