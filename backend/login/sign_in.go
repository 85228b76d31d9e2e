package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

// SignIn checks a password, of 1 to password.MaxSignIn characters under whatever rule it was set, opens a session with
// open, and records the sign-in. ErrRejected; password.ErrBusy when too many sign in; the error of open.
//
// open gets the member with the PasswordVersion that was read together with the verified hash; the session must carry
// that version. It is called after the password was found right and before the activity is written: where no session
// can be opened, no sign-in is recorded. When SignIn returns an error after open succeeded, the caller must close the
// session and tell nobody its token, because nobody gets in without the activity by which the member can notice it.
//
// Whoever is named and whatever is typed, one row is read and one hash is made in the lane of sign-ins
// (CVE-2026-26185, CVE-2026-44332): the member's row and hash, active or not, or else a stand-in's row and the login
// ID's dummy. Only a success writes rows, for a row that only members cause could be noticed.
func (s *Service) SignIn(ctx context.Context, id member.LoginID, typed password.Plain, device member.Device, open func(context.Context, member.Member) error) (member.Member, error) {
	standIn, err := s.standIn(ctx, id)
	if err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	m, err := s.Store.MemberNamed(ctx, id, standIn)
	if err != nil && !errors.Is(err, recovery.ErrNotFound) {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	right, err := s.Hasher.Verify(ctx, password.SignInLane, typed, s.hashFor(ctx, id, m))
	if err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	if !right || m.LoginID != id || !m.CanSignIn() {
		return member.Member{}, ErrRejected
	}

	m.PasswordHash = s.rehash(ctx, m, typed)
	signedIn := member.Activity{
		ID: rand.Text(), MemberID: m.ID, At: s.Now(), Kind: member.SignedIn, By: member.ByMember, Device: device,
	}
	if err := open(ctx, m); err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	if err := s.Store.AddActivity(ctx, signedIn); err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	return m, nil
}

// hashFor is the member's hash, or else the dummy of the login ID, of the scheme that the row has which was read. The
// dummy is made for everybody, that not even its microseconds tell. What is wrong with a hash is not logged: the reason
// would quote its beginning.
func (s *Service) hashFor(ctx context.Context, id member.LoginID, read member.Member) string {
	scheme := password.Scheme(read.PasswordHash)
	dummy := s.Dummies.For(id, scheme)
	if read.LoginID != id {
		return dummy
	}
	if scheme != "" {
		return read.PasswordHash
	}
	if read.PasswordHash != "" {
		s.Log.WarnContext(ctx, "a member's password hash cannot be used; only recovery lets the member in", "member_id", int64(read.ID))
	}
	return dummy
}

// rehash brings an old hash to the present scheme and cost, and returns the hash that the member then has. The
// guard on the verified hash keeps a password that was changed meanwhile from coming back. The member is signed
// in whether or not it succeeds.
func (s *Service) rehash(ctx context.Context, m member.Member, verified password.Plain) string {
	if !s.Hasher.Outdated(m.PasswordHash) {
		return m.PasswordHash
	}
	hash, err := s.Hasher.Hash(ctx, password.MemberLane, verified)
	replaced := false
	if err == nil {
		replaced, err = s.Store.Rehash(ctx, m.ID, m.PasswordHash, hash)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "an old password hash could not be made anew", "member_id", int64(m.ID), "error", err)
	}
	if !replaced {
		return m.PasswordHash
	}
	return hash
}
