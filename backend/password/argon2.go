package password

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math"

	"golang.org/x/crypto/argon2"
)

// Params is the cost of an Argon2id hash.
type Params struct {
	MemoryKiB   uint32
	Iterations  uint32
	Parallelism uint8
}

// DefaultParams is the minimum of OWASP's Password Storage Cheat Sheet: 19 MiB, t=2, p=1.
var DefaultParams = Params{MemoryKiB: 19456, Iterations: 2, Parallelism: 1}

// The lengths of a new hash, in bytes (RFC 9106, 4).
const (
	saltLength = 16
	tagLength  = 32
)

// Check returns an error that wraps ErrCost when a parameter is out of bounds.
func (p Params) Check() error {
	switch {
	case p.Iterations < 1 || p.Iterations > maxArgon2Iterations:
		return fmt.Errorf("%w: %d iterations, allowed are 1 to %d", ErrCost, p.Iterations, maxArgon2Iterations)
	case p.Parallelism < 1 || p.Parallelism > maxArgon2Parallelism:
		return fmt.Errorf("%w: parallelism %d, allowed are 1 to %d", ErrCost, p.Parallelism, maxArgon2Parallelism)
	case p.MemoryKiB < 8*uint32(p.Parallelism) || p.MemoryKiB > maxMemoryKiB:
		return fmt.Errorf("%w: %d KiB of memory, allowed are %d (8 a lane) to %d", ErrCost, p.MemoryKiB, 8*p.Parallelism, maxMemoryKiB)
	}
	return nil
}

// argon2Hash is $argon2id$v=19$m=…,t=…,p=…$salt$tag, or the same with argon2i.
type argon2Hash struct {
	variant string
	params  Params
	salt    []byte
	tag     []byte
}

func parseArgon2(fields []string) (storedHash, error) {
	if len(fields) != 5 || fields[1] != "v=19" {
		return nil, fmt.Errorf("%w: Argon2 needs v=19, the parameters m, t and p, a salt and a digest", ErrForm)
	}
	n, err := parameters(fields[2], "m", "t", "p")
	if err != nil {
		return nil, err
	}
	params := Params{
		MemoryKiB:   uint32(min(n[0], math.MaxUint32)), //nolint:gosec // bounded in this line
		Iterations:  uint32(min(n[1], math.MaxUint32)), //nolint:gosec // bounded in this line
		Parallelism: uint8(min(n[2], math.MaxUint8)),   //nolint:gosec // bounded in this line
	}
	if params.Check() != nil { // its error must not reach a log: it repeats the parameters
		return nil, fmt.Errorf("%w: Argon2 takes %d KiB of memory, %d iterations and a parallelism of %d at most", ErrCost,
			maxMemoryKiB, maxArgon2Iterations, maxArgon2Parallelism)
	}
	salt, tag, err := saltAndTag(base64.RawStdEncoding, fields[3], fields[4])
	if err != nil {
		return nil, err
	}
	return argon2Hash{fields[0], params, salt, tag}, nil
}

func (h argon2Hash) scheme() string {
	return fmt.Sprintf("%s$v=19$m=%d,t=%d,p=%d", h.variant, h.params.MemoryKiB, h.params.Iterations, h.params.Parallelism)
}

func (h argon2Hash) matches(password []byte) bool {
	derive := argon2.IDKey
	if h.variant == "argon2i" {
		derive = argon2.Key
	}
	tag := derive(password, h.salt, h.params.Iterations, h.params.MemoryKiB, h.params.Parallelism, uint32(len(h.tag))) //nolint:gosec // at most maxTag
	return subtle.ConstantTimeCompare(tag, h.tag) == 1
}

// String returns the PHC form.
func (h argon2Hash) String() string {
	return "$" + h.scheme() + "$" + base64.RawStdEncoding.EncodeToString(h.salt) + "$" + base64.RawStdEncoding.EncodeToString(h.tag)
}

// isCurrent reports whether a new hash with these parameters would have the same variant and cost.
func (h argon2Hash) isCurrent(p Params) bool {
	return h.variant == "argon2id" && h.params == p && len(h.salt) >= saltLength && len(h.tag) >= tagLength
}
