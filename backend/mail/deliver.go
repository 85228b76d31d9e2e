package mail

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"aikagi/backend/recovery"
)

// beginAlone begins one letter. It waits for rows that another transaction has locked. It returns false and the result if
// the letter is not sent.
func (p *Postman) beginAlone(ctx context.Context, letter Letter) (decision, result, bool) {
	begun, left, err := p.begin(ctx, []Letter{letter}, recovery.WaitForLock)
	switch {
	case err != nil:
		p.letterLog(letter).ErrorContext(ctx, "a letter could not be begun; it is tried again when its claim runs out", "error", err)
		return decision{}, result{letter: letter, contact: noContact}, false
	case len(left) > 0: // another Postman has it, or an operator ended it
		return decision{}, result{letter: letter, contact: skipped}, false
	case begun[0].dropped != nil:
		return decision{}, result{letter: letter, contact: skipped}, false
	}
	return begun[0], result{}, true
}

// send writes a letter and sends it to the mail server.
func (p *Postman) send(ctx context.Context, d decision) (finishedTry, result) {
	if p.OnDeliver != nil {
		var end func()
		ctx, end = p.OnDeliver(ctx, d.letter.Kind)
		defer end()
	}
	message, err := p.Writer.Write(d.content)
	if err != nil {
		p.letterLog(d.letter).ErrorContext(ctx, "a letter could not be written", "error", err)
		return p.judge(d, err), result{letter: d.letter, contact: skipped}
	}
	tryContext, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	end := p.judge(d, p.Transport.Send(tryContext, message))
	r := result{d.letter, end.Verdict.contact(), end.Verdict.Answer, end.err}
	if r.contact == unreached && (ctx.Err() != nil || errors.Is(end.err, ErrAllBusy)) {
		r.contact = skipped // the program stops, or the letter got no connection: the server may be well
	}
	return end, r
}

func (p *Postman) judge(d decision, err error) finishedTry {
	return finishedTry{Try: Try{d.letter, judge(d.letter, err, p.Now())}, begunAt: d.content.At, err: err}
}

// Drain delivers the letters that are due now, one after the other, and returns. It stops when the mail server cannot be
// reached.
func (p *Postman) Drain(ctx context.Context) {
	for {
		letters := p.claimDue(ctx, minClaimLimit)
		if len(letters) == 0 {
			return
		}
		for n, letter := range letters {
			if p.deliver(ctx, letter).contact == unreached {
				p.releaseClaims(ctx, letters[n+1:])
				return
			}
		}
	}
}

// deliver makes one try at a letter and records it.
func (p *Postman) deliver(ctx context.Context, letter Letter) result {
	d, r, mustSend := p.beginAlone(ctx, letter)
	if !mustSend {
		return r
	}
	end, r := p.send(ctx, d)
	recording, cancel := withGrace(ctx, recordGrace)
	defer cancel()
	p.reportRecorded(ctx, end, p.recordUntilCommitted(recording, end))
	return r
}

// withGrace returns a context that ends some time after ctx.
func withGrace(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(by, cancel) })
	return longer, func() {
		stop()
		cancel()
	}
}

// letterLog adds the letter's id and its Message-ID to each line. The mail server's log has the Message-ID too.
func (p *Postman) letterLog(letter Letter) *slog.Logger {
	return p.Log.With("letter", letter.ID, "message_id", p.Writer.MessageID(letter.ID), "kind", letter.Kind)
}

func (p *Postman) reportEnd(letter Letter, state State, now time.Time) {
	if p.OnEnded != nil {
		p.OnEnded(letter.Kind, state, max(0, now.Sub(letter.DueSince)))
	}
}
