package throttle

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	storage "github.com/gofiber/storage/redis/v3"
)

// How long Redis may take for one step before the memory of this server decides, and how long it is then let be.
const (
	redisPatience = 300 * time.Millisecond
	redisRest     = 2 * time.Second
)

// Throttle charges tries to limits. It is safe for concurrent use.
type Throttle struct {
	// OnLimited is told the name of each limit that refuses a try. Optional; it must not block. Set it before the first try.
	OnLimited func(limit string)

	redis     *storage.Storage // nil: this server counts alone
	memory    *memory
	now       func() time.Time
	log       *slog.Logger
	restUntil atomic.Int64 // Unix microseconds until which Redis is not asked
	isAway    atomic.Bool  // Redis failed when it was asked last
}

// New makes a throttle that counts in Redis, or alone where redis is nil.
func New(redis *storage.Storage, now func() time.Time, log *slog.Logger) *Throttle {
	return &Throttle{redis: redis, memory: newMemory(maxNames, sharedBuckets), now: now, log: log}
}

// Take charges one try to each limit for a key. It returns 0, or how long to wait before the next try; a try that
// has to wait is not charged to the limit that refuses it.
func (t *Throttle) Take(ctx context.Context, key string, limits ...Limit) time.Duration {
	for _, limit := range limits {
		if wait := t.take(ctx, limit, key); wait > 0 {
			if t.OnLimited != nil {
				t.OnLimited(limit.Name)
			}
			return wait
		}
	}
	return 0
}

// take never fails, and counts in this server's memory whatever Redis says: so a Redis that is away, was restarted
// empty, or evicts keys gives nobody new tries here (CVE-2024-21662). Redis adds what other servers counted.
func (t *Throttle) take(ctx context.Context, limit Limit, key string) time.Duration {
	now := t.now()
	wait := t.memory.take(limit, key, now)
	if wait > 0 || t.redis == nil || t.redisRests(now) {
		return wait
	}
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	wait, err := takeInRedis(ctx, t.redis.Conn(), limit, redisKey(limit, key))
	if err != nil {
		t.restUntil.Store(now.Add(redisRest).UnixMicro())
		if !t.isAway.Swap(true) {
			t.log.WarnContext(ctx, "limits are counted by each server alone: Redis is away", "error", err)
		}
		return 0
	}
	if t.isAway.Load() && t.isAway.Swap(false) {
		t.log.InfoContext(ctx, "limits are counted by all servers together again: Redis is back")
	}
	return wait
}

// redisRests says whether Redis failed a moment ago. A rest that ends later than a new one would was begun before the
// clock stepped back.
func (t *Throttle) redisRests(now time.Time) bool {
	left := t.restUntil.Load() - now.UnixMicro()
	return 0 < left && left <= redisRest.Microseconds()
}

// Forgive forgets what was charged to a key: whoever proved to be right starts anew, but for what other servers
// counted themselves.
func (t *Throttle) Forgive(ctx context.Context, key string, limits ...Limit) {
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	for _, limit := range limits {
		t.memory.forget(limit, key)
		if t.redis == nil || t.redisRests(t.now()) {
			continue
		}
		if err := t.redis.DeleteWithContext(ctx, redisKey(limit, key)); err != nil {
			t.log.WarnContext(ctx, "a limit could not be forgiven", "error", err)
		}
	}
}
