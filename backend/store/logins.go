package store

import (
	"context"

	"aikagi/backend/login"
	"aikagi/backend/member"
)

// Logins answers login.Store.
type Logins struct{ queries }

var _ login.Store = (*Logins)(nil)

// InTx answers login.Store.
func (s *Logins) InTx(ctx context.Context, do func(login.Store) error) error {
	return s.transact(ctx, func(tx queries) error { return do(&Logins{tx}) })
}

// MemberNamed answers login.Store. Only the look into the index of login IDs, which holds the id too, may find nothing;
// the row that is read and comes over the wire is always one.
func (s *Logins) MemberNamed(ctx context.Context, id member.LoginID, standIn member.ID) (member.Member, error) {
	row, err := find[memberRow](ctx, s.queries,
		"id = (SELECT MIN(id) FROM members WHERE id >= COALESCE((SELECT id FROM members WHERE login_id = ?), ?))", string(id), int64(standIn))
	return row.member(), err
}

// LastMember answers login.Store.
func (s *Logins) LastMember(ctx context.Context) (member.ID, error) {
	var last int64
	err := s.read.WithContext(ctx).Table("members").Select("COALESCE(MAX(id), 0)").Scan(&last).Error
	return member.ID(last), err
}

// Rehash answers login.Store: only where the hash is still the one just verified, so that it never brings an
// old password back.
func (s *Logins) Rehash(ctx context.Context, id member.ID, oldHash, newHash string) (bool, error) {
	return s.guarded(ctx, `UPDATE members SET password_hash = ? WHERE id = ? AND password_hash = ?`, newHash, int64(id), oldHash)
}
