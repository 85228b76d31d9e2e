// Package throttle limits how often something may be tried: by client address, by login ID, by recovery.
//
// A [Limit] is a rate and a burst. [Throttle.Take] charges a try to limits before the caller looks anything up, so that a
// login ID that nobody has is limited like any other. The algorithm is GCRA, a leaky bucket that stores only the time at
// which the bucket is empty again.
//
// Every server counts in its memory. With Redis, the servers also count together. If Redis does not answer, the server's
// own count decides: Take neither fails nor lets more tries pass.
package throttle

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	storage "github.com/gofiber/storage/redis/v3"
)

const (
	// redisTimeout bounds one call to Redis.
	redisTimeout = 300 * time.Millisecond
	// redisPause is how long the server does not call Redis after a failed call, so that requests do not wait for it.
	redisPause = 2 * time.Second
)

// Throttle charges tries to limits. It is safe for concurrent use.
type Throttle struct {
	// OnLimited, if set, is called with the name of a limit that refuses a try. It must not block. Set it before the first
	// try.
	OnLimited func(limit string)

	redis       *storage.Storage // nil if this server counts alone
	memory      *memory
	now         func() time.Time
	log         *slog.Logger
	pausedUntil atomic.Int64 // Unix microseconds until which Redis is not called
	isAway      atomic.Bool  // whether the last call to Redis failed
}

// New returns a Throttle that counts in redis as well as in memory, or only in memory if redis is nil.
func New(redis *storage.Storage, now func() time.Time, log *slog.Logger) *Throttle {
	return &Throttle{redis: redis, memory: newMemory(maxNames, sharedBuckets), now: now, log: log}
}

// Take charges one try of the key to each limit in turn. It returns 0 if the try is allowed, or the time to wait for the
// next try. A limit that refuses a try is not charged for it, and neither are the limits after it.
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

// take always counts in this server's memory, so that a Redis that is away, was restarted empty, or evicts keys gives
// nobody new tries here (CVE-2024-21662). Redis adds the tries at the other servers.
func (t *Throttle) take(ctx context.Context, limit Limit, key string) time.Duration {
	now := t.now()
	wait := t.memory.take(limit, key, now)
	if wait > 0 || t.redis == nil || t.isRedisPaused(now) {
		return wait
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	wait, err := takeInRedis(ctx, t.redis.Conn(), limit, redisKey(limit, key))
	if err != nil {
		t.pausedUntil.Store(now.Add(redisPause).UnixMicro())
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

// isRedisPaused reports whether a call to Redis has just failed. If the pause ends later than a new pause would, the clock
// has stepped back since it began, and it counts as over.
func (t *Throttle) isRedisPaused(now time.Time) bool {
	left := t.pausedUntil.Load() - now.UnixMicro()
	return 0 < left && left <= redisPause.Microseconds()
}

// Reset empties the key's buckets in Redis and in this server's memory. Call it when the caller has proven to know the
// password. Tries that another server has counted in its memory remain there.
func (t *Throttle) Reset(ctx context.Context, key string, limits ...Limit) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	for _, limit := range limits {
		t.memory.reset(limit, key)
		if t.redis == nil || t.isRedisPaused(t.now()) {
			continue
		}
		if err := t.redis.DeleteWithContext(ctx, redisKey(limit, key)); err != nil {
			t.log.WarnContext(ctx, "a limit could not be reset", "error", err)
		}
	}
}
