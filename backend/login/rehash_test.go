package login

import (
	"strings"
	"testing"
	"time"

	"aikagi/backend/password"
)

func TestASignInReplacesAnImportedHashByArgon2id(t *testing.T) {
	f := newFixture(t)
	for _, want := range []string{"first", "second"} {
		m, err := f.signIn(t, imported, rightPassword)
		if err != nil {
			t.Fatalf("%s sign-in: %v", want, err)
		}
		if m != f.member(imported) {
			t.Errorf("%s sign-in: got %+v, want %+v", want, m, f.member(imported))
		}
	}
	m := f.member(imported)
	if f.Hasher.Outdated(m.PasswordHash) || m.PasswordVersion != 3 || m.PasswordChangedAt != nil {
		t.Errorf("got %+v, want an Argon2id hash of the same password and version", m)
	}
	if got := countCalls(f, "Rehash"); got != 1 {
		t.Errorf("got %d rehashes, want 1", got)
	}
}

func TestASignInReplacesAHashOfOtherParameters(t *testing.T) {
	f := newFixture(t)
	f.Hasher = password.NewHasher(password.Params{MemoryKiB: 128, Iterations: 1, Parallelism: 1}, 2, time.Minute)
	former := f.member(active).PasswordHash
	if _, err := f.signIn(t, active, rightPassword); err != nil {
		t.Fatal(err)
	}
	if got := f.member(active).PasswordHash; got == former || f.Hasher.Outdated(got) {
		t.Errorf("got %s, want a hash of the new parameters", got)
	}
	if _, err := f.signIn(t, active, rightPassword); err != nil {
		t.Errorf("with the new hash: %v", err)
	}
}

// A rehash must not restore the old password.
func TestARehashDoesNotReplaceANewPassword(t *testing.T) {
	f := newFixture(t)
	changed := f.member(active).PasswordHash
	f.store.afterMember = func(t *tables) {
		m := t.members[2]
		m.PasswordHash, m.PasswordVersion = changed, 4
		t.members[2] = m
	}
	m, err := f.signIn(t, imported, rightPassword)
	if err != nil {
		t.Fatal(err)
	}
	if countCalls(f, "Rehash") != 1 || m.PasswordHash != bcryptHash {
		t.Errorf("got the hash %s, want one rehash without effect", m.PasswordHash)
	}
	if got := f.member(imported).PasswordHash; got != changed {
		t.Errorf("got %s, want the new password's %s", got, changed)
	}
}

func TestARehashThatFailsDoesNotStopTheSignIn(t *testing.T) {
	f := newFixture(t)
	f.store.fail = map[string]error{"Rehash": errLost}
	if _, err := f.signIn(t, imported, rightPassword); err != nil {
		t.Fatal(err)
	}
	if got := f.log.String(); !strings.Contains(got, "level=WARN") || strings.Contains(got, "$2a$") || strings.Contains(got, rightPassword) {
		t.Errorf("got the log %q, want a warning without hash and password", got)
	}
}
