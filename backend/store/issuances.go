package store

import (
	"context"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Issuance answers recovery.Store.
func (q queries) Issuance(ctx context.Context, id string) (recovery.Issuance, error) {
	row, err := find[issuanceRow](ctx, q, "id = ?", id)
	return row.issuance(), err
}

// LiveIssuance answers recovery.Store.
func (s *Recoveries) LiveIssuance(ctx context.Context, memberID member.ID) (recovery.Issuance, error) {
	row, err := find[issuanceRow](ctx, s.queries, "live_member_id = ?", int64(memberID))
	return row.issuance(), err
}

// LiveIssuances answers recovery.Store.
func (s *Recoveries) LiveIssuances(ctx context.Context, ids []member.ID, when recovery.WhenLocked) ([]recovery.Issuance, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []issuanceRow
	err := s.lockingAll(when).WithContext(ctx).Where("live_member_id IN ?", ids).Find(&rows).Error
	return issuancesOf(rows), err
}

// AddIssuances answers recovery.Store. The unique live_member_id refuses a second one of a member that lives.
func (s *Recoveries) AddIssuances(ctx context.Context, issuances []recovery.Issuance) error {
	rows := make([]issuanceRow, len(issuances))
	for i, issuance := range issuances {
		lives := int64(issuance.MemberID)
		rows[i] = issuanceRow{
			ID: issuance.ID, MemberID: lives, LiveMemberID: &lives, KeyName: issuance.KeyName,
			PasswordVersion: issuance.PasswordVersion, CreatedAt: issuance.CreatedAt,
		}
	}
	return addAll(ctx, s.queries, rows)
}

// UseIssuance answers recovery.Store. This one statement is what makes a temporary password single-use.
func (s *Recoveries) UseIssuance(ctx context.Context, id string, version int64, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE issuances SET used_at = ?, live_member_id = NULL
		WHERE id = ? AND used_at IS NULL AND ended_at IS NULL AND password_version = ? AND expires_at > ?`,
		now, id, version, now)
}

// EndIssuances answers recovery.Store.
func (s *Recoveries) EndIssuances(ctx context.Context, ids []string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `UPDATE issuances SET ended_at = ?, live_member_id = NULL WHERE id IN ? AND used_at IS NULL AND ended_at IS NULL`,
		now, ids)
	return err
}

// DropLetters answers recovery.Store.
func (s *Recoveries) DropLetters(ctx context.Context, ids ...member.ID) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `UPDATE letters SET state = ?, due_member_id = NULL, claimed_by = '' WHERE due_member_id IN ?`,
		string(mail.Dropped), ids)
	return err
}

// LockIssuances answers mail.Store.
func (s *Letters) LockIssuances(ctx context.Context, ids []string, when recovery.WhenLocked) ([]recovery.Issuance, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []issuanceRow
	err := s.lockingAll(when).WithContext(ctx).Where("id IN ?", ids).Find(&rows).Error
	return issuancesOf(rows), err
}

func issuancesOf(rows []issuanceRow) []recovery.Issuance {
	found := make([]recovery.Issuance, len(rows))
	for i, row := range rows {
		found[i] = row.issuance()
	}
	return found
}

// SetExpiries answers mail.Store.
func (s *Letters) SetExpiries(ctx context.Context, expiries []mail.IssuanceTime) (int, error) {
	return s.setTimes(ctx, "expires_at", expiries, "used_at IS NULL AND ended_at IS NULL")
}

// MarkMailed answers mail.Store.
func (s *Letters) MarkMailed(ctx context.Context, mailed []mail.IssuanceTime) error {
	_, err := s.setTimes(ctx, "first_mailed_at", mailed, "first_mailed_at IS NULL")
	return err
}

// setTimes sets a column of issuances, of those that a condition holds for. It returns how many it set.
func (s *Letters) setTimes(ctx context.Context, column string, times []mail.IssuanceTime, where string) (int, error) {
	if len(times) == 0 {
		return 0, nil
	}
	ids, each := make([]string, len(times)), newByID(times)
	for i, one := range times {
		ids[i] = one.IssuanceID
		each.set(one.IssuanceID, one.Time)
	}
	rows, err := s.exec(ctx, `UPDATE issuances SET `+column+` = `+each.sql+` WHERE id IN ? AND `+where, append(each.values, ids)...)
	return int(rows), err
}
