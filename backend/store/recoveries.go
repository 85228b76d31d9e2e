package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Recoveries answers recovery.Store.
type Recoveries struct{ queries }

var _ recovery.Store = (*Recoveries)(nil)

// InTx answers recovery.Store.
func (s *Recoveries) InTx(ctx context.Context, do func(recovery.Store) error) error {
	return s.transact(ctx, func(tx queries) error { return do(&Recoveries{tx}) })
}

// AddRecovery answers recovery.Store.
func (s *Recoveries) AddRecovery(ctx context.Context, r recovery.Recovery) error {
	row := rowOfRecovery(r)
	return add(ctx, s.queries, &row)
}

// Recovery answers recovery.Store.
func (s *Recoveries) Recovery(ctx context.Context, id recovery.ID) (recovery.Recovery, error) {
	row, err := find[recoveryRow](ctx, s.queries, "id = ?", string(id))
	return row.recovery(), err
}

// AskAgain answers recovery.Store. Taking the claim away makes a resolver that is at work on the earlier ask
// leave the row unresolved, so that this one is not lost.
func (s *Recoveries) AskAgain(ctx context.Context, id recovery.ID, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE recoveries SET letter_asked_at = ?, unresolved_since = COALESCE(unresolved_since, ?),
		claimed_by = '', claimed_until = ? WHERE id = ? AND gone_at > ?`, now, now, longAgo, string(id), now)
}

// CountGuess answers recovery.Store.
func (s *Recoveries) CountGuess(ctx context.Context, id recovery.ID, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE recoveries SET guesses = guesses + 1 WHERE id = ? AND gone_at > ? AND guesses < ?`,
		string(id), now, recovery.MaxGuesses)
}

// TakeBackGuess answers recovery.Store.
func (s *Recoveries) TakeBackGuess(ctx context.Context, id recovery.ID) error {
	_, err := s.exec(ctx, `UPDATE recoveries SET guesses = guesses - 1 WHERE id = ? AND guesses > 0`, string(id))
	return err
}

// OpenGrant answers recovery.Store.
func (s *Recoveries) OpenGrant(ctx context.Context, id recovery.ID, grant recovery.OpenedGrant, now time.Time) error {
	_, err := s.exec(ctx, `UPDATE recoveries SET grant_hash = ?, grant_version = ?, grant_expires_at = ?, grant_tries = 0,
		grant_issuance_id = ?, grant_key_name = ?, redeemed_at = ?, completed_at = NULL WHERE id = ?`,
		grant.Hash, grant.PasswordVersion, grant.ExpiresAt, grant.IssuanceID, grant.KeyName, now, string(id))
	return err
}

// CountTry answers recovery.Store.
func (s *Recoveries) CountTry(ctx context.Context, id recovery.ID, grantHash string, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE recoveries SET grant_tries = grant_tries + 1
		WHERE id = ? AND grant_hash = ? AND grant_expires_at > ? AND completed_at IS NULL AND grant_tries < ?`,
		string(id), grantHash, now, recovery.MaxGrantTries)
}

// GiveBackTry answers recovery.Store.
func (s *Recoveries) GiveBackTry(ctx context.Context, id recovery.ID, grantHash string) error {
	_, err := s.exec(ctx, `UPDATE recoveries SET grant_tries = grant_tries - 1 WHERE id = ? AND grant_hash = ? AND grant_tries > 0`,
		string(id), grantHash)
	return err
}

// Complete answers recovery.Store.
func (s *Recoveries) Complete(ctx context.Context, id recovery.ID, grantHash string, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE recoveries SET completed_at = ? WHERE id = ? AND grant_hash = ? AND completed_at IS NULL`,
		now, string(id), grantHash)
}

// ClaimUnresolved answers recovery.Store.
func (s *Recoveries) ClaimUnresolved(ctx context.Context, claim string, since, now, until time.Time, limit int) ([]recovery.Recovery, error) {
	rows, err := claimRows[recoveryRow](ctx, s.queries, "recoveries", claim, until,
		"unresolved_since <= ? AND claimed_until <= ?", []any{since, now}, "unresolved_since", limit)
	found := make([]recovery.Recovery, len(rows))
	for i, row := range rows {
		found[i] = row.recovery()
	}
	return found, err
}

