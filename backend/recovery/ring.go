package recovery

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"

	"aikagi/backend/member"
)

// Ring is the set of keys in use. The first key makes new values. The others only check the values that they made before.
// Removing a key from the ring makes all its values invalid.
type Ring struct {
	names   []string // in the order of the keys
	subkeys map[string]subkeys
	// removed are the subkeys of a random key. They are used for a key that the ring does not have: the work is the same, and
	// no value is right.
	removed subkeys
}

// NewRing derives the subkeys of all keys. It needs at least one key, and each must have a name of its own.
func NewRing(keys ...Key) (*Ring, error) {
	if len(keys) == 0 {
		return nil, errors.New("at least one key is needed")
	}
	random, err := GenerateKey("removed")
	if err != nil {
		return nil, err
	}
	ring := &Ring{subkeys: make(map[string]subkeys, len(keys))}
	if ring.removed, err = random.derive(); err != nil {
		return nil, err
	}
	for _, key := range keys {
		if ring.Knows(key.Name) {
			return nil, fmt.Errorf("two keys are named %q", key.Name)
		}
		if ring.subkeys[key.Name], err = key.derive(); err != nil {
			return nil, err
		}
		ring.names = append(ring.names, key.Name)
	}
	return ring, nil
}

// Issuing returns the name of the key that makes new values.
func (r *Ring) Issuing() string { return r.names[0] }

// Knows reports whether the ring has the key.
func (r *Ring) Knows(name string) bool {
	_, isKnown := r.subkeys[name]
	return isKnown
}

// named returns the subkeys of a key, or those of a random key if the ring does not have it.
func (r *Ring) named(name string) subkeys {
	if keys, isKnown := r.subkeys[name]; isKnown {
		return keys
	}
	return r.removed
}

// DummyKey returns the subkey that chooses the dummy hash of an unknown login ID.
func (r *Ring) DummyKey() [sha256.Size]byte {
	return [sha256.Size]byte(r.subkeys[r.Issuing()].dummyHash.Reveal())
}

// DeviceKeys returns the subkeys that mark the browsers in which a member has signed in, in the order of the keys. The first
// makes new marks.
func (r *Ring) DeviceKeys() [][sha256.Size]byte {
	keys := make([][sha256.Size]byte, len(r.names))
	for i, name := range r.names {
		keys[i] = [sha256.Size]byte(r.subkeys[name].device.Reveal())
	}
	return keys
}

// TemporaryPassword derives the temporary password of an issuance. It is stored nowhere. The same input gives the same
// password, so a letter that is sent again carries the same one.
func (r *Ring) TemporaryPassword(keyName string, memberID member.ID, issuanceID string) TemporaryPassword {
	return deriveTemporaryPassword(r.named(keyName).temporaryPassword.Reveal(), memberID, issuanceID)
}

// addressMAC returns what a recovery keeps of the typed address: it can be compared but not read. The recovery's ID is part of
// the input, so that two recoveries with the same address have different MACs.
func (r *Ring) addressMAC(keyName string, id ID, address member.MailAddress) string {
	mac := hmac.New(sha256.New, r.named(keyName).mailAddress.Reveal())
	mac.Write([]byte(id))
	mac.Write([]byte(address))
	return keyName + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// addressMatches reports whether the address is the one that was typed in the recovery.
func (r *Ring) addressMatches(recovery Recovery, address member.MailAddress) bool {
	want := r.addressMAC(recovery.addressKey(), recovery.ID, address)
	return subtle.ConstantTimeCompare([]byte(recovery.MailAddressMAC), []byte(want)) == 1
}
