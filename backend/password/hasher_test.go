package password

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestAHashIsArgon2idInPHCForm(t *testing.T) {
	hasher := NewHasher(DefaultParams, 1, time.Second)
	got, err := hasher.Hash(t.Context(), MemberLane, NewPlain(plain))
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
	if !want.MatchString(got) {
		t.Errorf("got %s, want %s", got, want)
	}
	for text, right := range map[string]bool{plain: true, strings.ToLower(plain): false} {
		if ok, err := hasher.Verify(t.Context(), SignInLane, NewPlain(text), got); err != nil || ok != right {
			t.Errorf("verify %q: got %v, %v, want %v", text, ok, err, right)
		}
	}
}

func TestEachHashHasItsOwnSalt(t *testing.T) {
	first, err1 := cheapHasher().Hash(t.Context(), MemberLane, NewPlain(plain))
	second, err2 := cheapHasher().Hash(t.Context(), MemberLane, NewPlain(plain))
	if err1 != nil || err2 != nil || first == second {
		t.Errorf("got %s, %v and %s, %v", first, err1, second, err2)
	}
}

func TestAPasswordOf128CharactersMayBeRightAndALongerOneIsWrong(t *testing.T) {
	hasher := cheapHasher()
	for length, want := range map[int]bool{1: true, MaxSignIn: true, MaxSignIn + 1: false, 0: false} {
		text := NewPlain(strings.Repeat("あ", length))
		encoded, err := hasher.Hash(t.Context(), MemberLane, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := hasher.Verify(t.Context(), SignInLane, text, encoded); err != nil || got != want {
			t.Errorf("%d characters: got %v, %v, want %v", length, got, err, want)
		}
	}
}

func TestABlankPasswordNeverMatchesAMemberWithoutOne(t *testing.T) {
	for _, text := range []string{"", " ", "\x00"} {
		if got, err := cheapHasher().Verify(t.Context(), SignInLane, NewPlain(text), ""); got || err == nil {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

func TestAHashWithOtherThanThePresentParametersIsOutdated(t *testing.T) {
	hasher := cheapHasher()
	present, err := hasher.Hash(t.Context(), MemberLane, NewPlain(plain))
	if err != nil {
		t.Fatal(err)
	}
	if hasher.Outdated(present) {
		t.Errorf("%s is outdated", present)
	}
	costlier := NewHasher(Params{MemoryKiB: 16, Iterations: 1, Parallelism: 1}, 1, time.Second)
	if !costlier.Outdated(present) {
		t.Errorf("%s is not outdated under other parameters", present)
	}
	for _, h := range otherSystems {
		if !hasher.Outdated(h.encoded) {
			t.Errorf("%s is not outdated", h.encoded)
		}
	}
	if !hasher.Outdated("") || !hasher.Outdated(strings.Replace(present, "argon2id", "argon2i", 1)) {
		t.Error("an empty hash or argon2i is not outdated")
	}
}

func TestParametersOutOfBoundsAreNamed(t *testing.T) {
	if err := DefaultParams.Check(); err != nil {
		t.Error(err)
	}
	for _, p := range []Params{{}, {7, 1, 1}, {262145, 1, 1}, {19456, 0, 1}, {19456, 17, 1}, {19456, 2, 0}, {19456, 2, 17}, {127, 2, 16}} {
		if err := p.Check(); !errors.Is(err, ErrCost) {
			t.Errorf("%+v: got %v, want %v", p, err, ErrCost)
		}
	}
}

func TestNothingIsHashedAfterTheRequestEnded(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := cheapHasher().Hash(ended, MemberLane, NewPlain(plain)); !errors.Is(err, context.Canceled) {
		t.Errorf("hash: got %v", err)
	}
	if ok, err := cheapHasher().Verify(ended, SignInLane, NewPlain(plain), otherSystems[0].encoded); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("verify: got %v, %v", ok, err)
	}
}

func TestAHasherReleasesItsSlot(t *testing.T) {
	hasher := NewHasher(cheap, 0, 0) // one worker, and sign-ins do not wait
	for range 10 {
		encoded, err := hasher.Hash(t.Context(), SignInLane, NewPlain(plain))
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := hasher.Verify(t.Context(), SignInLane, NewPlain(plain), encoded); err != nil || !ok {
			t.Fatalf("got %v, %v", ok, err)
		}
	}
}
