package login

import (
	"errors"
	"fmt"
	"testing"

	"aikagi/backend/member"
	"aikagi/backend/password"
)

func TestTheHighestMemberIDIsReadOnceAMinuteForAnyLoginID(t *testing.T) {
	f := newFixture(t)
	for minute, id := range []member.LoginID{active, nobody, voided} {
		for range 3 {
			for _, other := range []member.LoginID{id, active, nobody} {
				_, _ = f.signIn(t, other, "Wrong-pass9")
			}
		}
		if got, want := countCalls(f, "LastMember"), minute+1; got != want {
			t.Errorf("minute %d: got %d queries, want %d", minute, got, want)
		}
		f.now = f.now.Add(lastMemberTTL)
	}
}

func TestTheOldHighestMemberIDIsUsedIfTheQueryFails(t *testing.T) {
	f := newFixture(t)
	_, _ = f.signIn(t, active, "Wrong-pass9")
	f.now = f.now.Add(lastMemberTTL)
	f.store.fail = map[string]error{"LastMember": errLost}
	for range 3 {
		if _, err := f.signIn(t, nobody, rightPassword); !errors.Is(err, ErrRejected) {
			t.Errorf("got %v, want ErrRejected", err)
		}
	}
	if got, want := countCalls(f, "LastMember"), 2; got != want {
		t.Errorf("got %d queries, want %d", got, want)
	}
	f.store.fail = nil
	if dummy, err := f.dummyMember(t.Context(), nobody); dummy == 0 || err != nil {
		t.Errorf("got %d, %v, want a dummy member", dummy, err)
	}
}

// If dummies had all schemes equally often, a response in the time of a rare scheme would usually mean that the login ID
// is unknown.
func TestAnUnknownLoginIDIsCheckedAgainstTheSchemeOfAMember(t *testing.T) {
	f := newFixture(t)
	counts := make(map[string]int)
	for i := range 700 {
		id := member.LoginID(fmt.Sprintf("nobody%d", i))
		dummy, err := f.dummyMember(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		read, err := f.store.MemberNamed(t.Context(), id, dummy)
		if err != nil {
			t.Fatal(err)
		}
		hash := f.hashFor(t.Context(), id, read)
		if hash == read.PasswordHash {
			t.Fatalf("%s is checked against the hash of member %d", id, read.ID)
		}
		counts[password.Scheme(hash)]++
	}
	// One of the seven members has a bcrypt hash. A member without a usable hash counts as Argon2id.
	if got := counts[password.Scheme(bcryptHash)]; got < 60 || got > 150 || len(counts) != 2 {
		t.Errorf("got %v, want about 100 with bcrypt, and the others with Argon2id", counts)
	}
}

func TestTheDummyMembersPasswordSignsNobodyIn(t *testing.T) {
	f := newFixture(t)
	for i := range 50 { // any member may be the dummy member
		id := member.LoginID(fmt.Sprintf("nobody%d", i))
		if m, err := f.signIn(t, id, rightPassword); !errors.Is(err, ErrRejected) || m != (member.Member{}) {
			t.Errorf("%s: got %+v, %v, want no member and ErrRejected", id, m, err)
		}
	}
}
