package recovery

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"aikagi/backend/member"
)

// Purposes of the subkeys. One secret serves several ends, so each end has a key of its own (RFC 5869).
const (
	purposeTemporaryPassword = "aikagi temporary password"
	purposeMailAddress       = "aikagi mail address"
	purposeDisavowal         = "aikagi disavowal"
	purposeDummyHash         = "aikagi dummy hash"
	purposeDevice            = "aikagi device mark"
)

const (
	// minKey is the least length of a key in bytes: the strength of HMAC-SHA-256.
	minKey = 32
	// maxKeyName is the longest name that the rows' columns hold.
	maxKeyName = 32
)

// Key is a named secret that only the server process has. It does not print, in whatever it lies.
type Key struct {
	Name   string
	secret hidden
}

// hidden gives the bytes of a key or a subkey. It is a func, because fmt calls no method of a value in another's
// unexported field, and follows pointers to bytes; of a func it prints the address.
type hidden func() []byte

func hide(bytes []byte) hidden { return func() []byte { return bytes } }

func (h hidden) reveal() []byte {
	if h == nil {
		return nil
	}
	return h()
}

// NewKey takes a secret of at least 32 bytes.
func NewKey(name string, secret []byte) (Key, error) {
	if name == "" || len(name) > maxKeyName || strings.ContainsAny(name, ":, ") {
		return Key{}, errors.New("a key's name must have 1 to 32 characters, without a colon, a comma or a space")
	}
	if len(secret) < minKey {
		return Key{}, fmt.Errorf("key %q has %d bytes, at least %d are needed", name, len(secret), minKey)
	}
	return Key{name, hide(secret)}, nil
}

// GenerateKey makes a new random key.
func GenerateKey(name string) (Key, error) {
	secret := make([]byte, minKey)
	if _, err := rand.Read(secret); err != nil {
		return Key{}, fmt.Errorf("generate key: %w", err)
	}
	return NewKey(name, secret)
}

// Reveal gives the line name:base64 that the KEYS setting takes.
func (k Key) Reveal() string {
	return k.Name + ":" + base64.StdEncoding.EncodeToString(k.secret.reveal())
}

// String redacts.
func (k Key) String() string { return k.Name + ":[secret]" }

// GoString redacts %#v.
func (k Key) GoString() string { return k.String() }

// LogValue redacts in slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText redacts in JSON and in every other text encoding.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Ring is the set of keys in use. The first issues; the others still check what they issued, until they are removed.
type Ring struct {
	issuing string
	subkeys map[string]subkeys
	stand   subkeys // for a key that was removed: costs the same, opens nothing

	dummyKey   hidden
	deviceKeys []hidden // in the order of the keys
}

type subkeys struct{ temporaryPassword, mailAddress, disavowal hidden }

// NewRing derives the subkeys of all keys once.
func NewRing(keys ...Key) (*Ring, error) {
	if len(keys) == 0 {
		return nil, errors.New("at least one key is needed")
	}
	gone, err := GenerateKey("gone")
	if err != nil {
		return nil, err
	}
	ring := &Ring{issuing: keys[0].Name, subkeys: make(map[string]subkeys, len(keys))}
	for _, key := range keys {
		if _, twice := ring.subkeys[key.Name]; twice {
			return nil, fmt.Errorf("two keys are named %q", key.Name)
		}
		if ring.subkeys[key.Name], err = derive(key); err != nil {
			return nil, err
		}
	}
	if ring.stand, err = derive(gone); err != nil {
		return nil, err
	}
	if ring.dummyKey, err = deriveSubkey(keys[0], purposeDummyHash); err != nil {
		return nil, err
	}
	for _, key := range keys {
		deviceKey, err := deriveSubkey(key, purposeDevice)
		if err != nil {
			return nil, err
		}
		ring.deviceKeys = append(ring.deviceKeys, deviceKey)
	}
	return ring, nil
}

func derive(key Key) (subkeys, error) {
	var derived subkeys
	for purpose, into := range map[string]*hidden{
		purposeTemporaryPassword: &derived.temporaryPassword, purposeMailAddress: &derived.mailAddress, purposeDisavowal: &derived.disavowal,
	} {
		var err error
		if *into, err = deriveSubkey(key, purpose); err != nil {
			return subkeys{}, err
		}
	}
	return derived, nil
}

func deriveSubkey(key Key, purpose string) (hidden, error) {
	subkey, err := hkdf.Key(sha256.New, key.secret.reveal(), nil, purpose, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive the %s key from key %q: %w", purpose, key.Name, err)
	}
	return hide(subkey), nil
}

// Issuing is the name of the key that new issuances are made with.
func (r *Ring) Issuing() string { return r.issuing }

// DummyKey is the subkey that picks the dummy hash of an unknown login ID.
func (r *Ring) DummyKey() [sha256.Size]byte { return [sha256.Size]byte(r.dummyKey.reveal()) }

// DeviceKeys are the subkeys that mark browsers in which a member once signed in. The first makes new marks; the others
// still check the marks that they made.
func (r *Ring) DeviceKeys() [][sha256.Size]byte {
	keys := make([][sha256.Size]byte, len(r.deviceKeys))
	for i, key := range r.deviceKeys {
		keys[i] = [sha256.Size]byte(key.reveal())
	}
	return keys
}

// Knows says whether the ring still holds the key. Removing a key ends what it issued.
func (r *Ring) Knows(name string) bool {
	_, known := r.subkeys[name]
	return known
}

func (r *Ring) named(name string) subkeys {
	if keys, known := r.subkeys[name]; known {
		return keys
	}
	return r.stand
}

// TemporaryPassword derives the temporary password of an issuance. It is the same each time, so a letter that
// is sent again carries the same one, and it is stored nowhere.
func (r *Ring) TemporaryPassword(keyName string, memberID member.ID, issuanceID string) TemporaryPassword {
	return deriveTemporaryPassword(r.named(keyName).temporaryPassword.reveal(), memberID, issuanceID)
}

// addressMAC is what a recovery keeps of the typed address: enough to compare, nothing to read. The recovery's
// own ID is in it, so that two asks with one address look unlike.
func (r *Ring) addressMAC(keyName string, id ID, address member.MailAddress) string {
	mac := hmac.New(sha256.New, r.named(keyName).mailAddress.reveal())
	mac.Write([]byte(id))
	mac.Write([]byte(address))
	return keyName + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// addressMatches says whether the typed address, of which the recovery keeps the MAC, is this one.
func (r *Ring) addressMatches(recovery Recovery, address member.MailAddress) bool {
	want := r.addressMAC(recovery.keyOfAddress(), recovery.ID, address)
	return subtle.ConstantTimeCompare([]byte(recovery.MailAddressMAC), []byte(want)) == 1
}

// keyOfAddress names the key that made the MAC of the typed address.
func (r Recovery) keyOfAddress() string {
	name, _, _ := strings.Cut(r.MailAddressMAC, ":")
	return name
}
