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
	// beginLasts bounds the transaction that begins letters.
	beginLasts = 10 * time.Second
	// recordFor is how long the end of a try is tried to be recorded, for a database that does not answer.
	recordFor = 30 * time.Second
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
	// claimAtOnce letters of each priority are held by one server at most, or twice as many as it has senders, so that several
	// servers share a rush.
	claimAtOnce = 64
	// One of reservedEvery senders takes letters with temporary passwords only: notices that a slow mail server holds up
	// do not keep all of them busy.
	reservedEvery = 4
	// gatherFor is how long a set waits for letters under way, when more letters are due than senders are free: the more
	// letters it begins, the fewer statements each of them costs. It is longer than a mail server nearby takes.
	gatherFor = 5 * time.Millisecond
)

// Postman is the worker that delivers letters. It claims a batch, begins as many letters at once as senders are free,
// sends them side by side, and records what came of them in sets. Make it with NewPostman.
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
	// OnSet is told of each set of letters that is begun or recorded in one transaction, and its end whether it failed. Optional.
	OnSet func(ctx context.Context, step SetStep, letters int) (context.Context, func(failed bool))

	claim string // names this Postman, and no other that ever ran, in the rows that it holds
	wake  chan struct{}
}

// SetStep is what one transaction does with a set of letters.
type SetStep string

// What is done with sets of letters.
const (
	BeginSet  SetStep = "begin"
	RecordSet SetStep = "record"
)

// inTx runs do in one transaction about a set of letters, and tells of it.
func (p *Postman) inTx(ctx context.Context, step SetStep, letters int, do func(ctx context.Context, tx Store) error) error {
	end := func(bool) {}
	if p.OnSet != nil {
		ctx, end = p.OnSet(ctx, step, letters)
	}
	err := p.Store.InTx(ctx, func(tx Store) error { return do(ctx, tx) })
	end(err != nil)
	return err
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
	recording, endRecording := outlasting(sending, recordsWithin)
	defer endRecording()
	renewing, endRenewing := context.WithCancel(context.WithoutCancel(ctx))
	held := newClaims()
	d := newDispatcher(p, held, sending, recording)
	p.Wake() // for what a crash left
	var others sync.WaitGroup
	others.Go(func() { p.keep(renewing, held) })

	d.run(ctx)
	left := unbegun(d.lanes)
	held.remove(left...)
	others.Go(func() { p.giveBack(sending, left) })
	d.finish(abort)
	endRenewing()
	others.Wait()
}
