package recovery

import (
	"context"
	"crypto/rand"
	"fmt"

	"aikagi/backend/member"
)

// Disavow voids the password that a notice announced, if it is still the member's present one. It raises the password version,
// which ends the member's sessions, grants and issuances. It returns [ErrDisavowalEnded] if the token changes nothing.
func (s *Service) Disavow(ctx context.Context, token DisavowalToken, device member.Device) error {
	now := s.Now()
	content, isOurs := s.Keys.readDisavowal(token)
	if !isOurs || !now.Before(content.issuedAt.Add(DisavowalLifetime)) {
		return ErrDisavowalEnded
	}
	disavowed := member.Activity{
		ID: rand.Text(), MemberID: content.memberID, At: now, Kind: member.Disavowed, By: member.ByMember, Device: device,
	}
	err := InTxOnce(ctx, s.Store.InTx, disavowed.ID, func(tx Store) error {
		isVoided, err := tx.VoidPassword(ctx, content.memberID, content.passwordVersion, now)
		if err != nil {
			return err
		}
		if !isVoided {
			return ErrDisavowalEnded
		}
		return tx.AddActivity(ctx, disavowed)
	})
	if err != nil {
		return fmt.Errorf("disavow: %w", err)
	}
	return nil
}
