package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The reasons why a stored hash cannot be used. The error's text names the fault and what is allowed. It repeats no part
// of the hash, because such errors reach logs and operators' terminals.
var (
	// ErrScheme is returned for a hash of an unknown scheme.
	ErrScheme = errors.New("unknown scheme of password hash")
	// ErrForm is returned for a hash that does not have the form of its scheme.
	ErrForm = errors.New("malformed password hash")
	// ErrCost is returned for a hash, or for Params, whose cost is below the scheme's minimum or above our maximum.
	ErrCost = errors.New("cost of password hash out of bounds")
)

// The bounds of the cost of a stored hash, so that an imported line cannot stop a server. The most expensive hash takes a
// few seconds of one core and 256 MiB; usual systems choose far less.
const (
	maxMemoryKiB         = 256 << 10 // Argon2 and scrypt
	maxArgon2Iterations  = 16
	maxArgon2Parallelism = 16
	minBcryptCost        = 4
	maxBcryptCost        = 14
	maxScryptWork        = 1 << 20 // KiB moved: memory times p
	maxPBKDF2Iterations  = 2_000_000
	minSHACryptRounds    = 1000 // of the scheme itself
	maxSHACryptRounds    = 1_000_000
	maxEncoded           = 512 // bytes of a whole hash
	maxSalt              = 128 // bytes
	minTag               = 12  // bytes; a random password matches a shorter one too easily
	maxTag               = 64  // bytes
)

// storedHash is a parsed hash whose cost is within the bounds.
type storedHash interface {
	// scheme names the scheme and the cost. Two hashes with the same name take the same time.
	scheme() string
	// matches always pays the whole cost and compares in constant time.
	matches(password []byte) bool
}

// Usable returns nil if [Hasher.Verify] can check the hash: it has a known scheme (argon2id, argon2i, bcrypt, scrypt,
// PBKDF2, sha256-crypt, sha512-crypt or md5-crypt, in PHC or crypt form) and a bounded cost. Otherwise the error wraps
// ErrScheme, ErrForm or ErrCost.
func Usable(encoded string) error {
	_, err := parse(encoded)
	return err
}

// Scheme names the scheme and the cost of a hash, as [Dummies.For] takes them: argon2id$v=19$m=19456,t=2,p=1,
// bcrypt$2b$10, sha512-crypt$rounds=5000,salt=16. It is empty for a hash that is not usable.
func Scheme(encoded string) string {
	hash, err := parse(encoded)
	if err != nil {
		return ""
	}
	return hash.scheme()
}

// parse reads a PHC or crypt string.
func parse(encoded string) (storedHash, error) {
	if len(encoded) > maxEncoded {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrForm, maxEncoded)
	}
	rest, found := strings.CutPrefix(encoded, "$")
	if !found {
		return nil, fmt.Errorf("%w: it does not begin with $", ErrScheme)
	}
	fields := strings.Split(rest, "$")
	switch fields[0] {
	case "argon2id", "argon2i":
		return parseArgon2(fields)
	case "2a", "2b", "2y":
		return parseBcrypt(encoded, fields)
	case "scrypt":
		return parseScrypt(fields)
	case "pbkdf2", "pbkdf2-sha1", "pbkdf2-sha256", "pbkdf2-sha512":
		return parsePBKDF2(fields)
	case "5", "6":
		return parseSHACrypt(fields)
	case "1":
		return parseMD5Crypt(fields)
	}
	return nil, ErrScheme
}

// parameters reads m=1,t=2,p=3 in exactly the order of the names, as the PHC string format requires.
func parameters(text string, names ...string) ([]int, error) {
	parts := strings.Split(text, ",")
	if len(parts) != len(names) {
		return nil, fmt.Errorf("%w: want the parameters %s", ErrForm, strings.Join(names, ", "))
	}
	values := make([]int, len(names))
	for i, name := range names {
		value, found := strings.CutPrefix(parts[i], name+"=")
		if !found {
			return nil, fmt.Errorf("%w: parameter %s is missing", ErrForm, name)
		}
		var err error
		if values[i], err = number(name, value); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// number reads a decimal number without a sign or leading zeros.
func number(name, text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%w: %s does not fit in 31 bits", ErrCost, name)
	}
	if err != nil || strconv.FormatUint(n, 10) != text {
		return 0, fmt.Errorf("%w: %s is no number", ErrForm, name)
	}
	return int(n), nil
}

// saltAndTag decodes the last two fields of an Argon2, scrypt or PBKDF2 hash.
func saltAndTag(encoding *base64.Encoding, saltText, tagText string) (salt, tag []byte, err error) {
	if salt, err = encoding.Strict().DecodeString(saltText); err != nil || len(salt) > maxSalt || len(salt) == 0 {
		return nil, nil, fmt.Errorf("%w: the salt is not base64 of 1 to %d bytes", ErrForm, maxSalt)
	}
	if tag, err = encoding.Strict().DecodeString(tagText); err != nil || len(tag) < minTag || len(tag) > maxTag {
		return nil, nil, fmt.Errorf("%w: the digest is not base64 of %d to %d bytes", ErrForm, minTag, maxTag)
	}
	// DecodeString ignores line ends.
	if strings.ContainsAny(saltText+tagText, "\r\n") {
		return nil, nil, fmt.Errorf("%w: a line end inside", ErrForm)
	}
	return salt, tag, nil
}
