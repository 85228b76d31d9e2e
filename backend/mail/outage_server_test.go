package mail_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"aikagi/backend/mail"
)

// awayServer is a mail server that no try reaches while err is set.
type awayServer struct {
	mu             sync.Mutex
	err            error
	unreachableFor func(mail.Message) bool // letters for which the server is always away
	tried          []string
	taken          []time.Time // when each letter was accepted
	sent           deliveryCounter
}

func (s *awayServer) Send(_ context.Context, m mail.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = append(s.tried, m.ID)
	if s.err == nil && s.unreachableFor != nil && s.unreachableFor(m) {
		return errUnreached
	}
	if s.err != nil {
		return s.err
	}
	s.sent.count(m)
	s.taken = append(s.taken, time.Now())
	return nil
}

func (*awayServer) Check(context.Context) error { return nil }
func (*awayServer) Close() error                { return nil }

var errUnreached = error(&mail.UnreachedError{Err: errors.New("connection refused")})

func (s *awayServer) setError(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// takeTried returns the letters that were tried since the last call.
func (s *awayServer) takeTried() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	tried := s.tried
	s.tried = nil
	return tried
}

// claimCounter counts the letters that a Postman claims.
type claimCounter struct {
	mail.Store
	mu      sync.Mutex
	claimed int
}

func (s *claimCounter) ClaimDue(ctx context.Context, claim string, now, until time.Time, limit int, of ...mail.Priority) ([]mail.Letter, error) {
	letters, err := s.Store.ClaimDue(ctx, claim, now, until, limit, of...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claimed += len(letters)
	return letters, err
}

func (s *claimCounter) reset() (claimed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	claimed, s.claimed = s.claimed, 0
	return claimed
}
