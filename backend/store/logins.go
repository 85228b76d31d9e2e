package store

import (
	"context"

	"aikagi/backend/login"
	"aikagi/backend/member"
)

// Logins implements [login.Store].
type Logins struct{ queries }

var _ login.Store = (*Logins)(nil)

// InTx runs do in one transaction. It runs do again from its start after a transient failure.
func (s *Logins) InTx(ctx context.Context, do func(login.Store) error) error {
	return s.transact(ctx, func(tx queries) error { return do(&Logins{tx}) })
}

// MemberNamed returns the member with the login ID. If there is none, it returns a dummy member: the first one whose ID is
// dummy or higher. Both cases take the same time, because the statement always reads and returns one row of the table.
// Only the lookup in the index of login IDs differs: it finds an entry or none. It reads no row, because the index has the
// IDs too.
func (s *Logins) MemberNamed(ctx context.Context, id member.LoginID, dummy member.ID) (member.Member, error) {
	row, err := find[memberRow](ctx, s.queries,
		"id = (SELECT MIN(id) FROM members WHERE id >= COALESCE((SELECT id FROM members WHERE login_id = ?), ?))", string(id), int64(dummy))
	return row.member(), err
}

// LastMember returns the highest member ID; 0 if there are no members.
func (s *Logins) LastMember(ctx context.Context) (member.ID, error) {
	var last int64
	err := s.read.WithContext(ctx).Table("members").Select("COALESCE(MAX(id), 0)").Scan(&last).Error
	return member.ID(last), err
}

// Rehash replaces a member's hash if it is still oldHash, so that it never restores an old password.
func (s *Logins) Rehash(ctx context.Context, id member.ID, oldHash, newHash string) (bool, error) {
	return s.guarded(ctx, `UPDATE members SET password_hash = ? WHERE id = ? AND password_hash = ?`, newHash, int64(id), oldHash)
}
