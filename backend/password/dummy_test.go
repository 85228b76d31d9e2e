package password

import (
	"fmt"
	"slices"
	"testing"

	"aikagi/backend/member"
)

var someKey = [32]byte{1, 2, 3}

func TestADummyIsVerifiedAndNeverTrueForEveryScheme(t *testing.T) {
	hasher, dummies := cheapHasher(), NewDummies(someKey, cheap)
	for _, h := range foreign {
		got := dummies.For("abcd", []string{h.scheme})
		if Scheme(got) != h.scheme {
			t.Errorf("got %s, want scheme %s", got, h.scheme)
		}
		for _, text := range []string{plain, "", "abcd", h.password} {
			if ok, err := hasher.Verify(t.Context(), SignIn, NewPlain(text), got); ok || err != nil {
				t.Errorf("%s: got %v, %v, want false", got, ok, err)
			}
		}
	}
}

func TestADummyIsAsLongAsARealHash(t *testing.T) {
	hasher := cheapHasher()
	real, err := hasher.Hash(t.Context(), Behind, NewPlain(plain))
	if err != nil {
		t.Fatal(err)
	}
	if got := NewDummies(someKey, cheap).For("abcd", nil); len(got) != len(real) || hasher.Outdated(got) {
		t.Errorf("got %s, want one like %s", got, real)
	}
}

func TestALoginIDHasAlwaysTheSameDummyAndNoOtherHasIt(t *testing.T) {
	inUse := []string{"argon2id$v=19$m=8,t=1,p=1", "bcrypt$2b$10", "md5-crypt", "sha512-crypt$rounds=5000"}
	reversed := slices.Clone(inUse)
	slices.Reverse(reversed)
	first, again, foreignKey := NewDummies(someKey, cheap), NewDummies(someKey, cheap), NewDummies([32]byte{9}, cheap)
	seen := map[string]member.LoginID{}
	for i := range 200 {
		id := member.LoginID(fmt.Sprintf("member%d", i))
		got := first.For(id, inUse)
		if other := again.For(id, reversed); other != got {
			t.Errorf("%s: got %s, then %s", id, got, other)
		}
		if foreignKey.For(id, inUse) == got {
			t.Errorf("%s: the key does not matter", id)
		}
		if other, found := seen[got]; found {
			t.Errorf("%s and %s have the same dummy", id, other)
		}
		seen[got] = id
	}
}

func TestDummiesUseEverySchemeThatMembersHave(t *testing.T) {
	inUse := []string{"argon2id$v=19$m=8,t=1,p=1", "bcrypt$2b$10", "md5-crypt", "sha512-crypt$rounds=5000"}
	dummies := NewDummies(someKey, cheap)
	const tries = 4000
	counts := map[string]int{}
	for i := range tries {
		counts[Scheme(dummies.For(member.LoginID(fmt.Sprintf("member%d", i)), inUse))]++
	}
	for _, scheme := range inUse {
		if got := counts[scheme]; got < tries/5 || got > tries*3/10 {
			t.Errorf("%s: got %d of %d, want about a quarter", scheme, got, tries)
		}
	}
}

func TestWhenASchemeGoesOutOfUseOnlyItsDummiesChange(t *testing.T) {
	inUse := []string{"argon2id$v=19$m=8,t=1,p=1", "bcrypt$2b$10", "md5-crypt"}
	dummies := NewDummies(someKey, cheap)
	for i := range 200 {
		id := member.LoginID(fmt.Sprintf("member%d", i))
		before, after := dummies.For(id, inUse), dummies.For(id, inUse[:2])
		if Scheme(before) != "md5-crypt" && before != after {
			t.Errorf("%s: got %s, want %s", id, after, before)
		}
	}
}

func TestASchemeThatCannotBeUsedCountsAsNone(t *testing.T) {
	dummies := NewDummies(someKey, cheap)
	want := dummies.For("abcd", nil)
	for _, scheme := range []string{
		"", "$", "plain", "bcrypt", "bcrypt$", "bcrypt$2b$31", "bcrypt$2b$10$x", "md5-crypt$x$y", "sha512-crypt", "sha512-crypt$rounds=1",
		"pbkdf2-sha256$i=1000,l=-1", "pbkdf2-sha256$i=1000,l=999999", "argon2id$v=19$m=9999999,t=1,p=1", "argon2id", "\x00",
	} {
		if got := dummies.For("abcd", []string{scheme}); got != want {
			t.Errorf("%q: got %s, want %s", scheme, got, want)
		}
	}
}
