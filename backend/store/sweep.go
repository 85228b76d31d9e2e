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

// Sweep deletes what is kept no longer, in small sets. Nothing depends on it for safety. What one table's error keeps is
// tried again the next time; the other tables are swept all the same.
func (s *Store) Sweep(ctx context.Context, now time.Time, keep Retention) error {
	var failed []error
	deleted := func(table string, err error) {
		if err != nil {
			failed = append(failed, fmt.Errorf("sweep %s: %w", table, err))
		}
	}
	before := now.Add(-keep.Recoveries)
	deleted("issuances", inSets[issuanceRow](ctx, s.q, "DELETE FROM issuances", nil, sweepIssuance, before, before))
	for _, asks := range []struct {
		outcome recovery.Outcome
		before  time.Time
	}{
		{recovery.UnknownLoginID, now.Add(-decoysKept)},
		{recovery.AddressDiffers, now.Add(-decoysKept)},
		{recovery.NotActive, now.Add(-decoysKept)},
		{recovery.LetterSent, before},
		{recovery.TooSoon, before},
		{recovery.TooMany, before},
	} {
		deleted("recoveries", inSets[recoveryRow](ctx, s.q, "DELETE FROM recoveries", nil, sweepAsk, string(asks.outcome), asks.before, now))
	}
	deleted("recoveries", inSets[recoveryRow](ctx, s.q, "DELETE FROM recoveries", nil, sweepOwn, before, before))
	before = now.Add(-keep.Letters)
	deleted("letters", inSets[letterRow](ctx, s.q, "DELETE FROM letters", nil, sweepLetter, before, before, string(mail.Waiting)))
	deleted("activities", inSets[activityRow](ctx, s.q, "DELETE FROM activities", nil, sweepActivity, now.Add(-keep.Activities)))
	deleted("breaches", s.Breaches().sweep(ctx, now, keep))
	return errors.Join(failed...)
}
