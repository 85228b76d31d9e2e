package password

import (
	"fmt"
	"testing"

	"aikagi/backend/member"
)

var someKey = [32]byte{1, 2, 3}

func TestADummyOfAnySchemeIsVerifiedAndNeverMatches(t *testing.T) {
	hasher, dummies := cheapHasher(), NewDummies(someKey, cheap)
	for _, h := range otherSystems {
		got := dummies.For("abcd", h.scheme)
		if Scheme(got) != h.scheme {
			t.Errorf("got %s, want scheme %s", got, h.scheme)
		}
		for _, text := range []string{plain, "", "abcd", h.password} {
			if ok, err := hasher.Verify(t.Context(), SignInLane, NewPlain(text), got); ok || err != nil {
				t.Errorf("%s: got %v, %v, want false", got, ok, err)
			}
		}
	}
}

func TestADummyIsAsLongAsARealHash(t *testing.T) {
	hasher := cheapHasher()
	real, err := hasher.Hash(t.Context(), MemberLane, NewPlain(plain))
	if err != nil {
		t.Fatal(err)
	}
	if got := NewDummies(someKey, cheap).For("abcd", ""); len(got) != len(real) || hasher.Outdated(got) {
		t.Errorf("got %s, want one like %s", got, real)
	}
}

func TestALoginIDAlwaysHasTheSameDummyAndNoOtherHasIt(t *testing.T) {
	const scheme = "sha512-crypt$rounds=5000,salt=16"
	first, again, otherKey := NewDummies(someKey, cheap), NewDummies(someKey, cheap), NewDummies([32]byte{9}, cheap)
	seen := map[string]member.LoginID{}
	for i := range 200 {
		id := member.LoginID(fmt.Sprintf("member%d", i))
		got := first.For(id, scheme)
		if other := again.For(id, scheme); other != got {
			t.Errorf("%s: got %s, then %s", id, got, other)
		}
		if otherKey.For(id, scheme) == got {
			t.Errorf("%s: the key does not matter", id)
		}
		if other, found := seen[got]; found {
			t.Errorf("%s and %s have the same dummy", id, other)
		}
		seen[got] = id
	}
}

func TestEachMemberIsPickedForAboutAsManyLoginIDs(t *testing.T) {
	const members, each = 20, 500
	dummies, otherKey := NewDummies(someKey, cheap), NewDummies([32]byte{9}, cheap)
	counts, alike := map[int64]int{}, 0
	for i := range members * each {
		id := member.LoginID(fmt.Sprintf("member%d", i))
		picked := dummies.MemberFor(id, members)
		counts[picked]++
		if otherKey.MemberFor(id, members) == picked {
			alike++
		}
	}
	for id := int64(1); id <= members; id++ {
		if got := counts[id]; got < each*4/5 || got > each*6/5 {
			t.Errorf("member %d: got %d login IDs, want about %d", id, got, each)
		}
	}
	if alike > each*6/5 {
		t.Errorf("got %d of %d that are the same under another key", alike, members*each)
	}
	if got := dummies.MemberFor("abcd", 0); got != 0 {
		t.Errorf("got %d, want 0 when there are no members", got)
	}
}

// Another implementation computed the vectors.
func TestJumpHashReturnsThePublishedBuckets(t *testing.T) {
	for _, each := range []struct {
		key           uint64
		buckets, want int64
	}{
		{1, 1, 0},
		{42, 57, 43},
		{0xDEAD10CC, 1, 0},
		{0xDEAD10CC, 666, 361},
		{256, 1024, 520},
		{0, 1024, 0},
		{1, 0, -1},
	} {
		if got := jumpHash(each.key, each.buckets); got != each.want {
			t.Errorf("key %d, %d buckets: got %d, want %d", each.key, each.buckets, got, each.want)
		}
	}
}

func TestANewMemberIsPickedForFewLoginIDsAndTheOthersKeepTheirs(t *testing.T) {
	const before, tries = 99, 10_000
	dummies, moved := NewDummies(someKey, cheap), 0
	for i := range tries {
		id := member.LoginID(fmt.Sprintf("member%d", i))
		former, present := dummies.MemberFor(id, before), dummies.MemberFor(id, before+1)
		if former != present {
			moved++
		}
		if former != present && present != before+1 {
			t.Errorf("%s: got member %d after %d, want %d or no other", id, present, former, before+1)
		}
	}
	if want := tries / (before + 1); moved < want/2 || moved > 2*want {
		t.Errorf("got %d login IDs for which the pick changed, want about %d", moved, want)
	}
}

func TestASchemeThatCannotBeUsedCountsAsNone(t *testing.T) {
	dummies := NewDummies(someKey, cheap)
	want := dummies.For("abcd", "")
	for _, scheme := range []string{
		"", "$", "plain", "bcrypt", "bcrypt$", "bcrypt$2b$31", "bcrypt$2b$10$x", "md5-crypt$x$y", "md5-crypt", "sha512-crypt", "sha512-crypt$rounds=1",
		"sha512-crypt$rounds=5000", "sha512-crypt$rounds=5000,salt=17", "sha512-crypt$rounds=5000,salt=-1", "md5-crypt$salt=9",
		"pbkdf2-sha256$i=1000,l=-1", "pbkdf2-sha256$i=1000,l=999999", "argon2id$v=19$m=9999999,t=1,p=1", "argon2id", "\x00",
	} {
		if got := dummies.For("abcd", scheme); got != want {
			t.Errorf("%q: got %s, want %s", scheme, got, want)
		}
	}
}
