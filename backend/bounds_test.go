package backend_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"aikagi/backend/config"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

// If config allowed more than package password does, a server would refuse the hashes that it has made itself.
func TestTheSettingsOfArgon2HaveTheBoundsOfStoredHashes(t *testing.T) {
	for _, p := range []password.Params{
		{MemoryKiB: 8, Iterations: 1, Parallelism: 1},
		{MemoryKiB: 7, Iterations: 1, Parallelism: 1},
		{MemoryKiB: 262144, Iterations: 1, Parallelism: 1},
		{MemoryKiB: 262145, Iterations: 1, Parallelism: 1},
		{MemoryKiB: 64, Iterations: 0, Parallelism: 1},
		{MemoryKiB: 64, Iterations: 16, Parallelism: 1},
		{MemoryKiB: 64, Iterations: 17, Parallelism: 1},
		{MemoryKiB: 256, Iterations: 1, Parallelism: 0},
		{MemoryKiB: 256, Iterations: 1, Parallelism: 16},
		{MemoryKiB: 256, Iterations: 1, Parallelism: 17},
		{MemoryKiB: 128, Iterations: 1, Parallelism: 16},
		{MemoryKiB: 127, Iterations: 1, Parallelism: 16},
	} {
		_, err := config.Load(config.Args{Environ: []string{
			fmt.Sprint("AIKAGI_ARGON2_MEMORY=", p.MemoryKiB), fmt.Sprint("AIKAGI_ARGON2_ITERATIONS=", p.Iterations),
			fmt.Sprint("AIKAGI_ARGON2_PARALLELISM=", p.Parallelism),
		}})
		if hash := p.Check(); (err == nil) != (hash == nil) {
			t.Errorf("%+v: config says %v, package password %v", p, err, hash)
		}
	}
}

func TestTheSettingOfKeysHasTheBoundsOfTheKeysOfRecoveries(t *testing.T) {
	for _, key := range []struct {
		name  string
		bytes int
	}{{"a", 31}, {"a", 32}, {strings.Repeat("a", 32), 32}, {strings.Repeat("a", 33), 32}, {"a:b", 32}, {"", 32}} {
		secret := []byte("k" + strings.Repeat("e", key.bytes-1)) // config refuses a key of one repeated byte
		_, err := config.Load(config.Args{Environ: []string{"AIKAGI_KEYS=" + key.name + ":" + base64.StdEncoding.EncodeToString(secret)}})
		if _, made := recovery.NewKey(key.name, secret); (err == nil) != (made == nil) {
			t.Errorf("%q of %d bytes: config says %v, package recovery %v", key.name, key.bytes, err, made)
		}
	}
}
