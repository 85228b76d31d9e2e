package login

import (
	"context"
	"sync"
	"time"

	"aikagi/backend/password"
)

// schemesKept is how long the schemes in use are taken from memory. They change with an import of members, and
// slowly as those sign in.
const schemesKept = time.Minute

// schemes remembers which schemes of hash members have.
type schemes struct {
	mu     sync.Mutex
	inUse  []string // nil before the first look
	readAt time.Time
}

// schemesInUse is asked at every sign-in, whoever is named: a look that only an unknown login ID caused would
// show. Once in schemesKept one sign-in pays for it; when the look fails the former answer goes on.
func (s *Service) schemesInUse(ctx context.Context) ([]string, error) {
	inUse, isDue := s.schemes.remembered(s.Now())
	if !isDue {
		return inUse, nil
	}
	read, err := s.Store.HashSchemes(ctx)
	if err != nil && inUse == nil {
		return nil, err
	}
	if err != nil {
		s.Log.WarnContext(ctx, "the schemes of the members' hashes could not be read", "error", err)
		return inUse, nil
	}
	// The scheme that new passwords get is in use from the first sign-in on, recorded or not.
	read = append([]string{password.Scheme(s.Dummies.For("", nil))}, read...)
	s.schemes.remember(read)
	return read, nil
}

// remembered also says whether the caller shall look. Of concurrent callers one does, but before the first look
// all must.
func (s *schemes) remembered(now time.Time) (inUse []string, isDue bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inUse != nil && now.Sub(s.readAt) < schemesKept {
		return s.inUse, false
	}
	s.readAt = now
	return s.inUse, true
}

func (s *schemes) remember(inUse []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inUse = inUse
}
