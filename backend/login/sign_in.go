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

// SignIn checks a password, of 1 to password.MaxSignIn characters under whatever rule it was set, and returns
// the member with the PasswordVersion that was read together with the verified hash: the session is to carry
// that one. Otherwise ErrRejected; password.ErrBusy when too many sign in.
//
// Whoever is named and whatever is typed, there is one look-up and one hash in the lane of sign-ins
// (CVE-2026-26185, CVE-2026-44332): of the member's hash, active or not, or else of the login ID's dummy. Only a
// success writes rows, for a row that only members cause could be noticed.
func (s *Service) SignIn(ctx context.Context, id member.LoginID, typed password.Plain, device member.Device) (member.Member, error) {
	inUse, err := s.schemesInUse(ctx)
	if err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	m, err := s.Store.MemberNamed(ctx, id)
	if err != nil && !errors.Is(err, recovery.ErrNotFound) {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	hash := s.Dummies.For(id, inUse) // made for everybody, that not even its microseconds tell
	if s.hasUsableHash(ctx, m) {
		hash = m.PasswordHash
	}
	right, err := s.Hasher.Verify(ctx, password.SignIn, typed, hash)
	if err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	if !right || !m.CanSignIn() {
		return member.Member{}, ErrRejected
	}

	m.PasswordHash = s.rehash(ctx, m, typed)
	signedIn := member.Activity{
		ID: rand.Text(), MemberID: m.ID, At: s.Now(), Kind: member.SignedIn, By: member.ByMember, Device: device,
	}
	// Nobody gets in without the line by which the member can notice it.
	if err := s.Store.AddActivity(ctx, signedIn); err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	return m, nil
}

// hasUsableHash is false for nobody's row too. What is wrong with a hash is not logged: the reason quotes its
// beginning.
func (s *Service) hasUsableHash(ctx context.Context, m member.Member) bool {
	if m.PasswordHash == "" {
		return false
	}
	if err := password.Usable(m.PasswordHash); err != nil {
		s.Log.WarnContext(ctx, "a member's password hash cannot be used; only recovery lets the member in", "member_id", int64(m.ID))
		return false
	}
	return true
}

// rehash brings an old hash to the present scheme and cost, and returns the hash that the member then has. The
// guard on the verified hash keeps a password that was changed meanwhile from coming back. The member is signed
// in whether or not it succeeds.
func (s *Service) rehash(ctx context.Context, m member.Member, verified password.Plain) string {
	if !s.Hasher.Outdated(m.PasswordHash) {
		return m.PasswordHash
	}
	hash, err := s.Hasher.Hash(ctx, password.Behind, verified)
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
