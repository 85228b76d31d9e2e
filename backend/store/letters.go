package store

import (
	"context"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// Letters answers mail.Store.
type Letters struct{ queries }

var _ mail.Store = (*Letters)(nil)

// InTx answers mail.Store.
func (s *Letters) InTx(ctx context.Context, do func(mail.Store) error) error {
	return s.transact(ctx, func(tx queries) error { return do(&Letters{tx}) })
}

// AddLetter answers recovery.Store and login.Store. The unique due_member_id refuses a second due letter.
func (q queries) AddLetter(ctx context.Context, l recovery.DueLetter) error {
	row := rowOfLetter(l)
	return add(ctx, q, &row)
}

// ClaimDue answers mail.Store.
func (s *Letters) ClaimDue(ctx context.Context, claim string, now, until time.Time, limit int) ([]mail.Letter, error) {
	rows, err := claimRows[letterRow](ctx, s.queries, "letters", claim, until,
		"state = ? AND due_at <= ? AND claimed_until <= ?", []any{string(mail.Waiting), now, now}, "due_at", limit)
	found := make([]mail.Letter, len(rows))
	for i, row := range rows {
		found[i] = row.letter()
	}
	return found, err
}

// RenewClaims answers mail.Store.
func (s *Letters) RenewClaims(ctx context.Context, claim string, ids []string, until time.Time) error {
	_, err := s.exec(ctx, `UPDATE letters SET claimed_until = ? WHERE id IN ? AND claimed_by = ? AND state = ?`,
		until, ids, claim, string(mail.Waiting))
	return err
}

// GiveBack answers mail.Store.
func (s *Letters) GiveBack(ctx context.Context, claim string, ids []string) error {
	_, err := s.exec(ctx, `UPDATE letters SET claimed_by = '', claimed_until = ? WHERE id IN ? AND claimed_by = ?`, longAgo, ids, claim)
	return err
}

// BeginTry answers mail.Store.
func (s *Letters) BeginTry(ctx context.Context, claim, id string, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE letters SET tries = tries + 1, begun_at = ? WHERE id = ? AND claimed_by = ? AND state = ?`,
		now, id, claim, string(mail.Waiting))
}

// KeepRecovery answers mail.Store.
func (s *Letters) KeepRecovery(ctx context.Context, id recovery.ID, until time.Time) error {
	_, err := s.exec(ctx, `UPDATE recoveries SET gone_at = ? WHERE id = ?`, until, string(id))
	return err
}

// Reopen answers mail.Store.
func (s *Letters) Reopen(ctx context.Context, askID recovery.ID, now time.Time) error {
	_, err := s.exec(ctx, `UPDATE recoveries SET unresolved_since = COALESCE(unresolved_since, ?), claimed_by = '', claimed_until = ?
		WHERE id = ? AND gone_at > ?`, now, longAgo, string(askID), now)
	return err
}

// Finish answers mail.Store. A former address is kept no longer than its letter is due.
func (s *Letters) Finish(ctx context.Context, claim, id string, state mail.State, answer string, now time.Time) error {
	_, err := s.exec(ctx, `UPDATE letters SET state = ?, answer = ?, ended_at = ?, due_member_id = NULL, former_address = '', claimed_by = ''
		WHERE id = ? AND claimed_by = ? AND state = ?`, string(state), answer, now, id, claim, string(mail.Waiting))
	return err
}

// Postpone answers mail.Store.
func (s *Letters) Postpone(ctx context.Context, claim, id string, dueAt time.Time, answer string, lost bool) error {
	lostNow := 0
	if lost {
		lostNow = 1
	}
	_, err := s.exec(ctx, `UPDATE letters SET due_at = ?, answer = ?, lost_tries = lost_tries + ?, claimed_by = '', claimed_until = ?
		WHERE id = ? AND claimed_by = ? AND state = ?`, dueAt, answer, lostNow, longAgo, id, claim, string(mail.Waiting))
	return err
}
