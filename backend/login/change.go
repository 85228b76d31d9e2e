package login

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

// ChangePassword sets a new password for the member that [Service.SessionMember] returned. It returns the new password
// version; only the caller's session may take it over, so that all other sessions end. It returns ErrCurrentWrong,
// recovery.RejectedError, ErrSessionOver if the password version rose meanwhile, or password.ErrBusy.
//
// The current password is checked before the rules. Otherwise the violations of a new password, such as same_as_current,
// would tell a stranger at an open browser something about the current one. If the stored hash is not usable, every
// current password is wrong.
func (s *Service) ChangePassword(ctx context.Context, m member.Member, current, wanted password.Plain, language recovery.Language, device member.Device) (newVersion int64, err error) {
	isRight, err := s.Hasher.Verify(ctx, password.MemberLane, current, s.hashFor(ctx, m.LoginID, m))
	if err != nil {
		return 0, fmt.Errorf("change password: %w", err)
	}
	if !isRight {
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
	change := recovery.PasswordChange{
		Member: m, Hash: hash, Kind: member.PasswordChanged, Device: device, Language: language, At: s.Now(),
	}
	err = recovery.SetPassword(ctx, s.Store.InTx, change, nil)
	if errors.Is(err, recovery.ErrVersionRisen) {
		err = ErrSessionOver
	}
	if err != nil {
		return 0, fmt.Errorf("change password: %w", err)
	}
	s.WakePostman()
	return m.PasswordVersion + 1, nil
}
