package config

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"aikagi/backend/secret"
)

func TestAKeyIsANameAnd32BytesOrMore(t *testing.T) {
	unpadded := strings.TrimRight(key32, "=")
	readings{
		"a:" + key32: "a=32 ",
		"new:" + unpadded + ",old:" + key32 + "AAAA":      "! has an entry (number 2) that is not base64 after the colon",
		"new:" + unpadded + ", old:_-8" + unpadded + "\n": "new=32 old=34 ",
		"a:" + key32 + "\nb:" + key32 + "\n":              "a=32 b=32 ",
		key32:                                             "! has an entry (number 1) without a colon between name and base64",
		"A:" + key32:                                      "! has an entry (number 1) whose name is not 1 to 32 of a-z 0-9 -",
		":" + key32:                                       "! has an entry (number 1) whose name is not 1 to 32 of a-z 0-9 -",
		strings.Repeat("a", 33) + ":":                     "! has an entry (number 1) whose name is not 1 to 32 of a-z 0-9 -",
		"a:" + key32 + ",a:" + key32:                      "! has an entry (number 2) with the name of an earlier one",
		"a:c2hvcnQ=":                                      "! has an entry (number 1) of 5 bytes, which must be at least 32",
		"a:hidden password":                               "! has an entry (number 1) that is not base64 after the colon",
		"name:base64, as you like":                        "! has an entry (number 1) of 4 bytes, which must be at least 32",
		",":                                               "! holds no key",
		"a:" + key32 + ",b:" + strings.Repeat("A", 43) + "=": "! has an entry (number 2) of one repeated byte, which anybody can guess",
		"a:" + strings.Repeat("/", 64):                       "! has an entry (number 1) of one repeated byte, which anybody can guess",
		"a:" + strings.Repeat("A", 42) + "E=":                "a=32 ",
	}.check(t, shown(parseKeys, func(keys []Key) (text string) {
		for _, key := range keys {
			text += fmt.Sprintf("%s=%d ", key.Name, len(key.Secret.Reveal()))
		}
		return text
	}))
}

func TestADKIMKeyIsAnUnencryptedPrivateKey(t *testing.T) {
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	short, err := rsa.GenerateKey(rand.Reader, 2040)
	must(t, err)
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	encode := func(kind string, content []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))
	}
	pkcs8 := func(key any) string {
		content, err := x509.MarshalPKCS8PrivateKey(key)
		must(t, err)
		return encode("PRIVATE KEY", content)
	}
	readings{
		pkcs8(edwards): "ed25519.PrivateKey",
		pkcs8(rsaKey):  "*rsa.PrivateKey",
		encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)): "*rsa.PrivateKey",
		pkcs8(short):                            "! is an RSA key of less than 2048 bits",
		pkcs8(elliptic):                         "! is a key that is neither RSA nor Ed25519",
		encode("PRIVATE KEY", []byte("secret")): "! is a private key that cannot be read",
		encode("ENCRYPTED PRIVATE KEY", []byte("secret")): "! is PEM, but not of an unencrypted private key",
		"/etc/aikagi/dkim.pem":                            "! is not PEM",
	}.check(t, shown(parseDKIMKey, func(key secret.Value[crypto.Signer]) string { return fmt.Sprintf("%T", key.Reveal()) }))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
