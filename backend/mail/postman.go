// Package mail writes and delivers letters: emails with temporary passwords, and notices of changes.
//
// Other packages make letters due by adding rows. A row says what a letter is about, but has no text, no secret and no
// address while it waits (except the former address, in the notice that goes there). These are made when the letter is
// sent.
//
// A [Postman] on each server delivers the letters. It works in four steps:
//
//  1. It claims due letters in the [Store], for ten seconds. It renews its claims, so that only the letters of a crashed
//     server go to another server.
//  2. It begins a set of letters in one transaction: it locks the rows, drops letters whose content no longer holds, counts
//     the tries and commits the new expiries of the temporary passwords. Temporary passwords come before notices.
//  3. The [Writer] writes each letter as a [Message], and a [Transport] sends it. [SMTP] is the transport to a mail server,
//     [Mailbox] the one of demo mode.
//  4. It records the results in sets. A [Verdict] says whether the letter has ended or is due again. While the mail server
//     cannot be reached, one letter at a time probes it and nothing counts as a try.
//
// The Postman sends a letter at least once. It sends a letter twice only if the mail server's answer was lost or was not
// recorded, because the server was killed or the database was away. Both messages then have the same Message-ID.
//
// Some words come from package recovery. An ask is a request for a temporary password. The resolver is the worker that
// answers asks: it makes letters due. An issuance is the row of one temporary password. A letter with a temporary password
// links to a recovery that was made for this letter only, its own recovery.
//
// A Writer renders letters with Hermes, in Japanese and English, with the name and colours of a [Brand]. The words are in
// words.go and voided.go, the templates in templates. [Preview] writes examples of all letters into a folder. [DKIM] keys
// sign messages.
package mail

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"aikagi/backend/recovery"
)

// The times and bounds of a [Postman].
const (
	// claimTTL is how long a claim lasts, so it bounds how long the letters of a crashed server wait. A running Postman
	// renews its claims every renewInterval.
	claimTTL      = 10 * time.Second
	renewInterval = 2 * time.Second
	// callTimeout bounds one database call about claims. If a database host does not answer within 3 s, the store tries
	// the next host. callTimeout leaves time for that. If one renewal takes the whole callTimeout, the next renewal is
	// still made before the claim expires.
	callTimeout = 4 * time.Second
	// beginTimeout bounds the transaction that begins letters.
	beginTimeout = 10 * time.Second
	// recordTimeout bounds how long the Postman retries to record a try while the database does not answer.
	recordTimeout = 30 * time.Second
	// pollInterval bounds how late the Postman finds letters that have become due, or that another server released.
	pollInterval = time.Second
	// tryTimeout bounds one conversation with the mail server. The transport has shorter bounds of its own (RFC 5321,
	// 4.5.3.2): 5 minutes up to DATA, 2 for its answer, 10 for the answer to the message. If the client stops waiting
	// after the server has accepted a letter, the member gets the letter twice.
	tryTimeout = 18 * time.Minute
	// stopTimeout bounds how long conversations go on when the program stops. recordGrace is the time after that to
	// record how they ended.
	stopTimeout = 6 * time.Second
	recordGrace = 2 * time.Second
	// A server claims at most minClaimLimit letters of each priority, or twice as many as it has senders if that is more.
	// So several servers share a large backlog.
	minClaimLimit = 64
	// One in reservedShare senders takes only letters with temporary passwords, so that notices cannot keep all senders
	// busy when the mail server is slow.
	reservedShare = 4
	// gatherTimeout is how long the next set waits for letters under way when more letters are due than senders are free.
	// A larger set costs fewer statements for each letter. A mail server nearby takes less time than this for a letter.
	gatherTimeout = 5 * time.Millisecond
)

// Postman is the worker that delivers letters. It claims a batch, begins as many letters as it has free senders, sends
// them concurrently, and records the results in sets. Make it with [NewPostman].
type Postman struct {
	Store     Store
	Writer    *Writer
	Transport Transport
	Keys      *recovery.Ring
	// Lifetime is how long a temporary password is valid, from the time at which its letter is sent.
	Lifetime time.Duration
	Now      func() time.Time
	Log      *slog.Logger
	// Senders bounds the number of letters under way.
	Senders int

	// The functions below are optional and must not block.

	// OnAnswer gets the result of each try: a reply code of the mail server (RFC 5321), "lost" or "unreachable".
	OnAnswer func(code string)
	// OnEnded gets each letter that has ended, and the time since [Letter.DueSince].
	OnEnded func(kind recovery.LetterKind, state State, took time.Duration)
	// OnDeliver is called when a try begins. The function that it returns is called when the try ends.
	OnDeliver func(ctx context.Context, kind recovery.LetterKind) (context.Context, func())
	// OnSet is called before the transaction of each set of letters. The function that it returns is called afterwards.
	OnSet func(ctx context.Context, step SetStep, letters int) (context.Context, func(failed bool))

	claim string // the random name of this Postman in the rows that it has claimed
	wake  chan struct{}
}

// SetStep is what one transaction does with a set of letters.
type SetStep string

// The steps that handle letters in sets.
const (
	BeginSet  SetStep = "begin"
	RecordSet SetStep = "record"
)

// inTx runs do in one transaction for a set of letters, and calls OnSet.
func (p *Postman) inTx(ctx context.Context, step SetStep, letters int, do func(ctx context.Context, tx Store) error) error {
	end := func(bool) {}
	if p.OnSet != nil {
		ctx, end = p.OnSet(ctx, step, letters)
	}
	err := p.Store.InTx(ctx, func(tx Store) error { return do(ctx, tx) })
	end(err != nil)
	return err
}

// NewPostman makes a Postman. The caller sets the fields before it calls Run.
func NewPostman() *Postman {
	return &Postman{claim: rand.Text(), wake: make(chan struct{}, 1)}
}

// Wake tells the Postman that a letter may be due. It does not block.
func (p *Postman) Wake() {
	select {
	case p.wake <- struct{}{}:
	default: // a signal is pending already
	}
}

// Run delivers letters until ctx ends. Then it releases the claims on letters that it has not begun, and finishes the
// letters under way.
func (p *Postman) Run(ctx context.Context) {
	sending, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	recording, endRecording := withGrace(sending, recordGrace)
	defer endRecording()
	renewing, endRenewing := context.WithCancel(context.WithoutCancel(ctx))
	held := newClaims()
	d := newDispatcher(p, held, sending, recording)
	p.Wake() // letters may be due already, left by a crash
	var others sync.WaitGroup
	others.Go(func() { p.renewClaims(renewing, held) })

	d.run(ctx)
	left := emptyQueues(d.lanes)
	held.removeAll(left...)
	others.Go(func() { p.releaseClaims(sending, left) })
	d.drain(abort)
	endRenewing()
	others.Wait()
}
