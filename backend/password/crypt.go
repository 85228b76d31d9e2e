package password

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
	"hash"
	"strings"

	"github.com/go-crypt/x/crypt"
	"golang.org/x/crypto/bcrypt"
)

// cryptAlphabet holds the characters of crypt(3)'s base64. bcrypt has the same characters in another order.
const cryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// The lengths of the fields of crypt(3) hashes, in characters.
const (
	bcryptSalt     = 22
	bcryptDigest   = 31
	shaCryptSalt   = 16 // at most
	sha256Digest   = 43
	sha512Digest   = 86
	md5CryptSalt   = 8 // at most
	md5CryptDigest = 22
)

// This package parses stored hashes itself and takes only the algorithms from go-crypt/x: go-crypt/crypt shows the cost of a hash
// only after it has paid it, and fills in parameters that are missing.

// defaultRounds applies to a sha-crypt hash without rounds=.
const defaultRounds = 5000

// bcryptHash is $2b$cost$ and 53 characters. bcrypt reads only the first 72 bytes of a password. A NUL is an ordinary
// byte here, although C libraries end the password there.
type bcryptHash struct {
	version, cost string
	encoded       []byte
}

func parseBcrypt(encoded string, fields []string) (storedHash, error) {
	if len(fields) != 3 || len(fields[1]) != 2 || !isCryptText(fields[2], bcryptSalt+bcryptDigest) {
		return nil, fmt.Errorf("%w: bcrypt needs a cost of two digits and %d characters", ErrForm, bcryptSalt+bcryptDigest)
	}
	cost, err := number("cost", strings.TrimPrefix(fields[1], "0"))
	if err != nil {
		return nil, err
	}
	if cost < minBcryptCost || cost > maxBcryptCost {
		return nil, fmt.Errorf("%w: bcrypt's cost is allowed from %d to %d", ErrCost, minBcryptCost, maxBcryptCost)
	}
	return bcryptHash{fields[0], fields[1], []byte(encoded)}, nil
}

func (h bcryptHash) scheme() string { return "bcrypt$" + h.version + "$" + h.cost }

func (h bcryptHash) matches(password []byte) bool {
	return bcrypt.CompareHashAndPassword(h.encoded, password) == nil
}

// shaCryptHash is $5$ or $6$, an optional rounds=…$, salt$digest.
type shaCryptHash struct {
	bits         int
	rounds       int
	salt, digest []byte
}

func parseSHACrypt(fields []string) (storedHash, error) {
	h := shaCryptHash{bits: 256, rounds: defaultRounds}
	length := sha256Digest
	if fields[0] == "6" {
		h.bits, length = 512, sha512Digest
	}
	if len(fields) == 4 {
		n, err := parameters(fields[1], "rounds")
		if err != nil {
			return nil, err
		}
		h.rounds = n[0]
		fields = fields[1:]
	}
	if len(fields) != 3 || !isCryptSalt(fields[1], shaCryptSalt) || !isCryptText(fields[2], length) {
		return nil, fmt.Errorf("%w: sha-crypt needs a salt of at most %d characters and a digest of %d", ErrForm, shaCryptSalt, length)
	}
	if h.rounds < minSHACryptRounds || h.rounds > maxSHACryptRounds {
		return nil, fmt.Errorf("%w: sha-crypt's rounds are allowed from %d to %d", ErrCost, minSHACryptRounds, maxSHACryptRounds)
	}
	h.salt, h.digest = []byte(fields[1]), []byte(fields[2])
	return h, nil
}

// scheme includes the length of the salt, because it changes the duration: with a password of a certain length, more than
// half of the rounds hash one block if the salt is short, and two if it is long.
func (h shaCryptHash) scheme() string {
	return fmt.Sprintf("sha%d-crypt$rounds=%d,salt=%d", h.bits, h.rounds, len(h.salt))
}

func (h shaCryptHash) matches(password []byte) bool {
	digest := map[int]func() hash.Hash{256: sha256.New, 512: sha512.New}[h.bits]
	return subtle.ConstantTimeCompare(crypt.KeySHACrypt(digest, password, h.salt, h.rounds), h.digest) == 1
}

// md5CryptHash is $1$salt$digest.
type md5CryptHash struct{ salt, digest []byte }

func parseMD5Crypt(fields []string) (storedHash, error) {
	if len(fields) != 3 || !isCryptSalt(fields[1], md5CryptSalt) || !isCryptText(fields[2], md5CryptDigest) {
		return nil, fmt.Errorf("%w: md5-crypt needs a salt of at most %d characters and a digest of %d", ErrForm, md5CryptSalt, md5CryptDigest)
	}
	return md5CryptHash{[]byte(fields[1]), []byte(fields[2])}, nil
}

func (h md5CryptHash) scheme() string { return fmt.Sprintf("md5-crypt$salt=%d", len(h.salt)) }

func (h md5CryptHash) matches(password []byte) bool {
	return subtle.ConstantTimeCompare(crypt.KeyMD5Crypt(password, h.salt), h.digest) == 1
}

func isCryptText(text string, length int) bool {
	return len(text) == length && strings.Trim(text, cryptAlphabet) == ""
}

// isCryptSalt accepts any visible ASCII, as crypt(3) does, except the $ and the : that end a field of a hash or a line
// of passwd(5).
func isCryptSalt(text string, maxLength int) bool {
	isRefused := func(r rune) bool { return r <= ' ' || r > '~' || r == ':' || r == '$' }
	return len(text) <= maxLength && !strings.ContainsFunc(text, isRefused)
}
