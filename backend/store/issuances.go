package store

import (
	"context"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Issuance answers recovery.Store and mail.Store.
func (q queries) Issuance(ctx context.Context, id string) (recovery.Issuance, error) {
	row, err := find[issuanceRow](ctx, q, "id = ?", id)
	return row.issuance(), err
}

// LiveIssuance answers recovery.Store.
func (s *Recoveries) LiveIssuance(ctx context.Context, memberID member.ID) (recovery.Issuance, error) {
	row, err := find[issuanceRow](ctx, s.queries, "live_member_id = ?", int64(memberID))
	return row.issuance(), err
}

// AddIssuance answers recovery.Store. The unique live_member_id refuses a second one that lives.
func (s *Recoveries) AddIssuance(ctx context.Context, i recovery.Issuance) error {
	row := issuanceRow{
		ID: i.ID, MemberID: int64(i.MemberID), KeyName: i.KeyName, PasswordVersion: i.PasswordVersion, CreatedAt: i.CreatedAt,
	}
	row.LiveMemberID = &row.MemberID
	return add(ctx, s.queries, &row)
}

// UseIssuance answers recovery.Store. This one statement is what makes a temporary password single-use.
func (s *Recoveries) UseIssuance(ctx context.Context, id string, version int64, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE issuances SET used_at = ?, live_member_id = NULL
		WHERE id = ? AND used_at IS NULL AND ended_at IS NULL AND password_version = ? AND expires_at > ?`,
		now, id, version, now)
}

// EndIssuance answers recovery.Store.
func (s *Recoveries) EndIssuance(ctx context.Context, id string, now time.Time) error {
	_, err := s.exec(ctx, `UPDATE issuances SET ended_at = ?, live_member_id = NULL WHERE id = ? AND used_at IS NULL AND ended_at IS NULL`,
		now, id)
	return err
}

// DropLetters answers recovery.Store.
func (s *Recoveries) DropLetters(ctx context.Context, memberID member.ID) error {
	_, err := s.exec(ctx, `UPDATE letters SET state = ?, due_member_id = NULL, claimed_by = '' WHERE due_member_id = ?`,
		string(mail.Dropped), int64(memberID))
	return err
}

// SetExpiry answers mail.Store.
func (s *Letters) SetExpiry(ctx context.Context, issuanceID string, expiresAt time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE issuances SET expires_at = ? WHERE id = ? AND used_at IS NULL AND ended_at IS NULL`,
		expiresAt, issuanceID)
}

// MarkMailed answers mail.Store.
func (s *Letters) MarkMailed(ctx context.Context, issuanceID string, at time.Time) error {
	_, err := s.exec(ctx, `UPDATE issuances SET first_mailed_at = ? WHERE id = ? AND first_mailed_at IS NULL`, at, issuanceID)
	return err
}
