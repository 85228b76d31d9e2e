package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// beginAll begins a breach about every member.
func beginAll(t *testing.T, s *store.Store, perHour int64, at time.Time) breach.Breach {
	t.Helper()
	b := breach.Breach{Selection: breach.Selection{Kind: breach.All, Before: at}, PerHour: perHour, Author: operator, BegunAt: at, ListedAt: &at}
	var err error
	b.Members, b.Selection.Last, err = s.Breaches().Chosen(t.Context(), b.Selection)
	must(t, err)
	b, err = s.Breaches().Begin(t.Context(), b)
	must(t, err)
	return b
}

// voidAll voids set after set.
func voidAll(t *testing.T, s *store.Store, b breach.Breach, at time.Time) breach.Breach {
	t.Helper()
	for b.VoidedAt == nil {
		var err error
		b, err = s.Breaches().VoidSet(t.Context(), b.ID, at)
		must(t, err)
	}
	return b
}

func TestABreachVoidsItsSelectionAndNotifiesAllButCancelledMembers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		taro, void, gone, asleep, late := enrol(t, s, "taro"), enrol(t, s, "void"), enrol(t, s, "gone"), enrol(t, s, "asleep"), enrol(t, s, "late")
		for m, kind := range map[member.ID]member.ActivityKind{void.ID: member.Voided, gone.ID: member.WasCancelled, asleep.ID: member.WasSuspended} {
			if done, err := s.Members().Do(t.Context(), m, store.MemberChange{Kind: kind}, now); err != nil || !done {
				t.Fatalf("%s: %v, %v", kind, done, err)
			}
		}
		addLetter(t, s, taro, recovery.PasswordChangedNotice, now) // in Japanese
		b := beginAll(t, s, 3600, now.Add(time.Hour))
		if b.Members != 4 {
			t.Errorf("chose %d, want all but the one that is void", b.Members)
		}
		if set, err := s.Recoveries().SetPassword(t.Context(), late.ID, late.PasswordVersion, "newer", now.Add(2*time.Hour)); err != nil || !set {
			t.Fatal(set, err)
		}
		enrol(t, s, "newer")
		b = voidAll(t, s, b, now.Add(3*time.Hour))
		if b.Voided != 3 || b.Notices != 2 {
			t.Errorf("voided %d, %d notices; want 3 and 2", b.Voided, b.Notices)
		}
		var told []string
		for at := now.Add(4 * time.Hour); ; at = at.Add(time.Minute) {
			made, err := s.Breaches().MakeNotices(t.Context(), b.ID, at)
			must(t, err)
			if made == 0 {
				break
			}
		}
		for _, m := range []member.Member{taro, void, gone, asleep, late} {
			letters, err := s.Members().LettersOf(t.Context(), m.ID, 10)
			must(t, err)
			for _, letter := range letters {
				if letter.Kind == recovery.PasswordVoidedNotice {
					told = append(told, string(m.LoginID))
				}
			}
			activities, err := s.Members().Activities(t.Context(), m.ID, 1)
			must(t, err)
			wantVoid := m.ID == taro.ID || m.ID == gone.ID || m.ID == asleep.ID
			if isVoid := len(activities) == 1 && activities[0].Kind == member.Voided && activities[0].Author == operator; isVoid != wantVoid {
				t.Errorf("%s: got %+v; void by the breach: want %v", m.LoginID, activities, wantVoid)
			}
		}
		if want := []string{"taro", "asleep"}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}

func TestOneBreachRunsAtATimeAndItsLettersEndWithIt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		for i := range 3 {
			enrol(t, s, member.LoginID(fmt.Sprintf("m%d", i)))
		}
		ctx := t.Context()
		if _, err := s.Breaches().Latest(ctx); !errors.Is(err, breach.ErrNone) {
			t.Errorf("got %v, want none", err)
		}
		b := beginAll(t, s, 3600, now)
		if _, err := s.Breaches().Begin(ctx, breach.Breach{Selection: b.Selection, PerHour: 1, Author: operator, BegunAt: now.Add(time.Second)}); !errors.Is(err, breach.ErrRuns) {
			t.Errorf("a second one: got %v", err)
		}
		b = voidAll(t, s, b, now)
		if made, err := s.Breaches().MakeNotices(ctx, b.ID, now); err != nil || made != 1 {
			t.Errorf("made %d, %v", made, err)
		}
		later := now.Add(time.Minute)
		if ended, err := s.Breaches().End(ctx, b, operator, later); err != nil || !ended {
			t.Errorf("end: %v, %v", ended, err)
		}
		ended, err := s.Breaches().End(ctx, b, operator, later.Add(time.Minute))
		wantNone(t, "an end of what was ended", ended, err)
		if made, err := s.Breaches().MakeNotices(ctx, b.ID, later); err != nil || made != 0 {
			t.Errorf("after the end: made %d, %v", made, err)
		}
		wantMailed(t, s, b, map[mail.State]int64{mail.Dropped: 1})
		b, err = s.Breaches().Latest(ctx)
		must(t, err)
		must(t, s.Breaches().Resume(ctx, b, 0, operator, later))
		wantMailed(t, s, b, map[mail.State]int64{mail.Waiting: 1})
		if made, err := s.Breaches().MakeNotices(ctx, b.ID, later); err != nil || made == 0 {
			t.Errorf("after it was taken up again: made %d, %v", made, err)
		}
	})
}

