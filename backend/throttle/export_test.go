package throttle

import (
	"log/slog"
	"time"
)

// What a server has.
const (
	MaxNames      = maxNames
	SharedBuckets = sharedBuckets
)

// NewSized makes a throttle that counts alone, in tables of another size.
func NewSized(now func() time.Time, maxNames, sharedBuckets int) *Throttle {
	return &Throttle{memory: newMemory(maxNames, sharedBuckets), now: now, log: slog.New(slog.DiscardHandler)}
}
