package password

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"

	"aikagi/backend/member"
)

// Dummies gives the hash that a login ID without one is checked against: one that no password matches, of the
// scheme and cost that some member has. So neither the time of a sign-in nor its scheme tells who is a member,
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

// For gives the dummy of a login ID: always the same one for a scheme (see Scheme), or of Argon2id with the present
// parameters when the scheme is not usable. Nothing is hashed; ask for it at every sign-in, needed or not, so that not
// even its microseconds tell.
func (d *Dummies) For(id member.LoginID, scheme string) string {
	if dummy := d.dummy(scheme, id); Scheme(dummy) == scheme && scheme != "" {
		return dummy
	}
	return d.dummy(d.present, id)
}

// StandIn picks one of the members, numbered from 1, whose scheme the dummy of a login ID gets: so the schemes of
// nobody's dummies are spread as those of the members are, whatever those came with and however many have signed in
// since. It is always the same one, and stays the same when members are added, but for one login ID in members. It is 0
// when there are no members.
func (d *Dummies) StandIn(id member.LoginID, members int64) int64 {
	return jump(binary.BigEndian.Uint64(d.hmac("stand-in", "", id)), members) + 1
}

// jump returns the bucket of a key, counted from 0, or -1 when there are none (Lamping and Veach 2014, a fast, minimal
// memory, consistent hash algorithm).
func jump(key uint64, buckets int64) int64 {
	last, next := int64(-1), int64(0)
	for next < buckets {
		last = next
		key = key*2862933555777941757 + 1
		next = int64(float64(last+1) * (float64(1<<31) / float64(key>>33+1)))
	}
	return last
}

// dummy writes a hash of the scheme, with salt and digest from the HMAC.
func (d *Dummies) dummy(scheme string, id member.LoginID) string {
	salt, digest := d.hmac("salt", scheme, id), d.hmac("digest", scheme, id)
	name, cost, _ := strings.Cut(scheme, "$")
	switch name {
	case "bcrypt":
		return "$" + cost + "$" + cryptText(salt, bcryptSalt) + cryptText(digest, bcryptDigest)
	case "sha256-crypt", "sha512-crypt":
		prefix, length := "$5$", sha256Digest
		if name == "sha512-crypt" {
			prefix, length = "$6$", sha512Digest
		}
		rounds, saltSize, _ := strings.Cut(cost, ",salt=")
		return prefix + rounds + "$" + cryptText(salt, size(saltSize, shaCryptSalt)) + "$" + cryptText(digest, length)
	case "md5-crypt":
		return "$1$" + cryptText(salt, size(strings.TrimPrefix(cost, "salt="), md5CryptSalt)) + "$" + cryptText(digest, md5CryptDigest)
	}
	length := tagLength
	if _, l, found := strings.Cut(cost, ",l="); found {
		length = size(l, maxTag)
	}
	encode := base64.RawStdEncoding.EncodeToString
	return "$" + scheme + "$" + encode(salt[:saltLength]) + "$" + encode(digest[:length])
}

// size reads a length of at most most.
func size(text string, most int) int {
	n, _ := strconv.Atoi(text)
	return min(max(n, 0), most)
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
