package recovery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/password"
)

// RejectedError says which rules a new password breaks, all at once. Nothing was changed.
type RejectedError struct{ Violations []password.Violation }

func (e *RejectedError) Error() string {
	return fmt.Sprintf("the new password breaks %d rules", len(e.Violations))
}

// Reset sets a new member support password with a grant. Whose password it is says the grant's recovery alone.
// The member is not signed in by it.
func (s *Service) Reset(ctx context.Context, id ID, grant Grant, wanted password.Plain, device member.Device) error {
	now := s.Now()
	r, err := s.Store.Recovery(ctx, id)
	if err != nil || !grant.heldBy(r, now) || r.CompletedAt != nil {
		return missingGrant(err)
	}
	m, err := s.grantedMember(ctx, r)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	counted, err := s.Store.CountTry(ctx, id, r.GrantHash, now)
	if err != nil || !counted {
		return missingGrant(err)
	}
	err = s.judgeAndSet(ctx, r, m, wanted, device, now)
	if err != nil && isOurFault(err) {
		s.giveBack(ctx, r, func(ctx context.Context) error { return s.Store.GiveBackTry(ctx, r.ID, r.GrantHash) })
	}
	return err
}

// judgeAndSet is one try: the rules, the hash (outside the transaction), the change.
func (s *Service) judgeAndSet(ctx context.Context, r Recovery, m member.Member, wanted password.Plain, device member.Device, now time.Time) error {
	violations, err := s.violations(ctx, r, m, wanted)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	if len(violations) > 0 {
		return &RejectedError{violations}
	}
	hash, err := s.Hasher.Hash(ctx, password.MemberLane, wanted)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return s.setPassword(ctx, r, m, hash, device, now)
}

func (s *Service) violations(ctx context.Context, r Recovery, m member.Member, wanted password.Plain) ([]password.Violation, error) {
	violations := password.Check(wanted, m.LoginID, m.MailAddress)
	temporary, err := s.isTemporary(ctx, r, m, NewTemporaryPassword(wanted.Reveal()))
	if err != nil {
		return nil, err
	}
	if temporary {
		violations = append(violations, password.Violation{Code: password.SameAsTemporary})
	}
	if password.Usable(m.PasswordHash) != nil {
		return violations, nil // like a member without a password: there is nothing to compare with
	}
	same, err := s.Hasher.Verify(ctx, password.MemberLane, wanted, m.PasswordHash)
	if same {
		violations = append(violations, password.Violation{Code: password.SameAsCurrent})
	}
	return violations, err
}

// isTemporary says whether the text is the temporary password that the grant was opened with, the one that the recovery
// leads to now, or the member's that lives now, which another recovery may have issued.
func (s *Service) isTemporary(ctx context.Context, r Recovery, m member.Member, wanted TemporaryPassword) (bool, error) {
	if s.Keys.TemporaryPassword(r.GrantKeyName, r.MemberID, r.GrantIssuanceID).Equals(wanted) ||
		s.Keys.TemporaryPassword(r.KeyName, r.MemberID, r.IssuanceID).Equals(wanted) {
		return true, nil
	}
	live, err := s.Store.LiveIssuance(ctx, m.ID)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return live.Lives(m.PasswordVersion, s.Now()) && s.Keys.TemporaryPassword(live.KeyName, m.ID, live.ID).Equals(wanted), nil
}

// setPassword makes the change in one transaction. Raising the password version is what ends sessions, other
// grants and live temporary passwords; the guard on the version is what lets one of concurrent calls win.
func (s *Service) setPassword(ctx context.Context, r Recovery, m member.Member, hash string, device member.Device, now time.Time) error {
	recovered := member.Activity{
		ID: rand.Text(), MemberID: m.ID, At: now, Kind: member.Recovered,
		RecoveryID: string(r.ID), By: member.ByMember, Device: device,
	}
	notice := NoticeOfChange(m, r.GrantVersion+1, r.Language, now)
	err := s.Store.InTx(ctx, func(tx Store) error {
		own, err := tx.HasActivity(ctx, recovered.ID)
		if err != nil || own {
			return err // committed by an earlier try whose answer was lost
		}
		set, err := tx.SetPassword(ctx, m.ID, r.GrantVersion, hash, now)
		if err != nil {
			return err
		}
		if !set {
			return ErrGrantMissing
		}
		completed, err := tx.Complete(ctx, r.ID, r.GrantHash, now)
		if err != nil {
			return err
		}
		if !completed {
			return ErrGrantMissing
		}
		if err := tx.AddActivity(ctx, recovered); err != nil {
			return err
		}
		return tx.AddLetter(ctx, notice)
	})
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	s.WakePostman()
	return nil
}

// missingGrant tells a grant that does not hold from a database that did not answer. An unknown recovery and a
// grant of another one look the same.
func missingGrant(err error) error {
	if err == nil || errors.Is(err, ErrNotFound) {
		return ErrGrantMissing
	}
	return fmt.Errorf("reset: %w", err)
}

func isOurFault(err error) bool {
	var rejected *RejectedError
	return !errors.As(err, &rejected) && !errors.Is(err, ErrGrantMissing)
}

// giveBack makes a server error spend nothing: no guess, no try. The caller may be gone, so it does not end with
// the request.
func (s *Service) giveBack(ctx context.Context, r Recovery, what func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := what(ctx); err != nil {
		s.Log.WarnContext(ctx, "a guess or a try could not be given back", "receipt", r.Receipt, "error", err)
	}
}
