package recovery

import (
	"context"
	"sync"
	"time"
)

// KeyUse says what a row's key is needed for.
type KeyUse string

// The uses.
const (
	KeyOfAsk        KeyUse = "ask"        // to compare the typed address; without it the outcome is AddressDiffers
	KeyOfRedemption KeyUse = "redemption" // to derive the temporary password; without it every guess is wrong
)

// KeyUses are all uses.
func KeyUses() []KeyUse { return []KeyUse{KeyOfAsk, KeyOfRedemption} }

// unknownKeyEvery bounds how often one key is warned of: strangers can ask and guess.
const unknownKeyEvery = time.Minute

// unknownKeys are the keys that were missing, and when each was warned of last.
type unknownKeys struct {
	mu     sync.Mutex
	warned map[string]time.Time
}

func (u *unknownKeys) isDue(name string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if last, known := u.warned[name]; known && now.Sub(last).Abs() < unknownKeyEvery {
		return false
	}
	if u.warned == nil {
		u.warned = make(map[string]time.Time)
	}
	u.warned[name] = now
	return true
}

// checkKey counts and warns of a row that was written with a key which this server does not have: keys were rotated in the
// wrong order, or a key was taken away while rows still need it. Members only see that nothing works.
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
