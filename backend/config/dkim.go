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

	"golang.org/x/net/publicsuffix"

	"aikagi/backend/secret"
)

// DKIM holds the keys that sign letters (RFC 6376): none, one or two. Two keys of different algorithms serve verifiers that
// do not know Ed25519 (RFC 8463, 3).
type DKIM struct {
	Domain              string
	Selector, Selector2 string
	Key, Key2           secret.Value[crypto.Signer] // *rsa.PrivateKey or ed25519.PrivateKey
}

// IsSet reports whether letters are signed.
func (d DKIM) IsSet() bool { return d.Key.Reveal() != nil }

// HasSecond reports whether letters get a second signature.
func (d DKIM) HasSecond() bool { return d.Key2.Reveal() != nil }

// checkDKIM finds keys without selectors, two keys with the same selector, and a domain that does not align with the
// sender's.
func (s *Settings) checkDKIM(given map[string]source, found *mistakes) {
	allOrNone(given, found, "DKIM_DOMAIN", "DKIM_SELECTOR", "DKIM_KEY")
	if allOrNone(given, found, "DKIM_SELECTOR_2", "DKIM_KEY_2") && given["DKIM_KEY_2"].isSet() && !given["DKIM_KEY"].isSet() {
		found.add("DKIM_KEY_2", given["DKIM_KEY_2"].from, "is set, but AIKAGI_DKIM_KEY is not", "right would be to set AIKAGI_DKIM_DOMAIN, AIKAGI_DKIM_SELECTOR and AIKAGI_DKIM_KEY first")
	}
	if s.DKIM.Selector2 != "" && strings.EqualFold(s.DKIM.Selector2, s.DKIM.Selector) {
		found.add("DKIM_SELECTOR_2", given["DKIM_SELECTOR_2"].from, "is the same as AIKAGI_DKIM_SELECTOR",
			"right would be the name of the second key's own record in the DNS")
	}
	_, from, _ := strings.Cut(s.MailFrom.Address, "@")
	if s.DKIM.Domain != "" && from != "" && !aligns(s.DKIM.Domain, from) {
		found.add("DKIM_DOMAIN", given["DKIM_DOMAIN"].from, "does not align with the domain of AIKAGI_MAIL_FROM, so DMARC would fail",
			"right would be "+strings.ToLower(from))
	}
}

// aligns reports whether a signature by one domain counts for a sender in the other in DMARC's relaxed mode: both belong
// to the same organisation (RFC 7489, 3.1.1). The public suffix list tells which part of a name is the organisation's
// domain.
func aligns(signing, from string) bool {
	signing, from = strings.ToLower(signing), strings.ToLower(from)
	if signing == from {
		return true
	}
	signer, err := publicsuffix.EffectiveTLDPlusOne(signing)
	if err != nil {
		return false // signing is itself a public suffix
	}
	sender, err := publicsuffix.EffectiveTLDPlusOne(from)
	return err == nil && signer == sender
}

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

// minRSA is the length of the shortest accepted RSA key, in bits. Verifiers accept 1024, but signers should use at least
// 2048 (RFC 8301, 3.2).
const minRSA = 2048

func parseDKIMKey(text string) (secret.Value[crypto.Signer], error) {
	var none secret.Value[crypto.Signer]
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
		return secret.New[crypto.Signer](key), nil
	case *rsa.PrivateKey:
		if key.N.BitLen() < minRSA {
			return none, fmt.Errorf("is an RSA key of less than %d bits", minRSA)
		}
		return secret.New[crypto.Signer](key), nil
	}
	return none, errors.New("is a key that is neither RSA nor Ed25519")
}
