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

// SignIn verifies a password, calls openSession, and records the sign-in. It returns ErrRejected, password.ErrBusy, or the
// error of openSession.
//
// openSession gets the member with the PasswordVersion that was read together with the verified hash. The session must
// have that version. SignIn calls it before it writes the activity, so that no sign-in is recorded if no session can be
// opened. If SignIn fails after openSession succeeded, the caller must close the session and keep its token secret:
// nobody may be signed in without the activity, by which the member can notice a stranger's sign-in.
//
// Every call reads one member's row and makes one hash in password.SignInLane, so that its duration does not show whether
// the login ID exists (CVE-2026-26185, CVE-2026-44332). For an unknown login ID these are the row of a dummy member and
// the dummy hash of the login ID. Only a successful sign-in writes to the database.
func (s *Service) SignIn(ctx context.Context, id member.LoginID, typed password.Plain, device member.Device, openSession func(context.Context, member.Member) error) (member.Member, error) {
	dummy, err := s.dummyMember(ctx, id)
	if err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	m, err := s.Store.MemberNamed(ctx, id, dummy)
	if err != nil && !errors.Is(err, recovery.ErrNotFound) {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	isRight, err := s.Hasher.Verify(ctx, password.SignInLane, typed, s.hashFor(ctx, id, m))
	if err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	if !isRight || m.LoginID != id || !m.CanSignIn() {
		return member.Member{}, ErrRejected
	}

	m.PasswordHash = s.rehash(ctx, m, typed)
	signedIn := member.Activity{
		ID: rand.Text(), MemberID: m.ID, At: s.Now(), Kind: member.SignedIn, By: member.ByMember, Device: device,
	}
	if err := openSession(ctx, m); err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	if err := s.Store.AddActivity(ctx, signedIn); err != nil {
		return member.Member{}, fmt.Errorf("sign in: %w", err)
	}
	return m, nil
}

// hashFor returns the hash to verify for a login ID: the member's own, or a dummy if the row is a dummy member's or its
// hash is not usable. The dummy has the scheme of the row. It is made in both cases, so that both take the same
// time. The log does not say why a hash is unusable, so that it holds no part of the hash.
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

// rehash replaces an outdated hash and returns the hash that the member then has. The guard on the verified hash prevents
// it from restoring the old password after a concurrent change. A failure does not stop the sign-in.
func (s *Service) rehash(ctx context.Context, m member.Member, verified password.Plain) string {
	if !s.Hasher.Outdated(m.PasswordHash) {
		return m.PasswordHash
	}
	hash, err := s.Hasher.Hash(ctx, password.MemberLane, verified)
	isReplaced := false
	if err == nil {
		isReplaced, err = s.Store.Rehash(ctx, m.ID, m.PasswordHash, hash)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "an outdated password hash could not be replaced", "member_id", int64(m.ID), "error", err)
	}
	if !isReplaced {
		return m.PasswordHash
	}
	return hash
}
