package mail

import (
	"context"
	"errors"
	"time"
)

// ended is a try that is over and not recorded yet.
type ended struct {
	Try
	begunAt time.Time // when the letter was begun
	err     error     // what the transport said
}

// recordSet records a set at once. If that fails, it insists on each try by itself, so that a row which cannot be written
// holds up nothing else.
func (d *dispatcher) recordSet(ctx context.Context, set []ended) {
	if d.recordOnce(ctx, set) == nil {
		d.told(ctx, set, nil)
		return
	}
	for _, one := range set {
		d.work.Go(func() { d.told(ctx, []ended{one}, d.insist(ctx, one)) })
	}
}

// told tells what was recorded, or could not be, and ends the claims.
func (d *dispatcher) told(ctx context.Context, set []ended, err error) {
	for _, one := range set {
		d.held.end(one.Letter.ID)
		d.tellRecorded(ctx, one, err)
	}
}

// insist repeats a record until it is committed: an end that is not recorded sends the letter twice. It goes on for
// recordFor.
func (p *Postman) insist(ctx context.Context, one ended) error {
	ctx, cancel := context.WithTimeout(ctx, recordFor)
	defer cancel()
	for {
		err := p.recordOnce(ctx, []ended{one})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pollEvery):
		}
	}
}

// recordOnce writes down, in one transaction, what the mail server said. It can be repeated: the claim is given up with
// the first record that was committed.
func (p *Postman) recordOnce(ctx context.Context, set []ended) error {
	ctx, cancel := context.WithTimeout(ctx, callLasts)
	defer cancel()
	records := sortRecords(set)
	now := p.Now()
	return p.inTx(ctx, RecordSet, len(set), func(ctx context.Context, tx Store) error { return records.write(ctx, tx, p.claim, now) })
}

// records are the tries of one transaction, as sets.
type records struct {
	mailed            []IssuanceTime
	finished          map[ending][]string
	postponed, undone []Try
}

// ending is what letters have in common that end together.
type ending struct {
	state  State
	answer string
}

func sortRecords(set []ended) records {
	r := records{finished: make(map[ending][]string)}
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
			end := ending{v.State, v.Answer}
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

// tellRecorded tells of a try that was recorded, or, with an error, that could not be.
func (p *Postman) tellRecorded(ctx context.Context, one ended, err error) {
	v, log := one.Verdict, p.logOf(one.Letter)
	switch {
	case err != nil:
		log.ErrorContext(ctx, "a letter's end could not be recorded; it may go out again", "error", err)
	case v.Unreached: // the outage is logged, and not each of its probes
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
		p.tellEnd(one.Letter, v.State, p.Now())
	}
}
