package recovery

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"aikagi/backend/secret"
)

const (
	// minKey is the least length of a key in bytes: the strength of HMAC-SHA-256.
	minKey = 32
	// maxKeyName is the length of the database columns that hold a key's name.
	maxKeyName = 32
)

// Key is a named secret of the operator, one item of the setting KEYS. Its secret prints as "[secret]".
type Key struct {
	Name   string
	secret secret.Value[[]byte]
}

// NewKey makes a key of a secret of at least 32 bytes.
func NewKey(name string, bytes []byte) (Key, error) {
	if name == "" || len(name) > maxKeyName || strings.ContainsAny(name, ":, ") {
		return Key{}, errors.New("a key's name must have 1 to 32 characters, without a colon, a comma or a space")
	}
	if len(bytes) < minKey {
		return Key{}, fmt.Errorf("key %q has %d bytes, at least %d are needed", name, len(bytes), minKey)
	}
	return Key{name, secret.New(bytes)}, nil
}

// GenerateKey makes a random key.
func GenerateKey(name string) (Key, error) {
	bytes := make([]byte, minKey)
	if _, err := rand.Read(bytes); err != nil {
		return Key{}, fmt.Errorf("generate key: %w", err)
	}
	return NewKey(name, bytes)
}

// Reveal returns the key as the setting KEYS holds it: name:base64.
func (k Key) Reveal() string {
	return k.Name + ":" + base64.StdEncoding.EncodeToString(k.secret.Reveal())
}

// The purposes of the subkeys. Each use of a key has a subkey of its own (RFC 5869), so that a value which was made for one use
// is worthless for another. A changed purpose changes all values that were derived before.
const (
	purposeTemporaryPassword = "aikagi temporary password"
	purposeMailAddress       = "aikagi mail address"
	purposeDisavowal         = "aikagi disavowal"
	purposeDummyHash         = "aikagi dummy hash"
	purposeDevice            = "aikagi device mark"
)

// subkeys are the keys that are derived from one Key, one for each purpose.
type subkeys struct{ temporaryPassword, mailAddress, disavowal, dummyHash, device secret.Value[[]byte] }

func (k Key) derive() (subkeys, error) {
	var derived subkeys
	for purpose, subkey := range map[string]*secret.Value[[]byte]{
		purposeTemporaryPassword: &derived.temporaryPassword,
		purposeMailAddress:       &derived.mailAddress,
		purposeDisavowal:         &derived.disavowal,
		purposeDummyHash:         &derived.dummyHash,
		purposeDevice:            &derived.device,
	} {
		bytes, err := hkdf.Key(sha256.New, k.secret.Reveal(), nil, purpose, sha256.Size)
		if err != nil {
			return subkeys{}, fmt.Errorf("derive the %s key from key %q: %w", purpose, k.Name, err)
		}
		*subkey = secret.New(bytes)
	}
	return derived, nil
}
