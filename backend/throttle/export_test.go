package throttle

import (
	"log/slog"
	"time"
)

// The bounds of a server.
const (
	MaxNames      = maxNames
	SharedBuckets = sharedBuckets
)

// NewSized returns a Throttle that counts only in memory, in tables of other sizes.
func NewSized(now func() time.Time, maxNames, sharedBuckets int) *Throttle {
	return &Throttle{memory: newMemory(maxNames, sharedBuckets), now: now, log: slog.New(slog.DiscardHandler)}
}
