package store

import (
	"context"
	"time"

	"aikagi/backend/recovery"
)

// Recoveries implements [recovery.Store].
type Recoveries struct{ queries }

var _ recovery.Store = (*Recoveries)(nil)

// InTx runs do in one transaction. It runs do again from its start after a transient failure.
func (s *Recoveries) InTx(ctx context.Context, do func(recovery.Store) error) error {
	return s.transact(ctx, func(tx queries) error { return do(&Recoveries{tx}) })
}

// AddRecovery adds a recovery. Outside of a transaction it is added together with others; see [askWriter].
func (s *Recoveries) AddRecovery(ctx context.Context, r recovery.Recovery) error {
	row := rowOfRecovery(r)
	if s.inTx {
		return s.insertAsks(ctx, 1, row.insertValues())
	}
	return s.asks.add(ctx, row)
}

// Recovery returns a recovery, or [recovery.ErrNotFound]. It also returns one whose GoneAt has passed.
func (s *Recoveries) Recovery(ctx context.Context, id recovery.ID) (recovery.Recovery, error) {
	row, err := find[recoveryRow](ctx, s.queries, "id = ?", string(id))
	return row.recovery(), err
}

// AskAgain makes a recovery unresolved again. It removes the claim, so that a resolver that handles the earlier ask cannot
// close the row: that would lose this ask. It keeps set_aside. Without that mark the ask would count as one that waits too
// long, and the service would refuse all new asks until the resolver sets this one aside again.
func (s *Recoveries) AskAgain(ctx context.Context, id recovery.ID, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE recoveries SET letter_asked_at = ?, unresolved_since = COALESCE(unresolved_since, ?),
		claimed_by = '', claimed_until = ? WHERE id = ? AND gone_at > ?`, now, now, longAgo, string(id), now)
}

// CountGuess counts a guess. It returns false if the recovery is gone or has no guesses left.
func (s *Recoveries) CountGuess(ctx context.Context, id recovery.ID, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE recoveries SET guesses = guesses + 1 WHERE id = ? AND gone_at > ? AND guesses < ?`,
		string(id), now, recovery.MaxGuesses)
}

// UncountGuess uncounts a guess that was right.
func (s *Recoveries) UncountGuess(ctx context.Context, id recovery.ID) error {
	_, err := s.exec(ctx, `UPDATE recoveries SET guesses = guesses - 1 WHERE id = ? AND guesses > 0`, string(id))
	return err
}

// OpenGrant writes a grant into the recovery, with no tries yet.
func (s *Recoveries) OpenGrant(ctx context.Context, id recovery.ID, grant recovery.OpenedGrant, now time.Time) error {
	_, err := s.exec(ctx, `UPDATE recoveries SET grant_hash = ?, grant_version = ?, grant_expires_at = ?, grant_tries = 0,
		grant_issuance_id = ?, grant_key_name = ?, redeemed_at = ?, completed_at = NULL WHERE id = ?`,
		grant.Hash, grant.PasswordVersion, grant.ExpiresAt, grant.IssuanceID, grant.KeyName, now, string(id))
	return err
}

// CountTry counts a try at a grant. It returns false if the grant has expired, is completed, or has no tries left.
func (s *Recoveries) CountTry(ctx context.Context, id recovery.ID, grantHash string, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE recoveries SET grant_tries = grant_tries + 1
		WHERE id = ? AND grant_hash = ? AND grant_expires_at > ? AND completed_at IS NULL AND grant_tries < ?`,
		string(id), grantHash, now, recovery.MaxGrantTries)
}

// UncountTry uncounts a try at a grant.
func (s *Recoveries) UncountTry(ctx context.Context, id recovery.ID, grantHash string) error {
	_, err := s.exec(ctx, `UPDATE recoveries SET grant_tries = grant_tries - 1 WHERE id = ? AND grant_hash = ? AND grant_tries > 0`,
		string(id), grantHash)
	return err
}

// Complete marks the grant's recovery as completed. It returns false if that was done before.
func (s *Recoveries) Complete(ctx context.Context, id recovery.ID, grantHash string, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE recoveries SET completed_at = ? WHERE id = ? AND grant_hash = ? AND completed_at IS NULL`,
		now, string(id), grantHash)
}

// AddRecoveries adds recoveries in one statement.
func (s *Recoveries) AddRecoveries(ctx context.Context, recoveries []recovery.Recovery) error {
	rows := make([]recoveryRow, len(recoveries))
	for i, r := range recoveries {
		rows[i] = rowOfRecovery(r)
	}
	return addAll(ctx, s.queries, rows)
}

func recoveriesOf(rows []recoveryRow) []recovery.Recovery {
	found := make([]recovery.Recovery, len(rows))
	for i, row := range rows {
		found[i] = row.recovery()
	}
	return found
}
