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

	// OnAnswer is told what each try came to: a reply code of the mail server (RFC 5321), "lost" or "unreachable". OnEnded is
	// told of each letter that has ended, and how long after DueSince. Both are optional and must not block.
	OnAnswer func(code string)
	OnEnded  func(kind recovery.LetterKind, state State, took time.Duration)
	// OnDeliver is told when a try at a letter begins and ends. Optional.
	OnDeliver func(ctx context.Context, kind recovery.LetterKind) (context.Context, func())

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
	held, lanes, done := newClaims(), newLanes(), make(chan result)
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
func (p *Postman) send(ctx context.Context, passwords, notices <-chan Letter, done chan<- result) {
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
			done <- p.deliver(ctx, letter)
		}
	}
}

// Drain delivers what is due now, one letter after the other, and returns. It leaves the others where the mail server
// cannot be reached.
func (p *Postman) Drain(ctx context.Context) {
	for {
		letters := p.claimDue(ctx, claimAtOnce)
		if len(letters) == 0 {
			return
		}
		for n, letter := range letters {
			if p.deliver(ctx, letter).contact == unreached {
				p.giveBack(ctx, letters[n+1:])
				return
			}
		}
	}
}

// hand claims letters and hands them to the senders until ctx ends.
func (p *Postman) hand(ctx context.Context, held *claims, lanes []*lane, done <-chan result) {
	poll, away := time.NewTicker(pollEvery), newOutage(p.Log)
	defer poll.Stop()
	defer away.probe.Stop()
	for {
		from, next, out := offer(lanes)
		look := false
		select {
		case <-ctx.Done():
			return
		case out <- next:
			from.queue = from.queue[1:]
		case r := <-done:
			held.end(r.letter.ID)
			lanes[PriorityOf(r.letter.Kind)].held--
			begins, ends := away.learn(r)
			if begins {
				p.release(ctx, held, lanes)
			}
			look = ends
		case <-away.probe.C:
			away.due = true
		case <-p.wake:
			look = true
		case <-poll.C:
			look = true
		}
		if away.lasts {
			p.fillProbe(ctx, held, lanes, away)
		} else {
			p.fill(ctx, held, lanes, look)
		}
	}
}

// release gives back what is claimed and not begun: other servers may reach the mail server.
func (p *Postman) release(ctx context.Context, held *claims, lanes []*lane) {
	left := unbegun(lanes)
	p.giveBack(ctx, left)
	held.remove(left...)
}

// fillProbe claims one letter when it is time to probe, of either priority by turns.
func (p *Postman) fillProbe(ctx context.Context, held *claims, lanes []*lane, away *outage) {
	if _, _, waits := offer(lanes); waits != nil || !away.due {
		return
	}
	for n := range lanes {
		l := lanes[(n+away.turn)%len(lanes)]
		if l.claim(ctx, p, held, 1) {
			away.begin(l.queue[0])
			return
		}
	}
}

// fill claims letters for lanes that are empty. It claims none for a lane while an earlier lane has some.
func (p *Postman) fill(ctx context.Context, held *claims, lanes []*lane, look bool) {
	for _, l := range lanes {
		l.more = l.more || look
	}
	for _, l := range lanes {
		if len(l.queue) == 0 && l.more {
			l.more = l.claim(ctx, p, held, claimAtOnce-l.held)
		}
		if len(l.queue) > 0 {
			return
		}
	}
}

// await lets what is under way come to its end, and cuts it off when that takes too long.
func (p *Postman) await(held *claims, done <-chan result, abort func()) {
	patience := time.NewTimer(stopWithin)
	defer patience.Stop()
	for held.count() > 0 {
		select {
		case r := <-done:
			held.end(r.letter.ID)
		case <-patience.C:
			abort()
		}
	}
}
