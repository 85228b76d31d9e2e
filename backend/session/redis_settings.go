package session

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/secret"
)

// RedisSettings say how to reach Redis. Package config has checked them.
type RedisSettings struct {
	Hosts  []string // host:port of the server, or of the Sentinels if Master is set
	Master string   // the name of the master that the Sentinels watch; empty without Sentinels

	User     string // of the server; empty for the default user
	Password secret.Value[string]
	// The Sentinels have credentials of their own, or none.
	SentinelUser     string
	SentinelPassword secret.Value[string]

	Database int
	TLS      bool
	RootCAs  *x509.CertPool // verify the server's certificate; nil for those of the system
}

func (s RedisSettings) options() *redis.UniversalOptions {
	options := &redis.UniversalOptions{
		Addrs: s.Hosts, MasterName: s.Master, DB: s.Database,
		Username: s.User, Password: s.Password.Reveal(),
		SentinelUsername: s.SentinelUser, SentinelPassword: s.SentinelPassword.Reveal(),
	}
	if s.TLS {
		options.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.RootCAs} // ASVS 12.3.2: the certificate is verified
	}
	return options
}
