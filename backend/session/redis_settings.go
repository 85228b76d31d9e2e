package session

import (
	"crypto/tls"

	"github.com/redis/go-redis/v9"
)

// RedisSettings say where Redis is. The config room has read and checked them.
type RedisSettings struct {
	Hosts  []string // host:port; with Master these are the Sentinels
	Master string   // the name of the master that the Sentinels watch; empty without Sentinel

	User, Password string // the servers', not the Sentinels'
	Database       int
	TLS            bool
}

func (s RedisSettings) options() *redis.UniversalOptions {
	options := &redis.UniversalOptions{
		Addrs: s.Hosts, MasterName: s.Master, Username: s.User, Password: s.Password, DB: s.Database,
	}
	if s.TLS {
		options.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12} // with the certificate verified (ASVS 12.3.2)
	}
	return options
}
