package recovery

import (
	"context"
	"errors"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/password"
)

// Reset is step 5. It sets a new member support password with a grant, and does not sign the member in. The member comes from
// the grant's recovery, never from the request. Reset returns [ErrGrantMissing], a [RejectedError] or [password.ErrBusy].
func (s *Service) Reset(ctx context.Context, id ID, grant Grant, wanted password.Plain, device member.Device) error {
	now := s.Now()
	r, err := s.Store.Recovery(ctx, id)
	if err != nil || !grant.belongsTo(r, now) || r.CompletedAt != nil {
		return missingGrant(err)
	}
	m, err := s.grantedMember(ctx, r)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	isCounted, err := s.Store.CountTry(ctx, id, r.GrantHash, now)
	if err != nil || !isCounted {
		return missingGrant(err)
	}
	change := PasswordChange{
		Member: m, Kind: member.Recovered, RecoveryID: r.ID, Device: device, Language: r.Language, At: now,
	}
	if err := s.try(ctx, r, change, wanted); err != nil {
		if isServiceFault(err) {
			s.uncount(ctx, r, func(ctx context.Context) error { return s.Store.UncountTry(ctx, r.ID, r.GrantHash) })
		}
		return err
	}
	s.WakePostman()
	return nil
}

// try checks the new password, hashes it and makes the change. The hash is computed outside the transaction, because it takes
// long.
func (s *Service) try(ctx context.Context, r Recovery, change PasswordChange, wanted password.Plain) error {
	violations, err := s.violations(ctx, r, change.Member, wanted)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	if len(violations) > 0 {
		return &RejectedError{violations}
	}
	if change.Hash, err = s.Hasher.Hash(ctx, password.MemberLane, wanted); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	err = SetPassword(ctx, s.Store.InTx, change, func(tx Store) error {
		isCompleted, err := tx.Complete(ctx, r.ID, r.GrantHash, change.At)
		if err == nil && !isCompleted {
			return ErrGrantMissing
		}
		return err
	})
	if errors.Is(err, ErrVersionRisen) {
		err = ErrGrantMissing
	}
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return nil
}

func (s *Service) violations(ctx context.Context, r Recovery, m member.Member, wanted password.Plain) ([]password.Violation, error) {
	violations := password.Check(wanted, m.LoginID, m.MailAddress)
	isTemporary, err := s.isTemporary(ctx, r, m, NewTemporaryPassword(wanted.Reveal()))
	if err != nil {
		return nil, err
	}
	if isTemporary {
		violations = append(violations, password.Violation{Code: password.SameAsTemporary})
	}
	if password.Usable(m.PasswordHash) != nil {
		return violations, nil // the member has no password that the new one could equal
	}
	isCurrent, err := s.Hasher.Verify(ctx, password.MemberLane, wanted, m.PasswordHash)
	if err != nil {
		return nil, err
	}
	if isCurrent {
		violations = append(violations, password.Violation{Code: password.SameAsCurrent})
	}
	return violations, nil
}

// isTemporary reports whether the text is one of these temporary passwords: the one that opened the grant, the one to which the
// recovery leads now, or the member's live one, which another recovery may have issued.
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

// missingGrant returns ErrGrantMissing, unless err is a fault of the database. An unknown recovery and a grant of another
// recovery get the same answer.
func missingGrant(err error) error {
	if err == nil || errors.Is(err, ErrNotFound) {
		return ErrGrantMissing
	}
	return fmt.Errorf("reset: %w", err)
}

// isServiceFault reports whether a try failed for a reason that is neither the new password nor the grant.
func isServiceFault(err error) bool {
	var rejected *RejectedError
	return !errors.As(err, &rejected) && !errors.Is(err, ErrGrantMissing)
}