// claimRows claims up to limit free rows: it looks for candidates, takes those that are still free with one
// guarded UPDATE, and reads back what it got.
func claimRows[row any](ctx context.Context, q queries, table, claim string, until time.Time, free string, values []any, order string, limit int) ([]row, error) {
	var ids []string
	err := q.read.WithContext(ctx).Table(table).Where(free, values...).Order(order).Limit(limit).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	taken, err := q.exec(ctx, "UPDATE "+table+" SET claimed_by = ?, claimed_until = ? WHERE id IN ? AND "+free,
		append([]any{claim, until, ids}, values...)...)
	if err != nil || taken == 0 {
		return nil, err
	}
	var rows []row
	err = q.write.WithContext(ctx).Where("id IN ? AND claimed_by = ?", ids, claim).Order(order).Find(&rows).Error
	return rows, err
}

// CloseDecoys answers recovery.Store.
func (s *Recoveries) CloseDecoys(ctx context.Context, claim string, ids []recovery.ID, outcome recovery.Outcome) error {
	_, err := s.exec(ctx, `UPDATE recoveries SET outcome = ?, unresolved_since = NULL, claimed_by = '' WHERE id IN ? AND claimed_by = ?`,
		string(outcome), ids, claim)
	return err
}

// CloseMatched answers recovery.Store.
func (s *Recoveries) CloseMatched(ctx context.Context, claim string, id recovery.ID, outcome recovery.Outcome, to recovery.Issuance) (bool, error) {
	return s.guarded(ctx, `UPDATE recoveries SET outcome = ?, member_id = ?, issuance_id = ?, key_name = ?,
		unresolved_since = NULL, claimed_by = '' WHERE id = ? AND claimed_by = ?`,
		string(outcome), int64(to.MemberID), to.ID, to.KeyName, string(id), claim)
}

// OldestUnresolved answers recovery.Store.
func (s *Recoveries) OldestUnresolved(ctx context.Context) (time.Time, bool, error) {
	var row recoveryRow
	err := s.read.WithContext(ctx).Select("unresolved_since").Where("unresolved_since IS NOT NULL").
		Order("unresolved_since").Limit(1).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, err
	}
	return *row.UnresolvedSince, true, nil
}

// LettersOf answers recovery.Store.
func (s *Recoveries) LettersOf(ctx context.Context, memberID member.ID, now time.Time) (recovery.LetterCount, error) {
	var rows []letterRow
	// Looked at further back than the limits count, for a refused letter waits up to a day and a half; one that waits
	// is always counted, however long all servers were away: a second one beside it would be refused.
	err := s.read.WithContext(ctx).Select("state", "created_at", "due_at", "begun_at", "remail").
		Where("member_id = ? AND kind = ? AND (created_at > ? OR state = ?)",
			int64(memberID), string(recovery.TemporaryPasswordLetter), now.Add(-48*time.Hour), string(mail.Waiting)).
		Find(&rows).Error
	var count recovery.LetterCount
	for _, row := range rows {
		if row.State == string(mail.Waiting) {
			count.Due = true
		}
		if row.State == string(mail.Dropped) && row.BegunAt == nil {
			continue // nobody was sent it
		}
		// When it is due does not count: it may be for its next try. One begun far ahead of now was sent before this
		// machine's clock stepped back: it holds nothing up.
		if row.BegunAt != nil && row.BegunAt.Before(now.Add(recovery.LetterEvery)) {
			count.Last = latest(count.Last, *row.BegunAt)
		}
		if row.Remail && row.CreatedAt.After(now.Add(-24*time.Hour)) {
			count.RemailsADay++
			if row.CreatedAt.After(now.Add(-time.Hour)) {
				count.RemailsAnHour++
			}
		}
	}
	return count, err
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
