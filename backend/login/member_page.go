package login

import (
	"context"
	"errors"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// shownActivities is the number of activities on the member page.
const shownActivities = 20

// SessionMember returns the member of a session that has this password version, or ErrSessionOver. It reads the database at
// every use of a session, so that a new password ends the session even if the backend of the sessions still has it
// (CVE-2019-10641, CVE-2026-43983).
func (s *Service) SessionMember(ctx context.Context, id member.ID, version int64) (member.Member, error) {
	m, err := s.Store.Member(ctx, id)
	if err != nil && !errors.Is(err, recovery.ErrNotFound) {
		return member.Member{}, fmt.Errorf("read the session's member: %w", err)
	}
	if err != nil || !m.CanSignIn() || m.PasswordVersion != version {
		return member.Member{}, ErrSessionOver
	}
	return m, nil
}

// Activities returns the member's latest activities, newest first.
func (s *Service) Activities(ctx context.Context, id member.ID) ([]member.Activity, error) {
	latest, err := s.Store.Activities(ctx, id, shownActivities)
	if err != nil {
		return nil, fmt.Errorf("list activities: %w", err)
	}
	return latest, nil
}
