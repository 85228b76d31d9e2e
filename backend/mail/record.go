package mail

import (
	"context"
	"errors"
	"time"
)

// finishedTry is a try that has ended and is not recorded yet.
type finishedTry struct {
	Try
	begunAt time.Time // when the letter was begun
	err     error     // of the transport
}

// recordSet records a set in one transaction. If that fails, it records each try by itself, so that one locked row delays
// no other.
func (d *dispatcher) recordSet(ctx context.Context, set []finishedTry) {
	if d.recordOnce(ctx, set) == nil {
		d.endRecorded(ctx, set, nil)
		return
	}
	for _, one := range set {
		d.goroutines.Go(func() { d.endRecorded(ctx, []finishedTry{one}, d.recordUntilCommitted(ctx, one)) })
	}
}

// endRecorded reports tries that were recorded, or could not be, and ends their claims.
func (d *dispatcher) endRecorded(ctx context.Context, set []finishedTry, err error) {
	for _, one := range set {
		d.claims.remove(one.Letter.ID)
		d.reportRecorded(ctx, one, err)
	}
}

// recordUntilCommitted records a try. It repeats that for recordTimeout, because a letter whose end is not recorded is sent
// twice.
func (p *Postman) recordUntilCommitted(ctx context.Context, one finishedTry) error {
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	for {
		err := p.recordOnce(ctx, []finishedTry{one})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pollInterval):
		}
	}
}

// recordOnce records tries in one transaction. It can be repeated: the first commit ends the claims, and without its claim
// a letter is not changed.
func (p *Postman) recordOnce(ctx context.Context, set []finishedTry) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	records := recordsOf(set)
	now := p.Now()
	return p.inTx(ctx, RecordSet, len(set), func(ctx context.Context, tx Store) error { return records.write(ctx, tx, p.claim, now) })
}

// records are the tries of one transaction, grouped by what is written.
type records struct {
	mailed            []IssuanceTime
	finished          map[endKey][]string
	postponed, undone []Try
}

// endKey groups letters that end in the same state with the same answer.
type endKey struct {
	state  State
	answer string
}

func recordsOf(set []finishedTry) records {
	r := records{finished: make(map[endKey][]string)}
	for _, one := range set {
		letter, v := one.Letter, one.Verdict
		if v.Unreached {
			r.undone = append(r.undone, one.Try)
			continue
		}
		if letter.IssuanceID != "" && (v.State == Accepted || v.Lost) {
			r.mailed = append(r.mailed, IssuanceTime{letter.IssuanceID, one.begunAt})
		}
		if v.State == Waiting {
			r.postponed = append(r.postponed, one.Try)
		} else {
			end := endKey{v.State, v.Answer}
			r.finished[end] = append(r.finished[end], letter.ID)
		}
	}
	return r
}

func (r records) write(ctx context.Context, tx Store, claim string, now time.Time) error {
	if err := tx.MarkMailed(ctx, r.mailed); err != nil {
		return err
	}
	for end, ids := range r.finished {
		if err := tx.Finish(ctx, claim, ids, end.state, end.answer, now); err != nil {
			return err
		}
	}
	return errors.Join(tx.Postpone(ctx, claim, r.postponed), tx.UndoTries(ctx, claim, r.undone))
}

// reportRecorded logs a try and calls OnAnswer and OnEnded. err is why the try could not be recorded, or nil.
func (p *Postman) reportRecorded(ctx context.Context, one finishedTry, err error) {
	v, log := one.Verdict, p.letterLog(one.Letter)
	switch {
	case err != nil:
		log.ErrorContext(ctx, "a letter's end could not be recorded; it may go out again", "error", err)
	case v.Unreached: // outage logs the outage, not each of its probes
	case v.State == Accepted:
		log.InfoContext(ctx, "letter accepted", "tries", one.Letter.Tries+1)
	case v.State == Failed:
		log.ErrorContext(ctx, "letter failed", "answer", v.Answer, "error", one.err)
	default:
		log.WarnContext(ctx, "letter not accepted yet", "answer", v.Answer, "error", one.err)
	}
	if p.OnAnswer != nil {
		p.OnAnswer(v.code())
	}
	if err == nil && v.State != Waiting {
		p.reportEnd(one.Letter, v.State, p.Now())
	}
}
