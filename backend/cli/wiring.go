package cli

import (
	"log/slog"
	"runtime"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/session"
	"aikagi/backend/store"
	"aikagi/backend/throttle"
)

var dialects = map[config.Dialect]store.Dialect{config.MySQL: store.MySQL, config.SQLite: store.SQLite}

func storeSettings(d config.Database) store.Settings {
	return store.Settings{
		Dialect: dialects[d.Dialect], Path: d.Path,
		User: d.User, Password: d.Password, Hosts: d.Hosts, Name: d.Name, Options: d.Options, RootCAs: d.RootCAs,
		Connections: int(d.Connections),
	}
}

func newRing(settings config.Settings) (*recovery.Ring, error) {
	keys := make([]recovery.Key, len(settings.Keys))
	for i, key := range settings.Keys {
		var err error
		if keys[i], err = recovery.NewKey(key.Name, key.Secret.Reveal()); err != nil {
			return nil, err
		}
	}
	return recovery.NewRing(keys...)
}

func hashingCost(settings config.Settings) password.Params {
	return password.Params{
		MemoryKiB: settings.Argon2.Memory, Iterations: settings.Argon2.Iterations, Parallelism: settings.Argon2.Parallelism,
	}
}

// signInWait is how long a sign-in waits for a hashing worker before the server answers that it is busy.
const signInWait = 2 * time.Second

// newHasher makes a hasher with one worker for each CPU that the process may use, because more workers would only use
// memory. GOMAXPROCS follows the CPU limit of a container; NumCPU does not. After each hash the hasher calls onHashed
// with the time that it took.
func newHasher(settings config.Settings, onHashed func(took time.Duration)) *password.Hasher {
	hasher := password.NewHasher(hashingCost(settings), runtime.GOMAXPROCS(0), signInWait)
	hasher.OnHash = func() func() {
		begun := time.Now()
		return func() { onHashed(time.Since(begun)) }
	}
	return hasher
}

// openRedis returns nil if the settings have no Redis.
func openRedis(r config.Redis) *session.Redis {
	if !r.IsSet() {
		return nil
	}
	return session.OpenRedis(session.RedisSettings{
		Hosts: r.Hosts, Master: r.Master, User: r.User, Password: r.Password, Database: r.Database, TLS: r.TLS, RootCAs: r.RootCAs,
		SentinelUser: r.SentinelUser, SentinelPassword: r.SentinelPassword,
	})
}

// newSessions keeps sessions in memory if redis is nil.
func newSessions(settings config.Settings, redis *session.Redis, now func() time.Time) *session.Keeper {
	var backend session.Backend = session.NewMemory()
	if redis != nil {
		backend = redis
	}
	return session.New(backend, settings.SessionIdle, settings.SessionAbsolute, now)
}

// newThrottle returns a throttle that counts in memory if redis is nil, or nil if the limits are lifted. The throttle
// calls onLimited with the name of a limit that refuses a try.
func newThrottle(
	settings config.Settings, redis *session.Redis, now func() time.Time, log *slog.Logger, onLimited func(limit string),
) *throttle.Throttle {
	if !settings.RateLimits {
		return nil
	}
	limits := throttle.New(nil, now, log)
	if redis != nil {
		limits = throttle.New(redis.Storage(), now, log)
	}
	limits.OnLimited = onLimited
	return limits
}
