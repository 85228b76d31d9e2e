package store

import (
	"context"

	"aikagi/backend/login"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Logins answers login.Store.
type Logins struct{ queries }

var _ login.Store = (*Logins)(nil)

// InTx answers login.Store.
func (s *Logins) InTx(ctx context.Context, do func(login.Store) error) error {
	return s.transact(ctx, func(tx queries) error { return do(&Logins{tx}) })
}

// MemberNamed answers login.Store.
func (q queries) MemberNamed(ctx context.Context, id member.LoginID) (member.Member, error) {
	row, err := find[memberRow](ctx, q, "login_id = ?", string(id))
	if err == nil && row.LoginID != string(id) {
		return member.Member{}, recovery.ErrNotFound // utf8mb4_bin takes "abcd" and "abcd " for the same
	}
	return row.member(), err
}

// Rehash answers login.Store: only where the hash is still the one just verified, so that it never brings an
// old password back.
func (s *Logins) Rehash(ctx context.Context, id member.ID, oldHash, newHash string) (bool, error) {
	return s.guarded(ctx, `UPDATE members SET password_hash = ? WHERE id = ? AND password_hash = ?`, newHash, int64(id), oldHash)
}

// HashSchemes answers login.Store.
func (s *Logins) HashSchemes(ctx context.Context) ([]string, error) {
	var schemes []string
	err := s.read.WithContext(ctx).Table("hash_schemes").Order("scheme").Pluck("scheme", &schemes).Error
	return schemes, err
}
