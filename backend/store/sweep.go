package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// Retention is how long rows are kept: each at least two days, so that no recovery that can still be gone on with loses
// what it leads to.
type Retention struct {
	Recoveries, Letters, Activities time.Duration
}

// decoysKept is how long asks that matched no active member are kept, for the help desk's questions.
const decoysKept = 48 * time.Hour

// Conditions of the sweep. No row goes that a waiting letter needs, however long it has waited: the member's issuance,
// the letter's own recovery, and the ask that it answers. They are found by their member, who has at most one waiting
// letter with a temporary password.
const (
	noLetterWaits = `NOT EXISTS (SELECT 1 FROM letters WHERE letters.due_member_id = recoveries.member_id)`
	sweepAsk      = `outcome = ? AND asked_at < ? AND gone_at <= ? AND unresolved_since IS NULL AND ` + noLetterWaits
	// A letter's own recovery is kept longer than its issuance: a letter that is retried is dropped for want of its
	// issuance, and does not link to a recovery that is not there.
	sweepOwn = `outcome = '' AND asked_at < ? AND gone_at < ? AND unresolved_since IS NULL AND ` + noLetterWaits
	// An issuance that merely ran out is as dead as one that was used or ended. One that no letter stated an expiry of was
	// never sent to anybody.
	sweepIssuance = `created_at < ? AND COALESCE(used_at, ended_at, expires_at, created_at) < ? AND
		NOT EXISTS (SELECT 1 FROM letters WHERE letters.due_member_id = issuances.member_id)`
	// A letter that waited for long before its last try still counts for the limits on letters.
	sweepLetter   = `created_at < ? AND COALESCE(begun_at, created_at) < ? AND state <> ?`
	sweepActivity = `at < ?`
)

// Sweeper deletes what is kept no longer, on one server at a time. Make it with [Store.Sweeper].
type Sweeper struct {
	store *Store
	lease lease
	keep  Retention
	now   func() time.Time
	// rest is called after each set with the time that the set took.
	rest func(ctx context.Context, took time.Duration)
}

// Sweeper makes the sweeper of one server. rest is called between two sets with the time that the last one took, so that
// the database is free for requests meanwhile.
func (s *Store) Sweeper(keep Retention, now func() time.Time, rest func(ctx context.Context, took time.Duration)) *Sweeper {
	return &Sweeper{s, newLease(s.q, sweepJob), keep, now, rest}
}

// errLeaseLost ends a sweep: another server took the lease over.
var errLeaseLost = errors.New("another server sweeps")

// Sweep deletes what is kept no longer, in small sets, unless another server sweeps; then it returns false. Nothing depends
// on it for safety. What one table's error keeps is tried again the next time; the other tables are swept all the same.
func (w *Sweeper) Sweep(ctx context.Context) (swept bool, err error) {
	if err := w.lease.take(ctx, w.now()); errors.Is(err, errLeaseLost) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("sweep: %w", err)
	}
	var failed []error
	for _, sweep := range w.sweeps() {
		if err = sweep.run(ctx); errors.Is(err, errLeaseLost) {
			return false, errors.Join(failed...)
		} else if err != nil {
			failed = append(failed, fmt.Errorf("sweep %s: %w", sweep.table, err))
		}
	}
	return true, errors.Join(failed...)
}

// sweep is what goes from one table.
type sweep struct {
	table string
	run   func(ctx context.Context) error
}

func (w *Sweeper) sweeps() []sweep {
	now := w.now()
	before, decoysBefore := now.Add(-w.keep.Recoveries), now.Add(-decoysKept)
	all := []sweep{sweepOf[issuanceRow](w, sweepIssuance, before, before)}
	for _, asks := range []struct {
		outcome recovery.Outcome
		before  time.Time
	}{
		{recovery.UnknownLoginID, decoysBefore},
		{recovery.AddressDiffers, decoysBefore},
		{recovery.NotActive, decoysBefore},
		{recovery.LetterSent, before},
		{recovery.TooSoon, before},
		{recovery.TooMany, before},
	} {
		all = append(all, sweepOf[recoveryRow](w, sweepAsk, string(asks.outcome), asks.before, now))
	}
	lettersBefore := now.Add(-w.keep.Letters)
	return append(all,
		sweepOf[recoveryRow](w, sweepOwn, before, before),
		sweepOf[letterRow](w, sweepLetter, lettersBefore, lettersBefore, string(mail.Waiting)),
		sweepOf[activityRow](w, sweepActivity, now.Add(-w.keep.Activities)),
		sweep{"breaches", func(ctx context.Context) error { return w.sweepBreaches(ctx, now) }})
}

func sweepOf[row keyed](w *Sweeper, where string, matching ...any) sweep {
	table := (*new(row)).TableName()
	return sweep{table, func(ctx context.Context) error {
		return w.inSets(ctx, func(ctx context.Context) (more bool, err error) {
			found, changed, err := changeSet[row](ctx, w.store.q, "DELETE FROM "+table, nil, where, matching)
			return found == setSize && changed > 0, err
		})
	}}
}

// inSets deletes set by set while there are more, with the lease renewed before each set and a rest after it.
func (w *Sweeper) inSets(ctx context.Context, deleteSet func(ctx context.Context) (more bool, err error)) error {
	for {
		begun := w.now()
		if err := w.lease.take(ctx, begun); err != nil {
			return err
		}
		if more, err := deleteSet(ctx); err != nil || !more {
			return err
		}
		w.rest(ctx, w.now().Sub(begun))
	}
}
