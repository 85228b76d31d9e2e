package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
)

const (
	argon2End  = "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	derivedEnd = "$MDEyMzQ1Njc4OWFiY2RlZg$Snq2HTmGZArte5TQkNB5HKVJeglm/0FTnh2EjqoGRz4"
	bcryptEnd  = "$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHdpa"
	sha256End  = "$q2QVydi7X.Jt3zUOaIxpnzlIJp4Mtdo27cPbkW3PC/D"
	md5End     = "$rYgkij0dsWbxFptU1OIer1"
)

// Each pair is the last accepted hash and the first refused one. Nothing is hashed.
func TestTheCostOfAStoredHashIsBounded(t *testing.T) {
	for _, pair := range [][2]string{
		{"$argon2id$v=19$m=8,t=1,p=1" + argon2End, "$argon2id$v=19$m=7,t=1,p=1" + argon2End},
		{"$argon2id$v=19$m=128,t=1,p=16" + argon2End, "$argon2id$v=19$m=127,t=1,p=16" + argon2End},
		{"$argon2id$v=19$m=262144,t=1,p=1" + argon2End, "$argon2id$v=19$m=262145,t=1,p=1" + argon2End},
		{"$argon2id$v=19$m=256,t=1,p=1" + argon2End, "$argon2id$v=19$m=256,t=0,p=1" + argon2End},
		{"$argon2id$v=19$m=256,t=16,p=1" + argon2End, "$argon2id$v=19$m=256,t=17,p=1" + argon2End},
		{"$argon2id$v=19$m=256,t=1,p=1" + argon2End, "$argon2id$v=19$m=256,t=1,p=0" + argon2End},
		{"$argon2id$v=19$m=256,t=1,p=16" + argon2End, "$argon2id$v=19$m=256,t=1,p=17" + argon2End},
		{"$2b$04" + bcryptEnd, "$2b$03" + bcryptEnd},
		{"$2b$14" + bcryptEnd, "$2b$15" + bcryptEnd},
		{"$scrypt$ln=1,r=1,p=1" + derivedEnd, "$scrypt$ln=0,r=1,p=1" + derivedEnd},
		{"$scrypt$ln=20,r=2,p=1" + derivedEnd, "$scrypt$ln=21,r=1,p=1" + derivedEnd},
		{"$scrypt$ln=1,r=1,p=1" + derivedEnd, "$scrypt$ln=1,r=0,p=1" + derivedEnd},
		{"$scrypt$ln=1,r=64,p=1" + derivedEnd, "$scrypt$ln=1,r=65,p=1" + derivedEnd},
		{"$scrypt$ln=1,r=1,p=1" + derivedEnd, "$scrypt$ln=1,r=1,p=0" + derivedEnd},
		{"$scrypt$ln=1,r=1,p=1024" + derivedEnd, "$scrypt$ln=1,r=1,p=1025" + derivedEnd},
		// 256 MiB of memory, and 4 passes over it.
		{"$scrypt$ln=18,r=8,p=1" + derivedEnd, "$scrypt$ln=18,r=9,p=1" + derivedEnd},
		{"$scrypt$ln=18,r=8,p=4" + derivedEnd, "$scrypt$ln=18,r=8,p=5" + derivedEnd},
		{"$pbkdf2-sha256$1" + derivedEnd, "$pbkdf2-sha256$0" + derivedEnd},
		{"$pbkdf2-sha256$2000000" + derivedEnd, "$pbkdf2-sha256$2000001" + derivedEnd},
		{"$5$rounds=1000$salt" + sha256End, "$5$rounds=999$salt" + sha256End},
		{"$5$rounds=1000000$salt" + sha256End, "$5$rounds=1000001$salt" + sha256End},
	} {
		if err := Usable(pair[0]); err != nil {
			t.Errorf("%s: %v", pair[0], err)
		}
		if err := Usable(pair[1]); !errors.Is(err, ErrCost) {
			t.Errorf("%s: got %v, want %v", pair[1], err, ErrCost)
		}
	}
}

func TestTheLengthsOfAStoredHashAreBounded(t *testing.T) {
	derived := func(salt, tag int) string {
		encode := base64.RawStdEncoding.EncodeToString
		return "$pbkdf2-sha256$1$" + encode(make([]byte, salt)) + "$" + encode(make([]byte, tag))
	}
	salt := func(prefix string, length int, end string) string { return prefix + strings.Repeat("s", length) + end }
	for _, pair := range [][2]string{
		{derived(1, 32), derived(0, 32)},
		{derived(128, 32), derived(129, 32)},
		{derived(16, 12), derived(16, 11)},
		{derived(16, 64), derived(16, 65)},
		{salt("$5$", 16, sha256End), salt("$5$", 17, sha256End)},
		{salt("$1$", 8, md5End), salt("$1$", 9, md5End)},
		{salt("$1$", 0, md5End), salt("$1$", 0, md5End+"x")},
	} {
		if err := Usable(pair[0]); err != nil {
			t.Errorf("%s: %v", pair[0], err)
		}
		if err := Usable(pair[1]); !errors.Is(err, ErrForm) {
			t.Errorf("%s: got %v, want %v", pair[1], err, ErrForm)
		}
	}
}

func TestAHashIsReadUpTo512Bytes(t *testing.T) {
	for length, want := range map[int]error{512: ErrScheme, 513: ErrForm} {
		if err := Usable(strings.Repeat("a", length)); !errors.Is(err, want) {
			t.Errorf("%d bytes: got %v, want %v", length, err, want)
		}
	}
}

func TestASaltOfCryptIsVisibleASCIIWithoutAColon(t *testing.T) {
	for r := rune(0); r <= 0x80; r++ {
		if r == '$' {
			continue // it ends the salt
		}
		want := '!' <= r && r <= '~' && r != ':'
		if err := Usable("$1$s" + string(r) + "t" + md5End); (err == nil) != want {
			t.Errorf("%q: got %v, want it accepted: %v", r, err, want)
		}
	}
}

func TestTheBoundOfMemoryNamesTheLeastForTheParallelism(t *testing.T) {
	err := Params{MemoryKiB: 31, Iterations: 1, Parallelism: 4}.Check()
	if want := fmt.Sprintf("allowed are 32 (8 a lane) to %d", 256<<10); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q in it", err, want)
	}
	if err := (Params{MemoryKiB: 32, Iterations: 1, Parallelism: 4}).Check(); err != nil {
		t.Error(err)
	}
}

func TestTheErrorOfABcryptHashNamesItsLength(t *testing.T) {
	err := Usable("$2b$04" + bcryptEnd + "x")
	if want := "a cost of two digits and 53 characters"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q in it", err, want)
	}
}

func TestAHashWithAShorterSaltOrTagThanOursIsOutdated(t *testing.T) {
	encode := base64.RawStdEncoding.EncodeToString
	for lengths, want := range map[[2]int]bool{
		{16, 32}: false, {15, 32}: true, {16, 31}: true, {17, 33}: false,
	} {
		encoded := "$argon2id$v=19$m=8,t=1,p=1$" + encode(make([]byte, lengths[0])) + "$" + encode(make([]byte, lengths[1]))
		if got := cheapHasher().Outdated(encoded); got != want {
			t.Errorf("salt and tag of %v bytes: got %v, want %v", lengths, got, want)
		}
	}
}
