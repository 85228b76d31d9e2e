package fleet

import (
	"context"
	"time"

	"aikagi/backend/password"
)

// Password is what the members have whose hash Hash made.
const Password = "First-pass1"

// CheapHashing are the settings under which a hash of Hash is up to date, and costs little.
var CheapHashing = []string{"AIKAGI_ARGON2_MEMORY=8192", "AIKAGI_ARGON2_ITERATIONS=1"}

// Hash is of Password.
func Hash() (string, error) {
	hasher := password.NewHasher(password.Params{MemoryKiB: 8192, Iterations: 1, Parallelism: 1}, 1, time.Minute)
	return hasher.Hash(context.Background(), password.MemberLane, password.NewPlain(Password))
}
