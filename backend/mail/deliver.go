package mail

import (
	"context"
	"log/slog"
	"time"

	"aikagi/backend/recovery"
)

// beginAlone begins one letter, and waits for its rows where another transaction has locked them. A letter that cannot
// go ends with the result, and false.
func (p *Postman) beginAlone(ctx context.Context, letter Letter) (beginning, result, bool) {
	begun, left, err := p.begin(ctx, []Letter{letter}, recovery.WaitForLock)
	switch {
	case err != nil:
		p.logOf(letter).ErrorContext(ctx, "a letter could not be begun; it is tried again when its claim runs out", "error", err)
		return beginning{}, result{letter: letter, contact: noContact}, false
	case len(left) > 0: // another Postman has it, or it was given up
		return beginning{}, result{letter: letter, contact: skipped}, false
	case begun[0].dropped != nil:
		return beginning{}, result{letter: letter, contact: skipped}, false
	}
	return begun[0], result{}, true
}

// send writes a letter and hands it to the mail server.
func (p *Postman) send(ctx context.Context, b beginning) (ended, result) {
	if p.OnDeliver != nil {
		var end func()
		ctx, end = p.OnDeliver(ctx, b.letter.Kind)
		defer end()
	}
	message, err := p.Writer.Write(b.content)
	if err != nil {
		p.logOf(b.letter).ErrorContext(ctx, "a letter could not be written", "error", err)
		return p.judge(b, err), result{letter: b.letter, contact: skipped}
	}
	try, cancel := context.WithTimeout(ctx, tryLasts)
	defer cancel()
	end := p.judge(b, p.Transport.Send(try, message))
	return end, result{b.letter, end.Verdict.contact(), end.Verdict.Answer, end.err}
}

func (p *Postman) judge(b beginning, err error) ended {
	return ended{Try: Try{b.letter, judge(b.letter, err, p.Now())}, begunAt: b.content.At, err: err}
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

// deliver makes one try at a letter, records what came of it, and says what it tells about the mail server.
func (p *Postman) deliver(ctx context.Context, letter Letter) result {
	b, r, goes := p.beginAlone(ctx, letter)
	if !goes {
		return r
	}
	end, r := p.send(ctx, b)
	recording, cancel := outlasting(ctx, recordsWithin)
	defer cancel()
	p.tellRecorded(ctx, end, p.insist(recording, end))
	return r
}

// outlasting gives a context that ends so long after another one.
func outlasting(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(by, cancel) })
	return longer, func() {
		stop()
		cancel()
	}
}

// logOf names the letter in each line about it: by its id, and by its Message-ID, which the mail server's log has.
func (p *Postman) logOf(letter Letter) *slog.Logger {
	return p.Log.With("letter", letter.ID, "message_id", p.Writer.MessageID(letter.ID), "kind", letter.Kind)
}

func (p *Postman) tellEnd(letter Letter, state State, now time.Time) {
	if p.OnEnded != nil {
		p.OnEnded(letter.Kind, state, max(0, now.Sub(letter.DueSince)))
	}
}
