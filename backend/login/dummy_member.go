package login

import (
	"context"
	"sync"
	"time"

	"aikagi/backend/member"
)

// lastMemberTTL is how long the highest member ID is cached. Only an import changes it, and a new member is the dummy
// member of few login IDs.
const lastMemberTTL = time.Minute

// lastMember caches the highest member ID.
type lastMember struct {
	mu      sync.Mutex
	id      member.ID
	isKnown bool
	readAt  time.Time
}

// dummyMember picks the member whose row is read if nobody has the login ID. It refreshes the cache for known and unknown
// login IDs alike, because a query for unknown ones alone would show in the duration. If the query fails, the old value
// stays in use.
func (s *Service) dummyMember(ctx context.Context, id member.LoginID) (member.ID, error) {
	last, isDue, isKnown := s.lastMember.cached(s.Now())
	if isDue {
		read, err := s.Store.LastMember(ctx)
		if err != nil && !isKnown {
			return 0, err
		}
		if err != nil {
			s.Log.WarnContext(ctx, "the highest member ID could not be read", "error", err)
		} else {
			last = read
			s.lastMember.store(read)
		}
	}
	return member.ID(s.Dummies.MemberFor(id, int64(last))), nil
}

// cached returns the cached ID and whether the caller must query the database. Of concurrent callers only one must; but
// while no ID is known, all must.
func (l *lastMember) cached(now time.Time) (id member.ID, isDue, isKnown bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isKnown && now.Sub(l.readAt) < lastMemberTTL {
		return l.id, false, true
	}
	l.readAt = now
	return l.id, true, l.isKnown
}

func (l *lastMember) store(id member.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.id, l.isKnown = id, true
}
