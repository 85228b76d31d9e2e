package password

import (
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // PBKDF2 of other systems; SHA-1 is unbroken inside HMAC
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// scryptHash is $scrypt$ln=…,r=…,p=…$salt$key.
type scryptHash struct {
	ln, r, p  int
	salt, tag []byte
}

func parseScrypt(fields []string) (storedHash, error) {
	if len(fields) != 4 {
		return nil, fmt.Errorf("%w: scrypt needs the parameters ln, r and p, a salt and a key", ErrForm)
	}
	n, err := parameters(fields[1], "ln", "r", "p")
	if err != nil {
		return nil, err
	}
	// Each factor is bounded before the factors are multiplied, so that no product overflows.
	ln, r, p := n[0], n[1], n[2]
	if ln < 1 || ln > 20 || r < 1 || r > 64 || p < 1 || p > 1024 {
		return nil, fmt.Errorf("%w: scrypt's ln is allowed from 1 to 20, r from 1 to 64, p from 1 to 1024", ErrCost)
	}
	if memory := 128 * r << ln >> 10; memory > maxMemoryKiB || memory*p > maxScryptWork {
		return nil, fmt.Errorf("%w: scrypt takes at most %d KiB of memory, and %d KiB times p", ErrCost, maxMemoryKiB, maxScryptWork)
	}
	salt, tag, err := saltAndTag(base64.RawStdEncoding, fields[2], fields[3])
	if err != nil {
		return nil, err
	}
	return scryptHash{ln, r, p, salt, tag}, nil
}

func (h scryptHash) scheme() string {
	return fmt.Sprintf("scrypt$ln=%d,r=%d,p=%d", h.ln, h.r, h.p)
}

func (h scryptHash) matches(password []byte) bool {
	tag, err := scrypt.Key(password, h.salt, 1<<h.ln, h.r, h.p, len(h.tag))
	return err == nil && subtle.ConstantTimeCompare(tag, h.tag) == 1
}

// pbkdf2Hash is $pbkdf2-sha256$i=…,l=…$salt$key in PHC form, or $pbkdf2-sha256$rounds$salt$key in Passlib's form, which
// writes . for +. Without a suffix the digest is SHA-1.
type pbkdf2Hash struct {
	digest     string
	iterations int
	salt, tag  []byte
}

func parsePBKDF2(fields []string) (storedHash, error) {
	if len(fields) != 4 {
		return nil, fmt.Errorf("%w: PBKDF2 needs i and l or the rounds, a salt and a key", ErrForm)
	}
	_, digest, _ := strings.Cut(fields[0], "-")
	if digest == "" {
		digest = "sha1"
	}
	salt, tag, err := saltAndTag(base64.RawStdEncoding, strings.ReplaceAll(fields[2], ".", "+"), strings.ReplaceAll(fields[3], ".", "+"))
	if err != nil {
		return nil, err
	}
	iterations, err := pbkdf2Iterations(fields[1], len(tag))
	if err != nil {
		return nil, err
	}
	if iterations < 1 || iterations > maxPBKDF2Iterations {
		return nil, fmt.Errorf("%w: PBKDF2's iterations are allowed from 1 to %d", ErrCost, maxPBKDF2Iterations)
	}
	return pbkdf2Hash{digest, iterations, salt, tag}, nil
}

// pbkdf2Iterations reads i=…, i=…,l=… (PHC) or the bare number (Passlib).
func pbkdf2Iterations(text string, length int) (int, error) {
	switch {
	case !strings.Contains(text, "="):
		return number("rounds", text)
	case !strings.Contains(text, ","):
		n, err := parameters(text, "i")
		if err != nil {
			return 0, err
		}
		return n[0], nil
	}
	n, err := parameters(text, "i", "l")
	if err != nil {
		return 0, err
	}
	if n[1] != length {
		return 0, fmt.Errorf("%w: l is not the length of the key", ErrForm)
	}
	return n[0], nil
}

func (h pbkdf2Hash) scheme() string {
	// The length of the key is part of the cost: PBKDF2 repeats its iterations for each block of the digest's size.
	return fmt.Sprintf("pbkdf2-%s$i=%d,l=%d", h.digest, h.iterations, len(h.tag))
}

func (h pbkdf2Hash) matches(password []byte) bool {
	digests := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}
	tag, err := pbkdf2.Key(digests[h.digest], string(password), h.salt, h.iterations, len(h.tag))
	return err == nil && subtle.ConstantTimeCompare(tag, h.tag) == 1
}
