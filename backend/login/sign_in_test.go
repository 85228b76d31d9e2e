package login

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"aikagi/backend/member"
	"aikagi/backend/password"
)

// refused are the reasons for which a sign-in is refused.
var refused = []struct {
	name string
	id   member.LoginID
	text string
}{
	{"unknown login ID", nobody, rightPassword},
	{"unknown login ID, blank", nobody, ""},
	{"unknown login ID, very long", nobody, strings.Repeat("x", 5000)},
	{"wrong", active, "Wrong-pass9"},
	{"other case", active, strings.ToLower(rightPassword)},
	{"blank", active, ""},
	{"very long", active, strings.Repeat("x", 5000)},
	{"right with spaces behind it", active, rightPassword + strings.Repeat(" ", 200)},
	{"wrong, imported", imported, "Wrong-pass9"},
	{"suspended", suspended, rightPassword},
	{"cancelled", cancelled, rightPassword},
	{"voided", voided, rightPassword},
	{"never set", neverSet, rightPassword},
	{"never set, blank", neverSet, ""},
	{"unreadable hash", unreadable, rightPassword},
	{"unreadable hash, the hash itself", unreadable, unreadableHash},
}

// In Directus (CVE-2026-26185) and in Fiber's BasicAuth (CVE-2026-44332) one branch did less work than the others.
func TestEveryRefusalReturnsTheSameErrorAfterTheSameWork(t *testing.T) {
	for _, r := range refused {
		t.Run(r.name, func(t *testing.T) {
			f := newFixture(t)
			before := f.store.tables.clone()
			ctx := counting(t.Context())
			m, err := f.SignIn(ctx, r.id, password.NewPlain(r.text), member.Mac, func(context.Context, member.Member) error {
				t.Error("a session was opened")
				return nil
			})
			if err != ErrRejected || m != (member.Member{}) { //nolint:errorlint // the same value, or its text could differ
				t.Errorf("got %+v, %v, want no member and ErrRejected", m, err)
			}
			if got, want := ctx.hashes.Load(), int32(1); got != want {
				t.Errorf("got %d hashes, want %d", got, want)
			}
			if got, want := f.store.calls, []string{"LastMember", "MemberNamed"}; !slices.Equal(got, want) {
				t.Errorf("got the calls %v, want %v", got, want)
			}
			if len(f.store.tables.activities) != 0 || !sameMembers(before, f.store.tables) {
				t.Error("a refused sign-in changed a row")
			}
			if got := f.log.String(); got != "" && r.id != unreadable {
				t.Errorf("got the log %q, want none", got)
			}
		})
	}
}

func sameMembers(a, b tables) bool {
	for id, m := range a.members {
		if b.members[id] != m {
			return false
		}
	}
	return len(a.members) == len(b.members)
}

func TestAnUnusableHashIsLoggedButNotItsText(t *testing.T) {
	f := newFixture(t)
	if _, err := f.signIn(t, unreadable, rightPassword); !errors.Is(err, ErrRejected) {
		t.Errorf("got %v, want ErrRejected", err)
	}
	if got := f.log.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "member_id=7") || strings.Contains(got, "rot13") {
		t.Errorf("got the log %q, want a warning about member 7 without the hash", got)
	}
}

func TestTheRightPasswordSignsInAndAddsAnActivity(t *testing.T) {
	f := newFixture(t)
	got, err := f.signIn(t, active, rightPassword)
	if err != nil {
		t.Fatal(err)
	}
	if want := f.member(active); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	want := member.Activity{MemberID: 1, At: f.now, Kind: member.SignedIn, By: member.ByMember, Device: member.Mac}
	if got := f.store.tables.activities; len(got) != 1 || len(got[0].ID) < 26 || withoutID(got[0]) != want {
		t.Errorf("got %+v, want one activity %+v with a random ID", got, want)
	}
}

func withoutID(a member.Activity) member.Activity {
	a.ID = ""
	return a
}

func TestWithoutItsActivityNoSignInSucceeds(t *testing.T) {
	f := newFixture(t)
	f.store.fail = map[string]error{"AddActivity": errLost}
	if m, err := f.signIn(t, active, rightPassword); !errors.Is(err, errLost) || m != (member.Member{}) {
		t.Errorf("got %+v, %v, want no member and the store's error", m, err)
	}
}

func TestASignInWhoseSessionCannotBeOpenedLeavesNoActivity(t *testing.T) {
	f := newFixture(t)
	var got member.Member
	m, err := f.SignIn(t.Context(), active, password.NewPlain(rightPassword), member.Mac, func(_ context.Context, m member.Member) error {
		got = m
		return errLost
	})
	if !errors.Is(err, errLost) || m != (member.Member{}) {
		t.Errorf("got %+v, %v, want no member and the error of openSession", m, err)
	}
	if want := f.member(active); got != want {
		t.Errorf("openSession got %+v, want %+v", got, want)
	}
	if got := f.store.tables.activities; len(got) != 0 {
		t.Errorf("got the activities %+v, want none", got)
	}
}

func TestAFailedQueryIsNoRefusal(t *testing.T) {
	for _, call := range []string{"MemberNamed", "LastMember"} {
		f := newFixture(t)
		f.store.fail = map[string]error{call: errLost}
		for _, id := range []member.LoginID{active, nobody} {
			if _, err := f.signIn(t, id, rightPassword); !errors.Is(err, errLost) || errors.Is(err, ErrRejected) {
				t.Errorf("%s, %s: got %v, want the store's error", call, id, err)
			}
		}
	}
}

// A session with the version of the new password would survive the change.
func TestTheVersionIsTheOneReadWithTheVerifiedHash(t *testing.T) {
	f := newFixture(t)
	f.store.afterMember = func(t *tables) { // a change while the old password is being verified
		m := t.members[1]
		m.PasswordHash, m.PasswordVersion = bcryptHash, m.PasswordVersion+1
		t.members[1] = m
	}
	m, err := f.signIn(t, active, rightPassword)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.PasswordVersion, int64(3); got != want {
		t.Errorf("got version %d, want %d", got, want)
	}
	f.store.afterMember = nil
	if _, err := f.SessionMember(t.Context(), m.ID, m.PasswordVersion); !errors.Is(err, ErrSessionOver) {
		t.Errorf("got %v, want ErrSessionOver", err)
	}
}

func countCalls(f *fixture, name string) (count int) {
	for _, call := range f.store.calls {
		if call == name {
			count++
		}
	}
	return count
}
