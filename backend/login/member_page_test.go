package login

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"aikagi/backend/member"
)

func TestASessionWithThePresentVersionHasItsMember(t *testing.T) {
	f := newFixture(t)
	got, err := f.SessionMember(t.Context(), 1, 3)
	if want := f.member(active); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// Sessions outlived the password in Contao (CVE-2019-10641) and in Pocket ID (CVE-2026-43983).
func TestASessionIsOverWhenItsMemberHasChanged(t *testing.T) {
	f := newFixture(t)
	for name, asked := range map[string]struct {
		id      member.ID
		version int64
	}{
		"older version": {1, 2}, "newer version": {1, 4}, "deleted": {99, 3},
		"suspended": {3, 3}, "cancelled": {4, 3}, "voided": {5, 3},
	} {
		got, err := f.SessionMember(t.Context(), asked.id, asked.version)
		if !errors.Is(err, ErrSessionOver) || got != (member.Member{}) {
			t.Errorf("%s: got %+v, %v, want ErrSessionOver", name, got, err)
		}
	}
}

func TestAFailedQueryEndsNoSession(t *testing.T) {
	f := newFixture(t)
	f.store.fail = map[string]error{"Member": errLost}
	if _, err := f.SessionMember(t.Context(), 1, 3); !errors.Is(err, errLost) || errors.Is(err, ErrSessionOver) {
		t.Errorf("got %v, want the store's error", err)
	}
}

func TestTheMemberPageShowsTheLatestActivitiesFirst(t *testing.T) {
	f := newFixture(t)
	for i := range shownActivities + 5 {
		for _, id := range []member.ID{1, 2} {
			f.store.tables.activities = append(f.store.tables.activities, member.Activity{
				ID: fmt.Sprint(i), MemberID: id, At: f.now.Add(time.Duration(i) * time.Second), Kind: member.SignedIn,
			})
		}
	}
	got, err := f.Activities(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != shownActivities {
		t.Fatalf("got %d activities, want %d", len(got), shownActivities)
	}
	for i, a := range got {
		if want := fmt.Sprint(shownActivities + 4 - i); a.ID != want || a.MemberID != 1 {
			t.Errorf("activity %d: got %+v, want activity %s of member 1", i, a, want)
		}
	}
	f.store.fail = map[string]error{"Activities": errLost}
	if _, err := f.Activities(t.Context(), 1); !errors.Is(err, errLost) {
		t.Errorf("got %v, want the store's error", err)
	}
}
