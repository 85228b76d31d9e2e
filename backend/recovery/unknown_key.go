package recovery

import (
	"context"
	"sync"
	"time"
)

// KeyUse says why a row needs a key.
type KeyUse string

// The uses.
const (
	KeyOfAsk        KeyUse = "ask"        // to compare the typed address; without the key the outcome is AddressDiffers
	KeyOfRedemption KeyUse = "redemption" // to derive the temporary password; without the key every guess is wrong
)

// KeyUses returns all uses.
func KeyUses() []KeyUse { return []KeyUse{KeyOfAsk, KeyOfRedemption} }

// unknownKeyInterval is the least time between two warnings about one key: strangers can ask and guess as often as they like.
const unknownKeyInterval = time.Minute

// unknownKeys holds the time of the last warning about each missing key.
type unknownKeys struct {
	mu     sync.Mutex
	warned map[string]time.Time
}

func (u *unknownKeys) isDue(name string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if last, known := u.warned[name]; known && now.Sub(last).Abs() < unknownKeyInterval {
		return false
	}
	if u.warned == nil {
		u.warned = make(map[string]time.Time)
	}
	u.warned[name] = now
	return true
}

// checkKey reports a row that needs a key which this server does not have: it counts the row and logs a warning. The keys were
// rotated in the wrong order, or a key was removed too early, and members only see that nothing works.
func (s *Service) checkKey(ctx context.Context, name string, use KeyUse) {
	if s.Keys.Knows(name) {
		return
	}
	if s.OnUnknownKey != nil {
		s.OnUnknownKey(use)
	}
	if s.unknownKeys.isDue(name, s.Now()) {
		s.Log.WarnContext(ctx, "a key is missing in AIKAGI_KEYS: rows were written with it, on another server or before it was taken away",
			"key", name, "needed_for", use)
	}
}
