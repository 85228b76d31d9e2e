package recovery

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"aikagi/backend/password"
)

// Service does the steps that a browser calls. It is safe for concurrent use. The fields up to WakePostman are required;
// [NewResolver] sets Wake.
type Service struct {
	Store  Store
	Keys   *Ring
	Hasher *password.Hasher
	Now    func() time.Time
	Log    *slog.Logger
	// Wake tells this process's Resolver that an ask waits. It must not block.
	Wake func()
	// WakePostman tells this process's Postman that a letter is due. It must not block.
	WakePostman func()

	// OnResolved and the functions after it are optional and must not block.
	//
	// OnResolved is called with the number of asks that got an outcome, after the commit.
	OnResolved func(outcome Outcome, asks int)
	// OnDropped is called with the number of letters that were dropped before sending because a new temporary password
	// replaced theirs.
	OnDropped func(letters int)
	// OnBatch is called when the resolver has claimed a batch of asks. The resolver uses the returned context for the batch
	// and calls the returned function at its end.
	OnBatch func(ctx context.Context, asks int) (context.Context, func(failed bool))
	// OnUnknownKey is called for each row that needs a key which the ring does not have.
	OnUnknownKey func(use KeyUse)

	unknownKeys  unknownKeys
	paused       atomic.Bool
	waitingSince atomic.Int64 // when the oldest ask that counts for MaxBacklog began, in Unix microseconds; 0 if there is none
}

// SetPaused turns the operator's switch on or off. While it is on, [Service.Request] and [Service.AskAgain] return [ErrPaused];
// recoveries that exist continue.
func (s *Service) SetPaused(paused bool) { s.paused.Store(paused) }

// IsPaused reports whether the switch is on.
func (s *Service) IsPaused() bool { return s.paused.Load() }

// admit returns ErrPaused or ErrBusy if no caller may ask now. The callers check it before they read any row, so that the
// answer tells nothing about a recovery.
func (s *Service) admit(now time.Time) error {
	if s.IsPaused() {
		return ErrPaused
	}
	if s.isBacklogged(now) {
		return ErrBusy
	}
	return nil
}
