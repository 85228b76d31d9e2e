package store

import (
	"context"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Letters implements [mail.Store].
type Letters struct{ queries }

var _ mail.Store = (*Letters)(nil)

// InTx runs do in one transaction. It runs do again from its start after a transient failure.
func (s *Letters) InTx(ctx context.Context, do func(mail.Store) error) error {
	return s.transact(ctx, func(tx queries) error { return do(&Letters{tx}) })
}

// AddLetter makes a letter due. The unique index on due_member_id refuses a second temporary-password letter that waits
// for the same member.
func (q queries) AddLetter(ctx context.Context, l recovery.DueLetter) error {
	row := rowOfLetter(l)
	return add(ctx, q, &row)
}

// LockOwnRecoveries locks the recoveries that letters link to, and returns those that exist.
func (s *Letters) LockOwnRecoveries(ctx context.Context, ids []recovery.ID, when recovery.WhenLocked) (there []recovery.ID, err error) {
	if len(ids) > 0 {
		err = s.lockingNoWait(when).WithContext(ctx).Table("recoveries").Where("id IN ?", ids).Pluck("id", &there).Error
	}
	return there, err
}

// ExtendOwnRecoveries keeps the recoveries that letters link to until a time.
func (s *Letters) ExtendOwnRecoveries(ctx context.Context, ids []recovery.ID, until time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `UPDATE recoveries SET gone_at = ? WHERE id IN ?`, until, ids)
	return err
}

// Reopen makes asks unresolved again, except those that are gone by now.
func (s *Letters) Reopen(ctx context.Context, asks []recovery.ID, now time.Time) error {
	if len(asks) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `UPDATE recoveries SET unresolved_since = COALESCE(unresolved_since, ?), claimed_by = '', claimed_until = ?
		WHERE id IN ? AND gone_at > ?`, now, longAgo, asks, now)
	return err
}

// AddLetters makes letters due.
func (s *Recoveries) AddLetters(ctx context.Context, letters []recovery.DueLetter) error {
	rows := make([]letterRow, len(letters))
	for i, l := range letters {
		rows[i] = rowOfLetter(l)
	}
	return addAll(ctx, s.queries, rows)
}

// DropLetters drops the members' waiting temporary-password letters: their temporary passwords are no longer valid.
func (s *Recoveries) DropLetters(ctx context.Context, ids ...member.ID) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `UPDATE letters SET state = ?, due_member_id = NULL, claimed_by = '' WHERE due_member_id IN ?`,
		string(mail.Dropped), ids)
	return err
}
