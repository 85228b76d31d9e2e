package fleet

import (
	"context"
	"time"

	"aikagi/backend/password"
)

// Password is the password whose hash Hash returns.
const Password = "First-pass1"

// CheapHashing holds settings that make hashing fast. With them a program accepts the hash of Hash without hashing anew.
var CheapHashing = []string{"AIKAGI_ARGON2_MEMORY=8192", "AIKAGI_ARGON2_ITERATIONS=1"}

// Hash returns the hash of Password.
func Hash() (string, error) {
	hasher := password.NewHasher(password.Params{MemoryKiB: 8192, Iterations: 1, Parallelism: 1}, 1, time.Minute)
	return hasher.Hash(context.Background(), password.MemberLane, password.NewPlain(Password))
}
