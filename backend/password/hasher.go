package password

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// MaxSignIn is the length of the longest password, in code points, that Verify accepts; a longer one is wrong, after the
// same work. It is longer than the rules for a new password allow, because a member may have set the password under older
// rules.
const MaxSignIn = 128

// Hasher hashes and verifies passwords. It runs a bounded number of hashes at the same time; the others wait in their
// [Lane]. A hash takes the memory of its Params, and an imported one at most 256 MiB.
type Hasher struct {
	// OnHash, if set, is called when a hash begins, after its wait; the function that it returns is called when the hash
	// ends. Neither may block. Set it before the first hash.
	OnHash func() (ended func())

	params     Params
	signInWait time.Duration
	slots      *semaphore
}

// NewHasher returns a Hasher that runs workers hashes at the same time, at least one. The parameters must pass
// [Params.Check]. A sign-in waits at most signInWait until its hash begins.
func NewHasher(p Params, workers int, signInWait time.Duration) *Hasher {
	return &Hasher{params: p, signInWait: signInWait, slots: newSemaphore(max(workers, 1))}
}

// Hash returns an Argon2id hash in PHC form with a new salt. It does not apply the rules of Check. It returns ErrBusy, or
// the context's error if the context ends before the hash begins.
func (h *Hasher) Hash(ctx context.Context, lane Lane, p Plain) (string, error) {
	release, err := h.acquire(ctx, lane)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	defer release()
	made := argon2Hash{variant: "argon2id", params: h.params, salt: make([]byte, saltLength)}
	// rand.Read never fails: without randomness the program ends (CVE-2025-66630).
	_, _ = rand.Read(made.salt)
	made.tag = argon2.IDKey([]byte(p.Reveal()), made.salt, h.params.Iterations, h.params.MemoryKiB, h.params.Parallelism, tagLength)
	return made.String(), nil
}

// Verify reports whether the password matches the stored hash. It returns the errors of Hash and of Usable. An empty hash
// is an error and never matches an empty password (CVE-2019-16109). For a member without a hash and for an unknown login
// ID, pass a dummy of [Dummies], so that the call takes the same time.
func (h *Hasher) Verify(ctx context.Context, lane Lane, p Plain, encoded string) (bool, error) {
	hash, err := parse(encoded)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	release, err := h.acquire(ctx, lane)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	defer release()
	text := p.Reveal()
	length := utf8.RuneCountInString(text)
	if length == 0 || length > MaxSignIn {
		// Hash nevertheless: an empty or very long password must take the same time (CVE-2026-26185).
		hash.matches(nil)
		return false, nil
	}
	return hash.matches([]byte(text)), nil
}

// Waiting returns how many calls wait in a lane.
func (h *Hasher) Waiting(lane Lane) int { return h.slots.waiting(lane) }

// acquire waits for a slot and calls OnHash. Call release when the hash has ended.
func (h *Hasher) acquire(ctx context.Context, lane Lane) (release func(), err error) {
	free, err := h.slots.acquire(ctx, lane, h.signInWait)
	if err != nil || h.OnHash == nil {
		return free, err
	}
	ended := h.OnHash()
	return func() {
		ended()
		free()
	}, nil
}

// Outdated reports whether the hash must be replaced at the next sign-in: it is not Argon2id, or it has other parameters
// than new hashes.
func (h *Hasher) Outdated(encoded string) bool {
	hash, err := parse(encoded)
	if err != nil {
		return true
	}
	own, isArgon2 := hash.(argon2Hash)
	return !isArgon2 || !own.isCurrent(h.params)
}
