package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
)

// certificate is the TLS certificate of the public listener. It can be replaced while the listener works.
type certificate struct {
	pair atomic.Pointer[tls.Certificate] // nil until ACME has issued one
	// challenge returns the certificate that answers a CA's challenge for a domain. It is nil without ACME.
	challenge func(ctx context.Context, domain string) (*tls.Certificate, error)
}

// replace replaces the former pair if the certificate differs, and reports whether it does. It must not be called
// concurrently.
func (c *certificate) replace(pair *tls.Certificate) (changed bool) {
	former := c.pair.Load()
	if former != nil && slices.EqualFunc(former.Certificate, pair.Certificate, bytes.Equal) {
		return false
	}
	c.pair.Store(pair)
	return true
}

// validFor is how long the certificate is still valid: negative after its end, 0 if there is none.
func (c *certificate) validFor(now time.Time) time.Duration {
	pair := c.pair.Load()
	if pair == nil {
		return 0
	}
	return pair.Leaf.NotAfter.Sub(now)
}

// aeadSuites are the suites of TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325, 4.2). All suites of
// TLS 1.3 have both.
var aeadSuites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

var errNoCertificate = errors.New("there is no certificate yet")

// config returns the configuration of the listener.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: aeadSuites,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			pair := c.pair.Load()
			if pair == nil {
				return nil, errNoCertificate
			}
			return pair, nil
		},
		GetConfigForClient: c.configFor,
	}
}

// configFor returns a configuration with the certificate that answers the CA's challenge (TLS-ALPN-01, RFC 8737). For all
// other clients it returns nil, which means the listener's own configuration.
func (c *certificate) configFor(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	if c.challenge == nil || !slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto}) {
		return nil, nil //nolint:nilnil // GetConfigForClient defines nil this way
	}
	pair, err := c.challenge(hello.Context(), hello.ServerName)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: aeadSuites,
		Certificates: []tls.Certificate{*pair}, NextProtos: []string{acme.ALPNProto},
	}, nil
}
