package config

import (
	"crypto/x509"
	"errors"
	"strconv"
	"strings"

	"aikagi/backend/secret"
)

// Redis says how to reach Redis, in which several servers share sessions and limits.
type Redis struct {
	// Hosts is one server, or the Sentinels that watch the master with the name Master.
	Hosts  []string // host:port
	Master string   // empty without Sentinels

	// User and Password are for the server. The Sentinels have credentials of their own, or none.
	User             string
	Password         secret.Value[string]
	SentinelUser     string
	SentinelPassword secret.Value[string]
	Database         int
	TLS              bool
	RootCAs          *x509.CertPool // verify the servers' certificates; nil for those of the system
}

// IsSet reports whether a Redis is set.
func (r Redis) IsSet() bool { return len(r.Hosts) > 0 }

// The options of a URL with Sentinels.
const sentinelUser, sentinelPassword = "sentinel_user", "sentinel_password"

// maxRedisDatabase is much larger than 15, the highest database number of Redis by default.
const maxRedisDatabase = 1023

func parseRedis(text string) (Redis, error) {
	where, err := parseLocation(text, map[string]string{
		"redis": "6379", "rediss": "6379", "redis+sentinel": "26379", "rediss+sentinel": "26379",
	})
	if err != nil {
		return Redis{}, err
	}
	isSentinel := strings.HasSuffix(where.scheme, "+sentinel")
	var known []string
	if isSentinel {
		known = []string{sentinelUser, sentinelPassword}
	}
	if err := where.checkOptions(known...); err != nil {
		return Redis{}, err
	}
	redis := Redis{
		SentinelUser: where.option(sentinelUser), SentinelPassword: secret.New(where.option(sentinelPassword)),
		Hosts: where.hosts, User: where.user, Password: where.password, TLS: strings.HasPrefix(where.scheme, "rediss"),
	}
	number := where.path
	if isSentinel {
		if redis.Master, number, _ = strings.Cut(where.path, "/"); redis.Master == "" {
			return Redis{}, errors.New("names no master after the Sentinels (redis+sentinel://host:26379/master)")
		}
	} else if len(where.hosts) > 1 {
		return Redis{}, errors.New("has several hosts, which need Sentinel (redis+sentinel://host:26379,host2:26379/master)")
	}
	if where.user != "" && !where.hasPassword {
		return Redis{}, errors.New("has a user without a password (a password alone is :password@)")
	}
	if redis.SentinelUser != "" && redis.SentinelPassword.Reveal() == "" {
		return Redis{}, errors.New("has the option sentinel_user without sentinel_password")
	}
	if number == "" {
		return redis, nil
	}
	database, err := strconv.ParseUint(number, 10, 16)
	if err != nil || database > maxRedisDatabase {
		return Redis{}, errors.New("has something else than a database number at the end")
	}
	redis.Database = int(database)
	return redis, nil
}
