package password

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// MaxSignIn is the longest password, in code points, that can be right at a sign-in. The shortest is 1. It is
// wider than the rules, for what was set under older ones; what is longer costs the same and is wrong.
const MaxSignIn = 128

// Hasher hashes and verifies member support passwords. At most workers hashes are under way at once, each
// with the memory of its Params (an imported one: 256 MiB at most); the others wait in two lanes.
type Hasher struct {
	// OnHash is called when a hash begins, after its wait, and what it returns when the hash ends. Optional; neither may
	// block. Set it before the first hash.
	OnHash func() (ended func())

	params     Params
	signInWait time.Duration
	gate       *gate
}

// NewHasher makes a hasher. The parameters must pass Check; with fewer than one worker there is one. A
// sign-in waits at most signInWait before its hash begins.
func NewHasher(p Params, workers int, signInWait time.Duration) *Hasher {
	return &Hasher{params: p, signInWait: signInWait, gate: newGate(max(workers, 1))}
}

// Hash gives an Argon2id hash in PHC form, with a salt of its own. It errs with ErrBusy, or with the context's
// error when that ends before the hash begins. The rules are not asked.
func (h *Hasher) Hash(ctx context.Context, lane Lane, p Plain) (string, error) {
	leave, err := h.enter(ctx, lane)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	defer leave()
	made := argon2Hash{variant: "argon2id", params: h.params, salt: make([]byte, saltLength)}
	// It never fails: without randomness the program ends (CVE-2025-66630).
	_, _ = rand.Read(made.salt)
	made.tag = argon2.IDKey([]byte(p.Reveal()), made.salt, h.params.Iterations, h.params.MemoryKiB, h.params.Parallelism, tagLength)
	return made.String(), nil
}

// Verify says whether the password is the one of the stored hash. It errs as Hash does, and as Usable does: an
// empty hash is an error, never a match with an empty password (CVE-2019-16109); for a member without one, and
// for nobody, ask a dummy, so that it takes the same time.
func (h *Hasher) Verify(ctx context.Context, lane Lane, p Plain, encoded string) (bool, error) {
	hash, err := parse(encoded)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	leave, err := h.enter(ctx, lane)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	defer leave()
	text := p.Reveal()
	length := utf8.RuneCountInString(text)
	if length == 0 || length > MaxSignIn {
		// The hash runs all the same: a blank or endless password must not answer sooner or later (CVE-2026-26185).
		hash.matches(nil)
		return false, nil
	}
	return hash.matches([]byte(text)), nil
}

// Waiting says how much work waits in a lane for its turn.
func (h *Hasher) Waiting(lane Lane) int { return h.gate.count(lane) }

// enter waits for a place, and returns what gives it back when the hash has ended.
func (h *Hasher) enter(ctx context.Context, lane Lane) (leave func(), err error) {
	free, err := h.gate.enter(ctx, lane, h.signInWait)
	if err != nil || h.OnHash == nil {
		return free, err
	}
	ended := h.OnHash()
	return func() {
		ended()
		free()
	}, nil
}

// Outdated says whether the hash is to be made anew at the next sign-in: not Argon2id, or not with the present
// parameters.
func (h *Hasher) Outdated(encoded string) bool {
	hash, err := parse(encoded)
	if err != nil {
		return true
	}
	made, is := hash.(argon2Hash)
	return !is || !made.isCurrent(h.params)
}
