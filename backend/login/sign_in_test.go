package login

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/password"
)

// refused are all ways not to be signed in.
var refused = []struct {
	name string
	id   member.LoginID
	text string
}{
	{"unknown login ID", nobody, rightPassword},
	{"unknown login ID, blank", nobody, ""},
	{"unknown login ID, endless", nobody, strings.Repeat("x", 5000)},
	{"wrong", active, "Wrong-pass9"},
	{"other case", active, strings.ToLower(rightPassword)},
	{"blank", active, ""},
	{"endless", active, strings.Repeat("x", 5000)},
	{"right and more", active, rightPassword + strings.Repeat(" ", 200)},
	{"wrong, imported", imported, "Wrong-pass9"},
	{"suspended", suspended, rightPassword},
	{"cancelled", cancelled, rightPassword},
	{"voided", voided, rightPassword},
	{"never set", neverSet, rightPassword},
	{"never set, blank", neverSet, ""},
	{"unreadable hash", unreadable, rightPassword},
	{"unreadable hash, the hash itself", unreadable, unreadableHash},
}

// Directus, CVE-2026-26185, and Fiber's BasicAuth, CVE-2026-44332: one branch without the work of the others.
func TestEveryRefusalIsTheSameAnswerForTheSameWork(t *testing.T) {
	for _, r := range refused {
		t.Run(r.name, func(t *testing.T) {
			h := newHouse(t)
			before := h.store.tables.clone()
			ctx := counting(t.Context())
			m, err := h.SignIn(ctx, r.id, password.NewPlain(r.text), member.Mac, func(context.Context, member.Member) error {
				t.Error("a session was opened")
				return nil
			})
			if err != ErrRejected || m != (member.Member{}) { //nolint:errorlint // the very same value, or its text could differ
				t.Errorf("got %+v, %v, want nobody and ErrRejected", m, err)
			}
			if got, want := ctx.hashes.Load(), int32(1); got != want {
				t.Errorf("got %d hashes, want %d", got, want)
			}
			if got, want := h.store.calls, []string{"LastMember", "MemberNamed"}; !slices.Equal(got, want) {
				t.Errorf("got the calls %v, want %v", got, want)
			}
			if len(h.store.tables.activities) != 0 || !sameMembers(before, h.store.tables) {
				t.Error("a refused sign-in changed a row")
			}
			if got := h.log.String(); got != "" && r.id != unreadable {
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

func TestAnUnreadableHashIsLoggedWithoutIt(t *testing.T) {
	h := newHouse(t)
	if _, err := h.signIn(t, unreadable, rightPassword); !errors.Is(err, ErrRejected) {
		t.Errorf("got %v, want ErrRejected", err)
	}
	if got := h.log.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "member_id=7") || strings.Contains(got, "rot13") {
		t.Errorf("got the log %q, want a warning about member 7 without the hash", got)
	}
}

func TestARightPasswordSignsInAndLeavesALine(t *testing.T) {
	h := newHouse(t)
	got, err := h.signIn(t, active, rightPassword)
	if err != nil {
		t.Fatal(err)
	}
	if want := h.member(active); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	want := member.Activity{MemberID: 1, At: h.now, Kind: member.SignedIn, By: member.ByMember, Device: member.Mac}
	if lines := h.store.tables.activities; len(lines) != 1 || len(lines[0].ID) < 26 || withoutID(lines[0]) != want {
		t.Errorf("got %+v, want one line %+v with a random ID", lines, want)
	}
}

func withoutID(a member.Activity) member.Activity {
	a.ID = ""
	return a
}

func TestWithoutItsLineNobodyIsSignedIn(t *testing.T) {
	h := newHouse(t)
	h.store.fail = map[string]error{"AddActivity": errLost}
	if m, err := h.signIn(t, active, rightPassword); !errors.Is(err, errLost) || m != (member.Member{}) {
		t.Errorf("got %+v, %v, want nobody and the store's error", m, err)
	}
}

func TestASignInWhoseSessionCannotBeOpenedLeavesNoActivity(t *testing.T) {
	h := newHouse(t)
	var got member.Member
	m, err := h.SignIn(t.Context(), active, password.NewPlain(rightPassword), member.Mac, func(_ context.Context, m member.Member) error {
		got = m
		return errLost
	})
	if !errors.Is(err, errLost) || m != (member.Member{}) {
		t.Errorf("got %+v, %v, want nobody and the error of open", m, err)
	}
	if want := h.member(active); got != want {
		t.Errorf("open got %+v, want %+v", got, want)
	}
	if got := h.store.tables.activities; len(got) != 0 {
		t.Errorf("got the activities %+v, want none", got)
	}
}

func TestADatabaseThatIsAwayIsNoRefusal(t *testing.T) {
	for _, call := range []string{"MemberNamed", "LastMember"} {
		h := newHouse(t)
		h.store.fail = map[string]error{call: errLost}
		for _, id := range []member.LoginID{active, nobody} {
			if _, err := h.signIn(t, id, rightPassword); !errors.Is(err, errLost) || errors.Is(err, ErrRejected) {
				t.Errorf("%s, %s: got %v, want the store's error", call, id, err)
			}
		}
	}
}

// A session opened under the version that the new password raised would survive it.
func TestTheVersionIsTheOneReadWithTheVerifiedHash(t *testing.T) {
	h := newHouse(t)
	h.store.afterMember = func(t *tables) { // a new password, while the old one is being verified
		m := t.members[1]
		m.PasswordHash, m.PasswordVersion = bcryptHash, m.PasswordVersion+1
		t.members[1] = m
	}
	m, err := h.signIn(t, active, rightPassword)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.PasswordVersion, int64(3); got != want {
		t.Errorf("got version %d, want %d", got, want)
	}
	h.store.afterMember = nil
	if _, err := h.Present(t.Context(), m.ID, m.PasswordVersion); !errors.Is(err, ErrSessionOver) {
		t.Errorf("got %v, want ErrSessionOver", err)
	}
}

func TestAnImportedHashBecomesArgon2idAtTheSignIn(t *testing.T) {
	h := newHouse(t)
	for _, want := range []string{"first", "second"} {
		m, err := h.signIn(t, imported, rightPassword)
		if err != nil {
			t.Fatalf("%s sign-in: %v", want, err)
		}
		if m != h.member(imported) {
			t.Errorf("%s sign-in: got %+v, want %+v", want, m, h.member(imported))
		}
	}
	m := h.member(imported)
	if h.Hasher.Outdated(m.PasswordHash) || m.PasswordVersion != 3 || m.PasswordChangedAt != nil {
		t.Errorf("got %+v, want a present hash of the same password and version", m)
	}
	if got := countCalls(h, "Rehash"); got != 1 {
		t.Errorf("got %d rehashes, want 1", got)
	}
}

func countCalls(h *house, name string) (count int) {
	for _, call := range h.store.calls {
		if call == name {
			count++
		}
	}
	return count
}

func TestAHashOfFormerParametersIsMadeAnew(t *testing.T) {
	h := newHouse(t)
	h.Hasher = password.NewHasher(password.Params{MemoryKiB: 128, Iterations: 1, Parallelism: 1}, 2, time.Minute)
	former := h.member(active).PasswordHash
	if _, err := h.signIn(t, active, rightPassword); err != nil {
		t.Fatal(err)
	}
	if got := h.member(active).PasswordHash; got == former || h.Hasher.Outdated(got) {
		t.Errorf("got %s, want one of the present parameters", got)
	}
	if _, err := h.signIn(t, active, rightPassword); err != nil {
		t.Errorf("with the hash made anew: %v", err)
	}
}

// An old password must never come back.
func TestARehashLosesAgainstANewPassword(t *testing.T) {
	h := newHouse(t)
	changed := h.member(active).PasswordHash
	h.store.afterMember = func(t *tables) {
		m := t.members[2]
		m.PasswordHash, m.PasswordVersion = changed, 4
		t.members[2] = m
	}
	m, err := h.signIn(t, imported, rightPassword)
	if err != nil {
		t.Fatal(err)
	}
	if countCalls(h, "Rehash") != 1 || m.PasswordHash != bcryptHash {
		t.Errorf("got the hash %s, want that a rehash was tried and not believed", m.PasswordHash)
	}
	if got := h.member(imported).PasswordHash; got != changed {
		t.Errorf("got %s, want the new password's %s", got, changed)
	}
}

func TestARehashThatFailsKeepsNobodyOut(t *testing.T) {
	h := newHouse(t)
	h.store.fail = map[string]error{"Rehash": errLost}
	if _, err := h.signIn(t, imported, rightPassword); err != nil {
		t.Fatal(err)
	}
	if got := h.log.String(); !strings.Contains(got, "level=WARN") || strings.Contains(got, "$2a$") || strings.Contains(got, rightPassword) {
		t.Errorf("got the log %q, want a warning without hash and password", got)
	}
}

func TestTheNumberOfMembersIsReadOnceAMinuteWhoeverIsNamed(t *testing.T) {
	h := newHouse(t)
	for minute, id := range []member.LoginID{active, nobody, voided} {
		for range 3 {
			for _, other := range []member.LoginID{id, active, nobody} {
				_, _ = h.signIn(t, other, "Wrong-pass9")
			}
		}
		if got, want := countCalls(h, "LastMember"), minute+1; got != want {
			t.Errorf("minute %d: got %d looks, want %d", minute, got, want)
		}
		h.now = h.now.Add(lastMemberKept)
	}
}

func TestANumberThatCannotBeReadAnewIsTheFormerOne(t *testing.T) {
	h := newHouse(t)
	_, _ = h.signIn(t, active, "Wrong-pass9")
	h.now = h.now.Add(lastMemberKept)
	h.store.fail = map[string]error{"LastMember": errLost}
	for range 3 {
		if _, err := h.signIn(t, nobody, rightPassword); !errors.Is(err, ErrRejected) {
			t.Errorf("got %v, want ErrRejected", err)
		}
	}
	if got, want := countCalls(h, "LastMember"), 2; got != want {
		t.Errorf("got %d looks, want %d", got, want)
	}
	h.store.fail = nil
	if standIn, err := h.standIn(t.Context(), nobody); standIn == 0 || err != nil {
		t.Errorf("got %d, %v, want a member to stand in", standIn, err)
	}
}

// Were every scheme in use as likely, an answer in the time of a rare scheme would mostly be nobody's.
func TestAnUnknownLoginIDIsCheckedAgainstTheSchemeOfAMember(t *testing.T) {
	h := newHouse(t)
	counts := make(map[string]int)
	for i := range 700 {
		id := member.LoginID(fmt.Sprintf("nobody%d", i))
		standIn, err := h.standIn(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		read, err := h.store.MemberNamed(t.Context(), id, standIn)
		if err != nil {
			t.Fatal(err)
		}
		hash := h.hashFor(t.Context(), id, read)
		if hash == read.PasswordHash {
			t.Fatalf("%s is checked against the hash of member %d", id, read.ID)
		}
		counts[password.Scheme(hash)]++
	}
	// One of the seven members has a hash of bcrypt; those whose hash is none count as Argon2id.
	if got := counts[password.Scheme(bcryptHash)]; got < 60 || got > 150 || len(counts) != 2 {
		t.Errorf("got %v, want about 100 with bcrypt, and the others with Argon2id", counts)
	}
}

func TestTheStandInsPasswordSignsNobodyIn(t *testing.T) {
	h := newHouse(t)
	for i := range 50 { // any of the members may stand in
		id := member.LoginID(fmt.Sprintf("nobody%d", i))
		if m, err := h.signIn(t, id, rightPassword); !errors.Is(err, ErrRejected) || m != (member.Member{}) {
			t.Errorf("%s: got %+v, %v, want nobody and ErrRejected", id, m, err)
		}
	}
}
