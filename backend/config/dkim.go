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

// DKIM is what letters are signed with (RFC 6376): with no key, one or two. Two keys of different algorithms are for
// verifiers that do not know Ed25519 yet (RFC 8463, 3).
type DKIM struct {
	Domain              string
	Selector, Selector2 string
	Key, Key2           secret.Value[crypto.Signer] // *rsa.PrivateKey or ed25519.PrivateKey
}

// IsSet tells whether letters are signed.
func (d DKIM) IsSet() bool { return d.Key.Reveal() != nil }

// HasSecond tells whether letters carry a second signature.
func (d DKIM) HasSecond() bool { return d.Key2.Reveal() != nil }

// checkDKIM finds keys without their selectors, two keys under one name, and a domain that signs for another one.
func (s *Settings) checkDKIM(given map[string]source, found *mistakes) {
	together(given, found, "DKIM_DOMAIN", "DKIM_SELECTOR", "DKIM_KEY")
	if together(given, found, "DKIM_SELECTOR_2", "DKIM_KEY_2") && given["DKIM_KEY_2"].isSet() && !given["DKIM_KEY"].isSet() {
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

// aligns tells whether a signature of a domain counts for a sender in DMARC's relaxed mode: both belong to the same
// organisation (RFC 7489, 3.1.1). The public suffix list says where an organisation's domain begins.
func aligns(signing, from string) bool {
	signing, from = strings.ToLower(signing), strings.ToLower(from)
	if signing == from {
		return true
	}
	of, err := publicsuffix.EffectiveTLDPlusOne(signing)
	if err != nil {
		return false // it is a public suffix itself
	}
	organisation, err := publicsuffix.EffectiveTLDPlusOne(from)
	return err == nil && of == organisation
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

// minRSA is the shortest RSA key that is taken, in bits. Verifiers accept 1024, but signers should use 2048 at least
// (RFC 8301, 3.2).
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
