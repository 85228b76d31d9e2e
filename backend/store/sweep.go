package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// Retention is how long rows are kept. Each must be at least two days, so that a recovery that can still be continued
// keeps what it needs.
type Retention struct {
	Recoveries, Letters, Activities time.Duration
}

// decoyRetention is how long asks that matched no active member are kept, for questions to the help desk.
const decoyRetention = 48 * time.Hour

// The conditions of the sweep. It keeps the rows that a waiting letter needs, for as long as the letter waits: the member's
// issuance, the letter's own recovery, and the ask that it answers. The condition finds them by their member, who has at
// most one waiting letter with a temporary password.
const (
	noLetterWaits = `NOT EXISTS (SELECT 1 FROM letters WHERE letters.due_member_id = recoveries.member_id)`
	sweepAsk      = `outcome = ? AND asked_at < ? AND gone_at <= ? AND unresolved_since IS NULL AND ` + noLetterWaits
	// A letter's own recovery is kept longer than its issuance. A letter that is retried later is dropped because its
	// issuance is missing; it never links to a missing recovery.
	sweepOwn = `outcome = '' AND asked_at < ? AND gone_at < ? AND unresolved_since IS NULL AND ` + noLetterWaits
	// An expired issuance is as dead as one that was used or ended. One without an expiry was never sent.
	sweepIssuance = `created_at < ? AND COALESCE(used_at, ended_at, expires_at, created_at) < ? AND
		NOT EXISTS (SELECT 1 FROM letters WHERE letters.due_member_id = issuances.member_id)`
	// The age of a letter counts from its last try, because the limits count that try.
	sweepLetter   = `created_at < ? AND COALESCE(begun_at, created_at) < ? AND state <> ?`
	sweepActivity = `at < ?`
)

// Sweeper deletes rows whose retention has ended, on one server at a time. Make it with [Store.Sweeper].
type Sweeper struct {
	store *Store
	lease lease
	keep  Retention
	now   func() time.Time
	// pause is called after each set with the time that the set took.
	pause func(ctx context.Context, took time.Duration)
}

// Sweeper makes the sweeper of one server. rest is called between two sets with the time that the last one took. It
// should wait, so that the database can serve requests.
func (s *Store) Sweeper(keep Retention, now func() time.Time, rest func(ctx context.Context, took time.Duration)) *Sweeper {
	return &Sweeper{s, newLease(s.q, sweepJob), keep, now, rest}
}

// Sweep deletes rows whose retention has ended, in small sets. It returns false if another server sweeps. Expired rows
// have no effect even if they are never deleted. If one table fails, it goes on with the others; the next sweep tries
// again.
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

// sweep deletes rows of one table.
type sweep struct {
	table string
	run   func(ctx context.Context) error
}

func (w *Sweeper) sweeps() []sweep {
	now := w.now()
	before, decoysBefore := now.Add(-w.keep.Recoveries), now.Add(-decoyRetention)
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

// inSets deletes one set after the other. It renews the lease before each set, and pauses after it.
func (w *Sweeper) inSets(ctx context.Context, deleteSet func(ctx context.Context) (more bool, err error)) error {
	for {
		begun := w.now()
		if err := w.lease.take(ctx, begun); err != nil {
			return err
		}
		if more, err := deleteSet(ctx); err != nil || !more {
			return err
		}
		w.pause(ctx, w.now().Sub(begun))
	}
}
