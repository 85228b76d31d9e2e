package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

// ChangePassword sets a new member support password for the member that Present returned, and returns the new
// password version, which only the session that asked may take: all others end with the old one. ErrCurrentWrong,
// recovery.RejectedError, ErrSessionOver when the password version rose meanwhile, password.ErrBusy.
//
// The current password is judged before the rules: who found an open browser learns nothing about the password
// from which rules a new one breaks. No current password is right for a stored hash that this version cannot check.
func (s *Service) ChangePassword(ctx context.Context, m member.Member, current, wanted password.Plain, language recovery.Language, device member.Device) (newVersion int64, err error) {
	right, err := s.Hasher.Verify(ctx, password.MemberLane, current, s.hashFor(ctx, m.LoginID, m))
	if err != nil {
		return 0, fmt.Errorf("change password: %w", err)
	}
	if !right {
		return 0, ErrCurrentWrong
	}
	violations := password.Check(wanted, m.LoginID, m.MailAddress)
	if subtle.ConstantTimeCompare([]byte(wanted.Reveal()), []byte(current.Reveal())) == 1 {
		violations = append(violations, password.Violation{Code: password.SameAsCurrent})
	}
	if len(violations) > 0 {
		return 0, &recovery.RejectedError{Violations: violations}
	}
	hash, err := s.Hasher.Hash(ctx, password.MemberLane, wanted)
	if err != nil {
		return 0, fmt.Errorf("change password: %w", err)
	}
	if err := s.setPassword(ctx, m, hash, language, device); err != nil {
		return 0, fmt.Errorf("change password: %w", err)
	}
	s.WakePostman()
	return m.PasswordVersion + 1, nil
}

// setPassword makes the change in one transaction. The guard on the password version lets one of concurrent
// calls win, and a recovery that was quicker.
func (s *Service) setPassword(ctx context.Context, m member.Member, hash string, language recovery.Language, device member.Device) error {
	now := s.Now()
	changed := member.Activity{
		ID: rand.Text(), MemberID: m.ID, At: now, Kind: member.PasswordChanged, By: member.ByMember, Device: device,
	}
	notice := recovery.NoticeOfChange(m, m.PasswordVersion+1, language, now)
	return s.Store.InTx(ctx, func(tx Store) error {
		own, err := tx.HasActivity(ctx, changed.ID)
		if err != nil || own {
			return err // committed by an earlier try whose answer was lost
		}
		set, err := tx.SetPassword(ctx, m.ID, m.PasswordVersion, hash, now)
		if err != nil {
			return err
		}
		if !set {
			return ErrSessionOver
		}
		if err := tx.AddActivity(ctx, changed); err != nil {
			return err
		}
		return tx.AddLetter(ctx, notice)
	})
}
