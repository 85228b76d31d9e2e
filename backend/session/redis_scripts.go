package session

import "github.com/redis/go-redis/v9"

// Each script is one indivisible step over a session's hash and its member's set of sessions. The set holds the
// keys of hashes, scored by when they were opened. It may name hashes that are gone, never for longer than the
// absolute time; whoever reads it drops them.
//
// Scripts find the keys of other sessions in the set, so all keys have to lie on one node: a server, or a master
// that Sentinels watch.

// prelude begins a script: whether a session is alive is judged by the clock of the asking server. A key's time to live
// is only for those that nobody asks for again.
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

// onlyAlive ends a script with nothing when there is no session, or when it is over.
const onlyAlive = prelude + `
local opened, seen = alive(KEYS[1])
if not opened then return false end
`

var (
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
	// touchScript enlists again what is enlisted already: a set that Redis evicted, or that ran out because the
	// absolute time was a shorter one, must not hide a session from the member.
	touchScript = redis.NewScript(onlyAlive + `
if now > seen then redis.call('HSET', KEYS[1], 'seen_at', ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], math.ceil(math.min(idle, opened + absolute - now) / 1000))
local fields = redis.call('HMGET', KEYS[1], 'member_id', 'login_id', 'password_version', 'device', 'opened_at', 'seen_at')
if fields[1] then enlist(ARGV[4] .. fields[1], KEYS[1], opened) end
return fields
`)
	moveScript = redis.NewScript(onlyAlive + `
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
