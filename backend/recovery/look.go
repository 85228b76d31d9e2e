package recovery

import (
	"context"
	"errors"
	"fmt"

	"aikagi/backend/member"
)

// Look returns the state of a recovery. A caller without the recovery's grant sees what the row itself shows. The browser that
// holds the grant also sees whether the recovery was redeemed or completed, even after its GoneAt.
func (s *Service) Look(ctx context.Context, id ID, grant Grant) (View, error) {
	r, err := s.Store.Recovery(ctx, id)
	if err != nil {
		return View{}, fmt.Errorf("look: %w", err)
	}
	now := s.Now()
	if !grant.belongsTo(r, now) {
		if !now.Before(r.GoneAt) {
			return View{}, ErrNotFound
		}
		return r.view(), nil
	}
	view, err := s.lookWithGrant(ctx, r)
	if err != nil {
		return View{}, fmt.Errorf("look: %w", err)
	}
	return view, nil
}

func (s *Service) lookWithGrant(ctx context.Context, r Recovery) (View, error) {
	canSet := false
	if r.CompletedAt == nil {
		_, err := s.grantedMember(ctx, r)
		canSet = err == nil && r.GrantTries < MaxGrantTries
		if errors.Is(err, ErrGrantMissing) {
			// The password may have been set between the two reads: a browser that has lost the answer to its change looks
			// at that moment.
			r, err = s.Store.Recovery(ctx, r.ID)
		}
		if err != nil {
			return View{}, err
		}
	}
	view := r.view()
	switch {
	case r.CompletedAt != nil:
		view.State = Completed
	case canSet:
		view.State = Redeemed
	}
	return view, nil
}

// grantedMember returns the member whose password the recovery's grant can set. It returns ErrGrantMissing if the member's
// password version has risen since the grant was opened, or if the member is no longer active.
func (s *Service) grantedMember(ctx context.Context, r Recovery) (member.Member, error) {
	m, err := s.Store.Member(ctx, r.MemberID)
	if errors.Is(err, ErrNotFound) {
		return member.Member{}, ErrGrantMissing
	}
	if err != nil {
		return member.Member{}, err
	}
	if m.Status != member.Active || m.PasswordVersion != r.GrantVersion {
		return member.Member{}, ErrGrantMissing
	}
	return m, nil
}
