package session

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/redis/go-redis/v9"
)

// Secret is a value that does not print: only Reveal gives it.
type Secret interface{ Reveal() string }

// RedisSettings say where Redis is. The config room has read and checked them.
type RedisSettings struct {
	Hosts  []string // host:port; with Master these are the Sentinels
	Master string   // the name of the master that the Sentinels watch; empty without Sentinel

	User     string // the servers', not the Sentinels'
	Password Secret // the same; nil: none
	// What the Sentinels themselves ask for; empty and nil: nothing.
	SentinelUser     string
	SentinelPassword Secret

	Database int
	TLS      bool
	RootCAs  *x509.CertPool // what verifies the servers' certificates; nil: the system's
}

func (s RedisSettings) options() *redis.UniversalOptions {
	options := &redis.UniversalOptions{
		Addrs: s.Hosts, MasterName: s.Master, Username: s.User, DB: s.Database,
	}
	if s.Password != nil {
		options.Password = s.Password.Reveal()
	}
	if s.SentinelPassword != nil {
		options.SentinelUsername, options.SentinelPassword = s.SentinelUser, s.SentinelPassword.Reveal()
	}
	if s.TLS {
		options.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.RootCAs} // with the certificate verified (ASVS 12.3.2)
	}
	return options
}
