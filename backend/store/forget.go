package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// ErrNotCancelled says that the membership goes on, so that the member is not deleted.
var ErrNotCancelled = errors.New("the member is not cancelled")

const (
	// overRecoveries can be gone on with no longer.
	overRecoveries = `login_id = ? AND gone_at <= ?`
	// A recovery that still waits must answer as before: what happens to a member shows in none. It becomes a decoy, which
	// leads to nobody's temporary password, and is swept as one. A grant that has done its work still tells so.
	leadNowhere = `UPDATE recoveries SET member_id = ?, issuance_id = ?, grant_issuance_id = '', grant_key_name = '',
		grant_hash = CASE WHEN completed_at IS NULL THEN '' ELSE grant_hash END, outcome = ?`
	waitingRecoveries = `login_id = ? AND gone_at > ? AND (member_id = ? OR outcome NOT IN ?)`
)

// Forget deletes a cancelled member with everything that names the member, and keeps one activity, of no member, that says
// when, by whom and why: see [Members.Forgotten]. Its errors are [recovery.ErrNotFound] when there is no such member, and
// [ErrNotCancelled]. The member's row goes last, so that what was cut off can be run again. A SQLite file, like any
// backup, may hold what was deleted until its space is used again.
func (s *Members) Forget(ctx context.Context, m member.Member, author member.Author, now time.Time) error {
	if m.Status != member.Cancelled {
		return ErrNotCancelled
	}
	nowhere, err := newNowhere(m, now)
	if err != nil {
		return err
	}
	// Anybody can ask for a login ID many times: most of that goes in sets. Rows that another transaction has locked are
	// left to the last transaction, which waits for them.
	err = inSets[recoveryRow](ctx, s.queries, "DELETE FROM recoveries", nil, overRecoveries, string(m.LoginID), now)
	if err == nil {
		err = inSets[recoveryRow](ctx, s.queries, leadNowhere, nowhere.values, waitingRecoveries, nowhere.matching...)
	}
	if err != nil {
		return fmt.Errorf("forget the recoveries: %w", err)
	}
	line := member.Activity{ID: rand.Text(), At: now, Kind: member.WasForgotten, By: member.ByOperator, Author: author}
	return s.transact(ctx, func(tx queries) error {
		locked, err := tx.LockMember(ctx, m.ID)
		if errors.Is(err, recovery.ErrNotFound) {
			own, ownErr := tx.HasActivity(ctx, line.ID)
			if own || ownErr != nil {
				return ownErr // committed by an earlier try whose answer was lost
			}
		}
		if err != nil {
			return err
		}
		if locked.Status != member.Cancelled {
			return ErrNotCancelled
		}
		return tx.forget(ctx, m, nowhere, line, now)
	})
}

// nowhere is where the recoveries of a forgotten member lead.
type nowhere struct{ values, matching []any }

func newNowhere(m member.Member, now time.Time) (nowhere, error) {
	id, err := rand.Int(rand.Reader, big.NewInt(1<<40)) // as of any decoy
	if err != nil {
		return nowhere{}, err
	}
	unknown := string(recovery.UnknownLoginID)
	return nowhere{
		values:   []any{id.Int64(), rand.Text(), unknown},
		matching: []any{string(m.LoginID), now, int64(m.ID), []string{"", unknown}},
	}, nil
}

func (q queries) forget(ctx context.Context, m member.Member, to nowhere, line member.Activity, now time.Time) error {
	for _, step := range []struct {
		statement string
		values    []any
	}{
		{"DELETE FROM recoveries WHERE " + overRecoveries, []any{string(m.LoginID), now}},
		{leadNowhere + " WHERE " + waitingRecoveries, slices.Concat(to.values, to.matching)},
		{"DELETE FROM letters WHERE member_id = ?", []any{int64(m.ID)}},
		{"DELETE FROM issuances WHERE member_id = ?", []any{int64(m.ID)}},
		{"DELETE FROM activities WHERE member_id = ?", []any{int64(m.ID)}},
		{"DELETE FROM members WHERE id = ?", []any{int64(m.ID)}},
	} {
		if _, err := q.exec(ctx, step.statement, step.values...); err != nil {
			return err
		}
	}
	if err := q.forgetInBreaches(ctx, m.ID); err != nil {
		return err
	}
	return q.AddActivity(ctx, line)
}

// Forgotten lists what is kept of members who were deleted, newest first.
func (s *Members) Forgotten(ctx context.Context, limit int) ([]member.Activity, error) {
	return s.Activities(ctx, 0, limit)
}
