package config

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// DKIM is what letters are signed with (RFC 6376).
type DKIM struct {
	Domain, Selector string
	Key              Secret[crypto.Signer] // *rsa.PrivateKey or ed25519.PrivateKey
}

// IsSet says whether letters are signed.
func (d DKIM) IsSet() bool { return d.Key.Reveal() != nil }

func parseDomain(text string) (string, error) {
	if !isHostName(text) || !strings.Contains(text, ".") {
		return "", errors.New("is not a domain")
	}
	return strings.ToLower(text), nil
}

var selector = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

func parseSelector(text string) (string, error) {
	if len(text) > 63 || !selector.MatchString(text) {
		return "", errors.New("is not a DKIM selector (letters, digits, hyphens and dots)")
	}
	return text, nil
}

// minRSA is the shortest RSA key that verifiers accept, in bits (RFC 8301, 3.2).
const minRSA = 1024

func parseDKIMKey(text string) (Secret[crypto.Signer], error) {
	var none Secret[crypto.Signer]
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return none, errors.New("is not PEM")
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	default:
		return none, errors.New("is PEM, but not of an unencrypted private key")
	}
	if err != nil {
		return none, errors.New("is a private key that cannot be read")
	}
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return NewSecret[crypto.Signer](key), nil
	case *rsa.PrivateKey:
		if key.N.BitLen() < minRSA {
			return none, fmt.Errorf("is an RSA key of less than %d bits", minRSA)
		}
		return NewSecret[crypto.Signer](key), nil
	}
	return none, errors.New("is a key that is neither RSA nor Ed25519")
}
