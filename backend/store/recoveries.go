package store

import (
	"context"
	"time"

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
	if s.inTx {
		return s.insertAsks(ctx, 1, row.asked())
	}
	return s.asks.add(ctx, row)
}

// Recovery answers recovery.Store.
func (s *Recoveries) Recovery(ctx context.Context, id recovery.ID) (recovery.Recovery, error) {
	row, err := find[recoveryRow](ctx, s.queries, "id = ?", string(id))
	return row.recovery(), err
}

// AskAgain answers recovery.Store. Taking the claim away makes a resolver that is at work on the earlier ask
// leave the row unresolved, so that this one is not lost. An ask that is set aside stays marked: unmarked it would close
// recovery for all until the resolver finds its rows locked once more.
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

// claimRows claims up to limit free rows, in their order. Rows that another transaction has locked are skipped: they
// hold up neither this claim nor the rows after them.
func claimRows[row keyed](ctx context.Context, q queries, table, claim string, until time.Time, free string, values []any, order string, limit int) ([]row, error) {
	// Without this look an idle worker would begin a transaction every second, which takes SQLite's only writer.
	var some []string
	err := q.read.WithContext(ctx).Table(table).Where(free, values...).Order(order).Limit(1).Pluck("id", &some).Error
	if err != nil || len(some) == 0 {
		return nil, err
	}
	var rows []row
	err = q.transact(ctx, func(tx queries) error {
		rows = nil
		err := tx.locking(recovery.SkipLocked).WithContext(ctx).Where(free, values...).Order(order).Limit(limit).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		column, _ := rows[0].key()
		_, err = tx.exec(ctx, "UPDATE "+table+" SET claimed_by = ?, claimed_until = ? WHERE "+column+" IN ?", claim, until, keysOf(rows))
		return err
	})
	return rows, err
}
