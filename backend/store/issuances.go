package store

import (
	"context"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Issuance returns an issuance, or [recovery.ErrNotFound]. The id of a decoy's issuance exists nowhere.
func (q queries) Issuance(ctx context.Context, id string) (recovery.Issuance, error) {
	row, err := find[issuanceRow](ctx, q, "id = ?", id)
	return row.issuance(), err
}

// LiveIssuance returns the member's issuance that is neither used nor ended, or [recovery.ErrNotFound]. It may have
// expired.
func (s *Recoveries) LiveIssuance(ctx context.Context, memberID member.ID) (recovery.Issuance, error) {
	row, err := find[issuanceRow](ctx, s.queries, "live_member_id = ?", int64(memberID))
	return row.issuance(), err
}

// LiveIssuances locks and returns the members' issuances that are neither used nor ended. Some may have expired.
func (s *Recoveries) LiveIssuances(ctx context.Context, ids []member.ID, when recovery.WhenLocked) ([]recovery.Issuance, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []issuanceRow
	err := s.lockingNoWait(when).WithContext(ctx).Where("live_member_id IN ?", ids).Find(&rows).Error
	return issuancesOf(rows), err
}

// AddIssuances adds issuances. The unique index on live_member_id refuses a second live issuance of a member.
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

// UseIssuance marks an issuance as used if it is unused, not ended, of this password version, and not expired. This
// statement makes a temporary password single-use.
func (s *Recoveries) UseIssuance(ctx context.Context, id string, version int64, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE issuances SET used_at = ?, live_member_id = NULL
		WHERE id = ? AND used_at IS NULL AND ended_at IS NULL AND password_version = ? AND expires_at > ?`,
		now, id, version, now)
}

// EndIssuances ends issuances that are neither used nor ended.
func (s *Recoveries) EndIssuances(ctx context.Context, ids []string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `UPDATE issuances SET ended_at = ?, live_member_id = NULL WHERE id IN ? AND used_at IS NULL AND ended_at IS NULL`,
		now, ids)
	return err
}

// LockIssuances locks issuances, and returns those that exist.
func (s *Letters) LockIssuances(ctx context.Context, ids []string, when recovery.WhenLocked) ([]recovery.Issuance, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []issuanceRow
	err := s.lockingNoWait(when).WithContext(ctx).Where("id IN ?", ids).Find(&rows).Error
	return issuancesOf(rows), err
}

func issuancesOf(rows []issuanceRow) []recovery.Issuance {
	found := make([]recovery.Issuance, len(rows))
	for i, row := range rows {
		found[i] = row.issuance()
	}
	return found
}

// SetExpiries sets the expiries of issuances that are neither used nor ended. It returns how many it has set.
func (s *Letters) SetExpiries(ctx context.Context, expiries []mail.IssuanceTime) (int, error) {
	return s.setTimes(ctx, "expires_at", expiries, "used_at IS NULL AND ended_at IS NULL")
}

// MarkMailed sets when issuances were first mailed, unless that is set already.
func (s *Letters) MarkMailed(ctx context.Context, mailed []mail.IssuanceTime) error {
	_, err := s.setTimes(ctx, "first_mailed_at", mailed, "first_mailed_at IS NULL")
	return err
}

// setTimes sets a time column of the issuances that match a condition. It returns how many it has set.
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
