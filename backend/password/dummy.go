package password

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strconv"
	"strings"

	"aikagi/backend/member"
)

// Dummies gives the hash that a login ID without one is checked against: one that no password matches, of a
// scheme and cost that members have. So neither the time of a sign-in nor its scheme tells who is a member,
// even while members have hashes of another system (CVE-2026-44332).
type Dummies struct {
	key     func() [sha256.Size]byte // a func does not print
	present string
}

// NewDummies makes the dummies of a key. All servers must have the same one, or the same login ID would take
// different times.
func NewDummies(key [32]byte, p Params) *Dummies {
	return &Dummies{key: func() [sha256.Size]byte { return key }, present: argon2Hash{variant: "argon2id", params: p}.scheme()}
}

// For gives the dummy of a login ID: always the same one, picked by HMAC among inUse, the schemes that members'
// hashes have (see Scheme), in any order. A scheme that is not usable counts as none; without any it is
// Argon2id with the present parameters. Nothing is hashed; ask for it at every sign-in, needed or not, so that
// not even its microseconds tell.
func (d *Dummies) For(id member.LoginID, inUse []string) string {
	chosen, highest := d.dummy(d.present, id), ""
	for _, scheme := range inUse {
		// The highest of one HMAC for each scheme, and not one HMAC modulo their number: when the last member
		// with an old scheme has signed in, only the login IDs that had it change theirs.
		weight := string(d.hmac("scheme", scheme, id))
		if weight <= highest {
			continue
		}
		if dummy := d.dummy(scheme, id); Scheme(dummy) == scheme && scheme != "" {
			chosen, highest = dummy, weight
		}
	}
	return chosen
}

// dummy writes a hash of the scheme, with salt and digest from the HMAC.
func (d *Dummies) dummy(scheme string, id member.LoginID) string {
	salt, digest := d.hmac("salt", scheme, id), d.hmac("digest", scheme, id)
	name, cost, _ := strings.Cut(scheme, "$")
	switch name {
	case "bcrypt":
		return "$" + cost + "$" + cryptText(salt, bcryptSalt) + cryptText(digest, bcryptDigest)
	case "sha256-crypt":
		return "$5$" + cost + "$" + cryptText(salt, shaCryptSalt) + "$" + cryptText(digest, sha256Digest)
	case "sha512-crypt":
		return "$6$" + cost + "$" + cryptText(salt, shaCryptSalt) + "$" + cryptText(digest, sha512Digest)
	case "md5-crypt":
		return "$1$" + cryptText(salt, md5CryptSalt) + "$" + cryptText(digest, md5CryptDigest)
	}
	length := tagLength
	if _, l, found := strings.Cut(cost, ",l="); found {
		n, _ := strconv.Atoi(l)
		length = min(max(n, 0), maxTag)
	}
	encode := base64.RawStdEncoding.EncodeToString
	return "$" + scheme + "$" + encode(salt[:saltLength]) + "$" + encode(digest[:length])
}

// hmac gives 64 bytes for one purpose.
func (d *Dummies) hmac(purpose, scheme string, id member.LoginID) []byte {
	key := d.key()
	mac := hmac.New(sha512.New, key[:])
	// None of the three holds a NUL, so no two lists of them run together.
	mac.Write([]byte(purpose + "\x00" + scheme + "\x00" + string(id)))
	return mac.Sum(nil)
}

// cryptText writes random bytes in the alphabet of crypt(3), at most 86 characters of 64 bytes.
func cryptText(random []byte, length int) string {
	text := base64.RawStdEncoding.EncodeToString(random)
	return strings.ReplaceAll(text[:length], "+", ".")
}
