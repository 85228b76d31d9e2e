package session

import "github.com/redis/go-redis/v9"

// Each script atomically reads and writes a session's hash and the set of its member's sessions. The set holds the keys of
// the hashes, scored by the time at which the session was opened. A key in the set may name a hash that has expired; the
// scripts that read the set remove such keys.
//
// The scripts use keys that they find in the set, which Redis Cluster does not allow. All keys must be on one node: a
// single server, or a master that Sentinels watch.

// prelude begins the scripts. It decides by the clock of the calling server whether a session has ended. The TTL of a key
// only removes sessions that nobody asks for again.
const prelude = `
local now, idle, absolute = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function alive(key)
  local times = redis.call('HMGET', key, 'opened_at', 'seen_at')
  local opened, seen = tonumber(times[1]), tonumber(times[2])
  if opened and seen and now < seen + idle and now < opened + absolute then return opened, seen end
  redis.call('DEL', key)
end
local function enlist(set, key, opened)
  redis.call('ZADD', set, opened, key)
  redis.call('PEXPIRE', set, math.ceil(absolute / 1000))
end
`

// onlyAlive begins a script that returns false, redis.Nil in Go, when the session does not exist or has ended.
const onlyAlive = prelude + `
local opened, seen = alive(KEYS[1])
if not opened then return false end
`

var (
	// evalScript does nothing. It is sent as a text, to try EVAL.
	evalScript = redis.NewScript("return 1")
	// pingScript tries all commands that the scripts of sessions and limits call, because a user of Redis may have no right
	// to some. Its keys expire.
	pingScript = redis.NewScript(`
local plain, hash, set, expire = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
redis.call('TIME')
redis.call('SET', plain, '', 'PX', expire)
redis.call('GET', plain)
redis.call('PEXPIRE', plain, expire)
redis.call('DEL', hash, set)
redis.call('HSET', hash, 'field', 'value')
redis.call('PEXPIRE', hash, expire)
redis.call('HGET', hash, 'field')
redis.call('HMGET', hash, 'field')
redis.call('ZADD', set, 1, 'member')
redis.call('PEXPIRE', set, expire)
redis.call('ZCARD', set)
redis.call('ZRANGE', set, 0, -1)
redis.call('ZREM', set, 'other')
redis.call('ZPOPMIN', set)
redis.call('DEL', hash, set)
return 1
`)
	openScript = redis.NewScript(prelude + `
local most = tonumber(ARGV[4])
if redis.call('ZCARD', KEYS[2]) >= most then
  for _, key in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    if not alive(key) then redis.call('ZREM', KEYS[2], key) end
  end
  for _ = most, redis.call('ZCARD', KEYS[2]) do
    redis.call('DEL', redis.call('ZPOPMIN', KEYS[2])[1])
  end
end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('PEXPIRE', KEYS[1], math.ceil(math.min(idle, absolute) / 1000))
enlist(KEYS[2], KEYS[1], now)
return 1
`)
	// touchScript adds the session to the member's set again, because Redis may have evicted the set, or it may have
	// expired under a shorter absolute lifetime. The member must see every session in the list.
	touchScript = redis.NewScript(onlyAlive + `
if now > seen then redis.call('HSET', KEYS[1], 'seen_at', ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], math.ceil(math.min(idle, opened + absolute - now) / 1000))
local fields = redis.call('HMGET', KEYS[1], 'member_id', 'login_id', 'password_version', 'device', 'opened_at', 'seen_at')
if fields[1] then enlist(ARGV[4] .. fields[1], KEYS[1], opened) end
return fields
`)
	raiseVersionScript = redis.NewScript(onlyAlive + `
local version = tonumber(redis.call('HGET', KEYS[1], 'password_version'))
if version and version < tonumber(ARGV[4]) then redis.call('HSET', KEYS[1], 'password_version', ARGV[4]) end
return 1
`)
	listScript = redis.NewScript(prelude + `
local found = {}
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if alive(key) then
    local fields = redis.call('HMGET', key, 'member_id', 'login_id', 'password_version', 'device', 'opened_at', 'seen_at')
    found[#found + 1] = {key, fields}
  else
    redis.call('ZREM', KEYS[1], key)
  end
end
return found
`)
	closeOthersScript = redis.NewScript(`
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if key ~= KEYS[2] then
    redis.call('DEL', key)
    redis.call('ZREM', KEYS[1], key)
  end
end
return 1
`)
)
