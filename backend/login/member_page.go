package login

import (
	"context"
	"errors"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// shownActivities is how many of the latest deeds the member page lists.
const shownActivities = 20

// Present is the member of a session that was opened under this password version, or ErrSessionOver. It is
// asked of the database at every use of a session, so that a new password ends it whatever sessions' own
// backend knows (CVE-2019-10641, CVE-2026-43983).
func (s *Service) Present(ctx context.Context, id member.ID, version int64) (member.Member, error) {
	m, err := s.Store.Member(ctx, id)
	if err != nil && !errors.Is(err, recovery.ErrNotFound) {
		return member.Member{}, fmt.Errorf("look for the session's member: %w", err)
	}
	if err != nil || !m.CanSignIn() || m.PasswordVersion != version {
		return member.Member{}, ErrSessionOver
	}
	return m, nil
}

// Activities are the latest things that happened to the member, newest first.
func (s *Service) Activities(ctx context.Context, id member.ID) ([]member.Activity, error) {
	latest, err := s.Store.Activities(ctx, id, shownActivities)
	if err != nil {
		return nil, fmt.Errorf("list activities: %w", err)
	}
	return latest, nil
}
