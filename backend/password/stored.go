package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Why a stored hash cannot be used. The text of the error names the fault and what is allowed; it repeats nothing of the
// hash, neither its beginning nor its cost, because such errors reach logs and operators' terminals.
var (
	// ErrScheme says that a hash is of no known scheme.
	ErrScheme = errors.New("unknown scheme of password hash")
	// ErrForm says that a hash is not written as its scheme asks.
	ErrForm = errors.New("malformed password hash")
	// ErrCost says that a hash, or Params, cost less than the scheme allows or more than this program pays.
	ErrCost = errors.New("cost of password hash out of bounds")
)

// The bounds of what one sign-in may cost: an imported line must not be able to stop a server. At most it is a
// few seconds of one core, and 256 MiB; the usual systems choose far less.
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
	minTag               = 12  // bytes; a shorter one is met by chance
	maxTag               = 64  // bytes
)

// stored is a hash that was read and found within the bounds.
type stored interface {
	// scheme names scheme and cost: two hashes of one scheme take the same time.
	scheme() string
	// matches pays the whole cost, and compares in constant time.
	matches(password []byte) bool
}

// Usable says whether a sign-in can be checked against the hash: a known scheme (argon2id, argon2i, bcrypt,
// scrypt, PBKDF2, sha256-crypt, sha512-crypt, md5-crypt, in PHC or crypt form) at a bounded cost. The error is
// ErrScheme, ErrForm or ErrCost with what is wrong.
func Usable(encoded string) error {
	_, err := parse(encoded)
	return err
}

// Scheme names the scheme and cost of a hash, as Dummies take them: argon2id$v=19$m=19456,t=2,p=1,
// bcrypt$2b$10, sha512-crypt$rounds=5000,salt=16. Empty for a hash that is not usable.
func Scheme(encoded string) string {
	hash, err := parse(encoded)
	if err != nil {
		return ""
	}
	return hash.scheme()
}

// parse reads a PHC or crypt string.
func parse(encoded string) (stored, error) {
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

// parameters reads m=1,t=2,p=3 in exactly the order of the names, as the PHC string format asks.
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

// number reads a decimal without sign or leading zero.
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

// saltAndTag decodes the two last fields of a derived key's hash.
func saltAndTag(encoding *base64.Encoding, saltText, tagText string) (salt, tag []byte, err error) {
	if salt, err = encoding.Strict().DecodeString(saltText); err != nil || len(salt) > maxSalt || len(salt) == 0 {
		return nil, nil, fmt.Errorf("%w: the salt is not base64 of 1 to %d bytes", ErrForm, maxSalt)
	}
	if tag, err = encoding.Strict().DecodeString(tagText); err != nil || len(tag) < minTag || len(tag) > maxTag {
		return nil, nil, fmt.Errorf("%w: the digest is not base64 of %d to %d bytes", ErrForm, minTag, maxTag)
	}
	// DecodeString skips line ends.
	if strings.ContainsAny(saltText+tagText, "\r\n") {
		return nil, nil, fmt.Errorf("%w: a line end inside", ErrForm)
	}
	return salt, tag, nil
}
