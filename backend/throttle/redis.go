package throttle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/redis/go-redis/v9"
)

// takeScript is one step of GCRA like [Limit.next]. It is atomic and uses the clock of Redis, so that neither concurrent
// calls nor servers with different clocks exceed the limit. Times are in microseconds.
var takeScript = redis.NewScript(`
local time = redis.call('TIME')
local now, every, burst = time[1] * 1000000 + time[2], tonumber(ARGV[1]), tonumber(ARGV[2])
local full = now + burst * every
local due = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now), full) + every
local wait = due - full
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000))
return 0
`)

// redisKey hashes the name, so that somebody who can read Redis learns no login ID and no address.
func redisKey(limit Limit, key string) string {
	sum := sha256.Sum256([]byte(limit.Name + "\x00" + key))
	return "aikagi:limit:" + hex.EncodeToString(sum[:16])
}

func takeInRedis(ctx context.Context, client redis.UniversalClient, limit Limit, key string) (time.Duration, error) {
	wait, err := takeScript.Run(ctx, client, []string{key}, limit.Every.Microseconds(), limit.Burst).Int64()
	return time.Duration(wait) * time.Microsecond, err
}
