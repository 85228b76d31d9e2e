package config

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// TLS names the files of the certificate and its private key.
type TLS struct{ CertFile, KeyFile string }

// IsSet reports whether the server uses TLS with these files.
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

// CA holds private certificate authorities.
type CA struct {
	Path string
	Pool *x509.CertPool // those of the system and of the file; nil if CA is not set
}

// readCA reads the file. Its error continues a sentence that begins with the setting's name.
func readCA(path string) (CA, error) {
	content, err := readFile(path)
	if err != nil {
		return CA{}, fmt.Errorf("cannot be read: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a container without system CAs
	}
	number := 0
	for rest := []byte(content); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		number++
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return CA{}, fmt.Errorf("holds a certificate (number %d) that cannot be read", number)
		}
		pool.AddCert(certificate)
	}
	if number == 0 {
		return CA{}, errors.New("holds no certificate in PEM")
	}
	return CA{Path: path, Pool: pool}, nil
}

// trustCA reads the private authorities and adds them to all settings of TLS connections.
func (s *Settings) trustCA(given map[string]source, found *mistakes) {
	if s.CA.Path == "" {
		return
	}
	ca, err := readCA(s.CA.Path)
	if err != nil {
		found.add("TLS_CA", given["TLS_CA"].from, err.Error(), "right would be a PEM file that holds the certificate of a CA")
	}
	s.CA = ca
	s.Database.RootCAs, s.Redis.RootCAs, s.SMTP.RootCAs, s.ACME.RootCAs = ca.Pool, ca.Pool, ca.Pool, ca.Pool
}