func wantMailed(t *testing.T, s *store.Store, b breach.Breach, want map[mail.State]int64) {
	t.Helper()
	got, err := s.Breaches().Mailed(t.Context(), b)
	must(t, err)
	maps.DeleteFunc(got, func(_ mail.State, count int64) bool { return count == 0 })
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAPausedBreachsNoticesAreNotClaimedAndOtherLettersAre(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		b := voidAll(t, s, beginAll(t, s, 3600, now), now)
		if made, err := s.Breaches().MakeNotices(ctx, b.ID, now); err != nil || made != 1 {
			t.Fatal(made, err)
		}
		if paused, err := s.Breaches().Pause(ctx, b.ID, operator, now); err != nil || !paused {
			t.Fatal(paused, err)
		}
		paused, err := s.Breaches().Pause(ctx, b.ID, operator, now)
		wantNone(t, "a second pause", paused, err)
		other := addLetter(t, s, m, recovery.PasswordChangedNotice, now)
		if ids, err := claimLetters(t, s)("mine", now, 10); err != nil || !slices.Equal(ids, []string{other.ID}) {
			t.Errorf("got %v, %v; want %s alone", ids, err, other.ID)
		}
		if held, err := s.Letters().NoticesPaused(ctx); err != nil || !held {
			t.Errorf("held: %v, %v", held, err)
		}
		must(t, s.Breaches().Resume(ctx, b, 60, operator, now))
		if ids, err := claimLetters(t, s)("mine", now, 10); err != nil || len(ids) != 1 {
			t.Errorf("after it goes on: got %v, %v", ids, err)
		}
		if b, err = s.Breaches().Latest(ctx); err != nil || b.PerHour != 60 || b.Paused {
			t.Errorf("got %+v, %v", b, err)
		}
	})
}

func TestAListIsVoidedAsItWasWrittenDown(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		ctx, s := t.Context(), testkit.Open(t, settings)
		taro, gone, forgotten, other := enrol(t, s, "taro"), enrol(t, s, "gone"), enrol(t, s, "forgotten"), enrol(t, s, "other")
		b, err := s.Breaches().Begin(ctx, breach.Breach{
			Selection: breach.Selection{Kind: breach.IDs, Before: now.Add(time.Hour), Digest: "d"}, Members: 3, PerHour: 3600, Author: operator, BegunAt: now,
		})
		must(t, err)
		ids := []member.ID{taro.ID, gone.ID, forgotten.ID}
		must(t, s.Breaches().List(ctx, b.ID, ids))
		if b, err = s.Breaches().VoidSet(ctx, b.ID, now); err != nil || b.Voided != 0 || b.VoidedAt != nil {
			t.Errorf("before the list was whole: %+v, %v", b, err)
		}
		must(t, s.Breaches().List(ctx, b.ID, ids)) // again, after the answer was lost
		must(t, s.Breaches().Listed(ctx, b.ID, now))
		for _, m := range []member.Member{gone, forgotten} {
			if done, err := s.Members().Do(ctx, m.ID, store.MemberChange{Kind: member.WasCancelled}, now); err != nil || !done {
				t.Fatal(done, err)
			}
		}
		forgotten.Status = member.Cancelled
		must(t, s.Members().Forget(ctx, forgotten, operator, now))
		var named int
		must(t, raw(t, settings).QueryRowContext(ctx, "SELECT COUNT(*) FROM breach_members").Scan(&named))
		if named != 2 {
			t.Errorf("the list names %d, want all but the member who was forgotten", named)
		}
		b = voidAll(t, s, b, now)
		if b.Voided != 2 || b.Notices != 1 {
			t.Errorf("voided %d, %d notices; want 2 and 1", b.Voided, b.Notices)
		}
		if m, err := s.Recoveries().Member(ctx, other.ID); err != nil || m.VoidedAt != nil {
			t.Errorf("another member: %+v, %v", m, err)
		}
		if made, err := s.Breaches().MakeNotices(ctx, b.ID, now); err != nil || made != 1 {
			t.Errorf("made %d, %v", made, err)
		}
	})
}
