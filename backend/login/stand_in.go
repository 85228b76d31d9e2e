package login

import (
	"context"
	"sync"
	"time"

	"aikagi/backend/member"
)

// lastMemberKept is how long the number of members is taken from memory. It changes with an import, and who is new
// stands in for few.
const lastMemberKept = time.Minute

// lastMember remembers the highest id that a member has.
type lastMember struct {
	mu      sync.Mutex
	id      member.ID
	isKnown bool
	readAt  time.Time
}

// standIn picks the member whose row is read in place of the login ID's, when nobody has it. The highest id is asked for
// whoever is named: a look that only an unknown login ID caused would show. Once in lastMemberKept one sign-in pays
// for it; when the look fails the former answer goes on.
func (s *Service) standIn(ctx context.Context, id member.LoginID) (member.ID, error) {
	last, isDue, isKnown := s.lastMember.remembered(s.Now())
	if isDue {
		read, err := s.Store.LastMember(ctx)
		if err != nil && !isKnown {
			return 0, err
		}
		if err != nil {
			s.Log.WarnContext(ctx, "the number of members could not be read", "error", err)
		} else {
			last = read
			s.lastMember.remember(read)
		}
	}
	return member.ID(s.Dummies.MemberFor(id, int64(last))), nil
}

// remembered also says whether the caller shall look. Of concurrent callers one does, but before the first look
// all must.
func (l *lastMember) remembered(now time.Time) (id member.ID, isDue, isKnown bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isKnown && now.Sub(l.readAt) < lastMemberKept {
		return l.id, false, true
	}
	l.readAt = now
	return l.id, true, l.isKnown
}

func (l *lastMember) remember(id member.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.id, l.isKnown = id, true
}
