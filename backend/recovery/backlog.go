package recovery

import (
	"context"
	"time"
)

// Unresolved is an ask that waits to be resolved.
type Unresolved struct {
	ID    ID
	Since time.Time // when it began to wait
	// IsSetAside says that the resolver could not have its rows: another transaction has locked them, or they cannot be
	// written.
	IsSetAside bool
}

// oldestCounted is since when the oldest ask waits that counts: up to MaxSetAside that are set aside do not. waiting
// are the longest waiting asks, MaxSetAside and one more.
func oldestCounted(waiting []Unresolved) (since time.Time, waits bool) {
	for i, ask := range waiting {
		if !ask.IsSetAside || i == MaxSetAside {
			return ask.Since, true
		}
	}
	return time.Time{}, false
}

// measureBacklog notes since when the oldest ask waits, for isBehind to look at without asking the database.
func (s *Service) measureBacklog(ctx context.Context) error {
	var since time.Time
	var waits bool
	err := withDeadline(ctx, func(ctx context.Context) error {
		waiting, err := s.Store.Unresolved(ctx, MaxSetAside+1)
		if err != nil {
			return err
		}
		since, waits = oldestCounted(waiting)
		if !waits || s.Now().Sub(since) < claimLasts {
			return nil
		}
		// An ask whose own row is locked could not be marked. It is found before it is old enough to close recovery.
		if err := s.markLocked(ctx, waiting); err != nil {
			return err
		}
		since, waits = oldestCounted(waiting)
		return nil
	})
	if err != nil {
		return err
	}
	if !waits {
		s.waitingSince.Store(0)
		return nil
	}
	s.waitingSince.Store(since.UnixMicro())
	return nil
}

// markLocked marks the asks whose own rows another transaction has locked.
func (s *Service) markLocked(ctx context.Context, waiting []Unresolved) error {
	var ids []ID
	for _, ask := range waiting {
		ids = append(ids, ask.ID)
	}
	free, err := s.Store.NotLocked(ctx, ids)
	if err != nil {
		return err
	}
	isFree := make(map[ID]bool, len(free))
	for _, id := range free {
		isFree[id] = true
	}
	for i := range waiting {
		waiting[i].IsSetAside = waiting[i].IsSetAside || !isFree[waiting[i].ID]
	}
	return nil
}

// isBehind says whether the oldest ask that counts waits for longer than MaxBacklog.
func (s *Service) isBehind(now time.Time) bool {
	since := s.waitingSince.Load()
	return since != 0 && now.Sub(time.UnixMicro(since)) > MaxBacklog
}
