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
	"aikagi/backend/secret"
)

// Dummies makes dummy hashes. A sign-in whose login ID has no usable hash is verified against a dummy, which no password
// matches. The dummy has the scheme and the cost of some member's hash, so that the duration of a sign-in does not show
// whether the login ID exists, even while members have imported hashes (CVE-2026-44332).
type Dummies struct {
	key           secret.Value[[sha256.Size]byte]
	currentScheme string
}

// NewDummies derives all dummies from the key. All servers must have the same key, or one login ID would take a
// different time on each server.
func NewDummies(key [32]byte, p Params) *Dummies {
	return &Dummies{key: secret.New(key), currentScheme: argon2Hash{variant: "argon2id", params: p}.scheme()}
}

// For returns the dummy hash of a login ID in a scheme (see [Scheme]), always the same. If the scheme is not usable, the
// dummy is Argon2id with the current parameters. For is cheap, but call it at every sign-in, even if the dummy is not
// needed, so that all sign-ins take these microseconds.
func (d *Dummies) For(id member.LoginID, scheme string) string {
	if dummy := d.dummy(scheme, id); Scheme(dummy) == scheme && scheme != "" {
		return dummy
	}
	return d.dummy(d.currentScheme, id)
}

// MemberFor picks the member, numbered from 1, whose scheme the dummy of a login ID shall have. The schemes of the dummies
// are then distributed like those of the members. The pick is stable: adding one member to n changes it for only one
// login ID in n. It is 0 when there are no members.
func (d *Dummies) MemberFor(id member.LoginID, members int64) int64 {
	return jumpHash(binary.BigEndian.Uint64(d.hmac("stand-in", "", id)), members) + 1
}

// jumpHash returns the bucket of a key, counted from 0, or -1 when there are no buckets (Lamping and Veach 2014, "A Fast,
// Minimal Memory, Consistent Hash Algorithm").
func jumpHash(key uint64, buckets int64) int64 {
	last, next := int64(-1), int64(0)
	for next < buckets {
		last = next
		key = key*2862933555777941757 + 1
		next = int64(float64(last+1) * (float64(1<<31) / float64(key>>33+1)))
	}
	return last
}

// dummy returns a hash in the scheme. Salt and digest come from an HMAC, so no password is known that matches.
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
		return prefix + rounds + "$" + cryptText(salt, parseLength(saltSize, shaCryptSalt)) + "$" + cryptText(digest, length)
	case "md5-crypt":
		return "$1$" + cryptText(salt, parseLength(strings.TrimPrefix(cost, "salt="), md5CryptSalt)) + "$" + cryptText(digest, md5CryptDigest)
	}
	length := tagLength
	if _, l, found := strings.Cut(cost, ",l="); found {
		length = parseLength(l, maxTag)
	}
	encode := base64.RawStdEncoding.EncodeToString
	return "$" + scheme + "$" + encode(salt[:saltLength]) + "$" + encode(digest[:length])
}

// parseLength reads a length and limits it to 0 to limit.
func parseLength(text string, limit int) int {
	n, _ := strconv.Atoi(text)
	return min(max(n, 0), limit)
}

// hmac returns 64 bytes for one purpose.
func (d *Dummies) hmac(purpose, scheme string, id member.LoginID) []byte {
	key := d.key.Reveal()
	mac := hmac.New(sha512.New, key[:])
	// None of the three holds a NUL, so two different triples never give the same text.
	mac.Write([]byte(purpose + "\x00" + scheme + "\x00" + string(id)))
	return mac.Sum(nil)
}

// cryptText encodes 64 random bytes in the alphabet of crypt(3) and returns the first length characters, at most 86.
func cryptText(random []byte, length int) string {
	text := base64.RawStdEncoding.EncodeToString(random)
	return strings.ReplaceAll(text[:length], "+", ".")
}
