package recovery

import (
	"context"
	"time"
)

// Unresolved is an ask that waits for the resolver.
type Unresolved struct {
	ID    ID
	Since time.Time // when it began to wait
	// IsSetAside means that the resolver could not lock or write a row that the ask needs.
	IsSetAside bool
}

// oldestCounted returns when the oldest ask that counts for MaxBacklog began to wait, and whether there is one. Up to
// MaxSetAside asks that are set aside do not count. waiting holds the MaxSetAside+1 asks that have waited longest, oldest first.
func oldestCounted(waiting []Unresolved) (since time.Time, waits bool) {
	for i, ask := range waiting {
		if !ask.IsSetAside || i == MaxSetAside {
			return ask.Since, true
		}
	}
	return time.Time{}, false
}

// measureBacklog stores the start of the oldest wait that counts, so that isBacklogged needs no database.
func (s *Service) measureBacklog(ctx context.Context) error {
	return withTimeout(ctx, func(ctx context.Context) error {
		waiting, err := s.Store.Unresolved(ctx, MaxSetAside+1)
		if err != nil {
			return err
		}
		since, waits := oldestCounted(waiting)
		if waits && s.Now().Sub(since) >= claimDuration {
			// The oldest ask may be one that could not be marked as set aside because its own row is locked.
			if err := s.markLocked(ctx, waiting); err != nil {
				return err
			}
			since, waits = oldestCounted(waiting)
		}
		if !waits {
			s.waitingSince.Store(0)
			return nil
		}
		s.waitingSince.Store(since.UnixMicro())
		return nil
	})
}

// markLocked sets IsSetAside for the asks whose own rows another transaction has locked.
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

// isBacklogged reports whether the oldest ask that counts has waited longer than MaxBacklog.
func (s *Service) isBacklogged(now time.Time) bool {
	since := s.waitingSince.Load()
	return since != 0 && now.Sub(time.UnixMicro(since)) > MaxBacklog
}
