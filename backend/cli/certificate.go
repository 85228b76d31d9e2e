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

	"aikagi/backend/config"
)

// certificate is what the public listener shows. It can be replaced while the listener works.
type certificate struct {
	pair atomic.Pointer[tls.Certificate] // nil while ACME has none yet
	// challenge finds the certificate that answers a CA's challenge for a domain. Optional: nil without ACME.
	challenge func(ctx context.Context, domain string) (*tls.Certificate, error)
}

// load reads the certificate and its key, and says whether it is another one than before. When it fails, the former one
// stays.
func (c *certificate) load(files config.TLS) (changed bool, err error) {
	pair, err := tls.LoadX509KeyPair(files.CertFile, files.KeyFile)
	if err != nil {
		return false, err
	}
	former := c.pair.Swap(&pair)
	return former == nil || !slices.EqualFunc(former.Certificate, pair.Certificate, bytes.Equal), nil
}

// remains is how long the certificate is still valid: negative after its end, 0 while there is none.
func (c *certificate) remains(now time.Time) time.Duration {
	pair := c.pair.Load()
	if pair == nil {
		return 0
	}
	return pair.Leaf.NotAfter.Sub(now)
}

// aeadSuites are those of TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325, 4.2). TLS 1.3 has no
// others.
var aeadSuites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

var errNoCertificate = errors.New("there is no certificate yet")

// config is the listener's.
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

// configFor gives the CA of ACME the certificate that answers its challenge (TLS-ALPN-01, RFC 8737), and everybody else
// the listener's own configuration, which is nil here.
func (c *certificate) configFor(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	if c.challenge == nil || !slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto}) {
		return nil, nil //nolint:nilnil // as the TLS library wants it
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
