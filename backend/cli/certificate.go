package cli

import (
	"bytes"
	"crypto/tls"
	"slices"
	"sync/atomic"
	"time"

	"aikagi/backend/config"
)

// certificate is what the public listener shows. It can be replaced while the listener works.
type certificate struct {
	pair atomic.Pointer[tls.Certificate]
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

// expires is the end of the certificate's validity. Call it after load.
func (c *certificate) expires() time.Time { return c.pair.Load().Leaf.NotAfter }

// aeadSuites are those of TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325, 4.2). TLS 1.3 has no
// others.
var aeadSuites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// config is the listener's.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: aeadSuites,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.pair.Load(), nil },
	}
}
