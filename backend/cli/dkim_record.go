package cli

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
)

// dkimRecord returns the record that publishes a key (RFC 6376, 3.6.1; RFC 8463, 4).
func dkimRecord(key crypto.Signer) string {
	if public, is := key.Public().(ed25519.PublicKey); is {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err) // package config accepts only RSA and Ed25519
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// isPublished reports whether one of the records publishes the key.
func isPublished(key crypto.Signer, records []string) bool {
	for _, record := range records {
		kind, public := "rsa", ""
		for tag := range strings.SplitSeq(record, ";") {
			name, value, _ := strings.Cut(tag, "=")
			switch strings.TrimSpace(name) {
			case "k":
				kind = strings.TrimSpace(value)
			case "p":
				public = strings.Join(strings.Fields(value), "")
			}
		}
		if der, err := base64.StdEncoding.DecodeString(public); err == nil && isKey(key, kind, der) {
			return true
		}
	}
	return false
}

// isKey reports whether der is the key. RSA keys are published in two forms (RFC 6376, errata 3017).
func isKey(key crypto.Signer, kind string, der []byte) bool {
	switch public := key.Public().(type) {
	case ed25519.PublicKey:
		return kind == "ed25519" && public.Equal(ed25519.PublicKey(der))
	case *rsa.PublicKey:
		if found, err := x509.ParsePKIXPublicKey(der); err == nil {
			return kind == "rsa" && public.Equal(found)
		}
		found, err := x509.ParsePKCS1PublicKey(der)
		return err == nil && kind == "rsa" && public.Equal(found)
	}
	return false
}
