package config

import (
	"crypto/tls"
	"errors"
	"strings"
)

// TLS names the files of the certificate and its private key.
type TLS struct{ CertFile, KeyFile string }

// IsSet says whether the server itself does TLS.
func (t TLS) IsSet() bool { return t.CertFile != "" && t.KeyFile != "" }

func (t TLS) check() error {
	_, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	return err
}

func parsePEMPath(text string) (string, error) {
	if strings.HasPrefix(text, "-----BEGIN") {
		return "", errors.New("is the content of a PEM file, not its path")
	}
	return text, nil
}
