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

// ErrNotCancelled is returned when the member is not cancelled, and so cannot be forgotten.
var ErrNotCancelled = errors.New("the member is not cancelled")

const (
	// goneRecoveries selects recoveries that can no longer be continued.
	goneRecoveries = `login_id = ? AND gone_at <= ?`
	// turnIntoDecoys changes waitingRecoveries, which can still be continued. They must answer as before, because no
	// recovery may show what happens to a member. So they become decoys, which have no temporary password and are swept
	// as decoys. A completed grant still answers that it is completed.
	turnIntoDecoys = `UPDATE recoveries SET member_id = ?, issuance_id = ?, grant_issuance_id = '', grant_key_name = '',
		grant_hash = CASE WHEN completed_at IS NULL THEN '' ELSE grant_hash END, outcome = ?`
	waitingRecoveries = `login_id = ? AND gone_at > ? AND (member_id = ? OR outcome NOT IN ?)`
)

// Forget deletes a cancelled member and all rows that name the member. It keeps one activity without a member that says
// when, by whom and why; see [Members.Forgotten]. It returns [recovery.ErrNotFound] if there is no such member, or
// [ErrNotCancelled]. It deletes the member's row last, so that it can be repeated after a failure. The deleted text may
// stay in an SQLite file, as in any backup, until its space is used again.
func (s *Members) Forget(ctx context.Context, m member.Member, author member.Author, now time.Time) error {
	if m.Status != member.Cancelled {
		return ErrNotCancelled
	}
	target, err := newDecoyTarget(m, now)
	if err != nil {
		return err
	}
	// Anybody can ask many times for a login ID, so most rows are deleted in sets. The last transaction waits for rows
	// that another transaction has locked.
	err = inSets[recoveryRow](ctx, s.queries, "DELETE FROM recoveries", nil, goneRecoveries, string(m.LoginID), now)
	if err == nil {
		err = inSets[recoveryRow](ctx, s.queries, turnIntoDecoys, target.values, waitingRecoveries, target.matching...)
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
				return ownErr // an earlier try whose answer was lost has committed
			}
		}
		if err != nil {
			return err
		}
		if locked.Status != member.Cancelled {
			return ErrNotCancelled
		}
		return tx.forget(ctx, m, target, line, now)
	})
}

// decoyTarget is the random member and issuance that the recoveries of a forgotten member get, so that they are decoys.
type decoyTarget struct{ values, matching []any }

func newDecoyTarget(m member.Member, now time.Time) (decoyTarget, error) {
	id, err := rand.Int(rand.Reader, big.NewInt(1<<40)) // like the id of any decoy
	if err != nil {
		return decoyTarget{}, err
	}
	unknown := string(recovery.UnknownLoginID)
	return decoyTarget{
		values:   []any{id.Int64(), rand.Text(), unknown},
		matching: []any{string(m.LoginID), now, int64(m.ID), []string{"", unknown}},
	}, nil
}

func (q queries) forget(ctx context.Context, m member.Member, to decoyTarget, line member.Activity, now time.Time) error {
	for _, step := range []struct {
		statement string
		values    []any
	}{
		{"DELETE FROM recoveries WHERE " + goneRecoveries, []any{string(m.LoginID), now}},
		{turnIntoDecoys + " WHERE " + waitingRecoveries, slices.Concat(to.values, to.matching)},
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

// Forgotten returns the activities that are kept of forgotten members, newest first.
func (s *Members) Forgotten(ctx context.Context, limit int) ([]member.Activity, error) {
	return s.Activities(ctx, 0, limit)
}
