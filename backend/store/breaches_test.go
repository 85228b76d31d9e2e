package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

func TestABreachVoidsWhomItChoseAndTellsAllButTheCancelled(t *testing.T) {
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
		if held, err := s.Letters().HoldsNotices(ctx); err != nil || !held {
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

// One that was begun may be at the mail server: it ends as that says. Others are claimed, for a first or a second try.
func TestTheEndOfABreachLeavesTheLetterThatIsBeingSent(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		for i := range 3 {
			enrol(t, s, member.LoginID(fmt.Sprintf("m%d", i)))
		}
		b := voidAll(t, s, beginAll(t, s, breach.MostPerHour, now), now)
		made, err := s.Breaches().MakeNotices(ctx, b.ID, now)
		more, moreErr := s.Breaches().MakeNotices(ctx, b.ID, now.Add(time.Second))
		must(t, errors.Join(err, moreErr))
		claimed, err := claimLetters(t, s)("mine", now.Add(2*time.Second), 10)
		if err != nil || made+more != 3 || len(claimed) != 3 {
			t.Fatalf("made %d and %d, claimed %d, %v", made, more, len(claimed), err)
		}
		sending, untried, refused := claimed[0], claimed[1], claimed[2]
		if begun, err := s.Letters().BeginTries(ctx, "mine", []string{sending, refused}, now.Add(2*time.Second)); err != nil || begun != 2 {
			t.Fatal(begun, err)
		}
		try := mail.Try{Letter: mail.Letter{ID: refused}, Verdict: mail.Verdict{DueAt: now.Add(5 * time.Second), Answer: "451"}}
		must(t, s.Letters().Postpone(ctx, "mine", []mail.Try{try}))
		if again, err := claimLetters(t, s)("mine", now.Add(6*time.Second), 10); err != nil || !slices.Equal(again, []string{refused}) {
			t.Fatalf("claimed %v again, %v; want %s", again, err, refused)
		}
		if ended, err := s.Breaches().End(ctx, b, operator, now.Add(7*time.Second)); err != nil || !ended {
			t.Fatal(ended, err)
		}
		begun, err := s.Letters().BeginTries(ctx, "mine", []string{untried, refused}, now.Add(7*time.Second))
		wantNone(t, "a try after the end", begun > 0, err)
		must(t, s.Letters().Finish(ctx, "mine", []string{sending}, mail.Accepted, "250", now.Add(8*time.Second)))
		wantMailed(t, s, b, map[mail.State]int64{mail.Accepted: 1, mail.Dropped: 2})
	})
}

// The operator's clock may be ahead of a server's.
func TestNoticesThatAServerMakesWithAClockThatIsBehindBelongToTheBreach(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s, ctx := testkit.Open(t, settings), t.Context()
		for i := range 3 {
			enrol(t, s, member.LoginID(fmt.Sprintf("m%d", i)))
		}
		ahead := now.Add(2 * time.Second)
		b := voidAll(t, s, beginAll(t, s, breach.MostPerHour, ahead), ahead)
		made := 0
		for n := range 3 {
			more, err := s.Breaches().MakeNotices(ctx, b.ID, now.Add(time.Duration(n)*time.Second))
			must(t, err)
			made += more
		}
		wantMailed(t, s, b, map[mail.State]int64{mail.Waiting: int64(made)})
		if ended, err := s.Breaches().End(ctx, b, operator, now.Add(4*time.Second)); err != nil || !ended {
			t.Fatal(ended, err)
		}
		left, err := s.Letters().ClaimDue(ctx, "mine", now.Add(time.Minute), now.Add(2*time.Minute), 10, mail.Notices)
		if err != nil || made == 0 || len(left) > 0 {
			t.Errorf("made %d, and %d are sent after the end, %v", made, len(left), err)
		}
	})
}

// Two operators, one of whom has read the breach before the other one ended it.
func TestABreachThatIsResumedWhileAnotherEndsItLosesNoNotice(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s, ctx := testkit.Open(t, settings), t.Context()
		for i := range 3 {
			enrol(t, s, member.LoginID(fmt.Sprintf("m%d", i)))
		}
		b := voidAll(t, s, beginAll(t, s, breach.MostPerHour, now), now)
		for n := range 5 {
			_, err := s.Breaches().MakeNotices(ctx, b.ID, now.Add(time.Duration(n)*time.Second))
			must(t, err)
		}
		read, err := s.Breaches().Latest(ctx)
		must(t, err)
		if ended, err := s.Breaches().End(ctx, b, operator, now.Add(6*time.Second)); err != nil || !ended {
			t.Fatal(ended, err)
		}
		must(t, s.Breaches().Resume(ctx, read, 0, operator, now.Add(7*time.Second)))
		wantMailed(t, s, b, map[mail.State]int64{mail.Waiting: 3})
	})
}

// Two servers look at the same moments.
func TestServersShareOnePace(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s, db := testkit.Open(t, settings), raw(t, settings)
		must(t, s.Fill(t.Context(), 200, now))
		b := voidAll(t, s, beginAll(t, s, 3600, now), now)
		made := 0
		for second := range 60 {
			at := now.Add(time.Duration(second) * time.Second)
			var servers sync.WaitGroup
			var count atomic.Int64
			for range 2 {
				servers.Go(func() {
					n, err := s.Breaches().MakeNotices(t.Context(), b.ID, at)
					if err != nil {
						t.Error(err)
					}
					count.Add(int64(n))
				})
			}
			servers.Wait()
			made += int(count.Load())
			_, err := db.ExecContext(t.Context(), "UPDATE letters SET state = 'accepted' WHERE kind = 'password_voided'")
			must(t, err)
		}
		if made < 58 || made > 60 {
			t.Errorf("made %d in a minute, want one a second", made)
		}
	})
}

// What a server asks every second must not cost more in a table of a million.
func TestWhatServersAskOfABreachReadsNoTable(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		must(t, s.Fill(t.Context(), tableSize, now))
		must(t, s.FillBreach(t.Context(), rowsLookedAt, now)) // MariaDB tells how many rows match, whatever the LIMIT
		db, explain := raw(t, settings), planOfSQLite
		if settings.Dialect == store.MySQL {
			analyse(t, db)
			explain = planOfMySQL
		}
		var sent []store.Statement
		must(t, s.Record(func(one store.Statement) {
			if !strings.HasPrefix(one.SQL, "INSERT") {
				sent = append(sent, one)
			}
		}))
		latest, err := s.Breaches().Latest(t.Context())
		must(t, err)
		for n := range 2 {
			made, err := s.Breaches().MakeNotices(t.Context(), latest.ID, now.Add(time.Duration(n)*time.Minute))
			if err != nil || made == 0 {
				t.Errorf("made %d, %v", made, err)
			}
		}
		if _, err := s.Letters().HoldsNotices(t.Context()); err != nil {
			t.Error(err)
		}
		for _, one := range sent[:len(sent):len(sent)] { // explaining sends more
			for _, fault := range explain(t, db, one, false) {
				t.Errorf("%s\n%s", one.SQL, fault)
			}
		}
	})
}

func TestWhoIsLeftOfAnEndedBreachIsSweptWhenItIsOld(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		ctx := t.Context()
		enrol(t, s, "taro")
		b := voidAll(t, s, beginAll(t, s, 3600, now), now)
		if ended, err := s.Breaches().End(ctx, b, operator, now); err != nil || !ended {
			t.Fatal(ended, err)
		}
		keep := store.Retention{Recoveries: 49 * time.Hour, Letters: 49 * time.Hour, Activities: 100 * time.Hour}
		left := func() (members, breaches int) {
			must(t, raw(t, settings).QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM breach_members), (SELECT COUNT(*) FROM breaches)").Scan(&members, &breaches))
			return members, breaches
		}
		for _, step := range []struct {
			after             time.Duration
			members, breaches int
		}{{48 * time.Hour, 1, 1}, {50 * time.Hour, 0, 1}, {101 * time.Hour, 0, 0}} {
			at := func() time.Time { return now.Add(step.after) }
			if swept, err := s.Sweeper(keep, at, noRest).Sweep(ctx); err != nil || !swept {
				t.Fatal(swept, err)
			}
			if members, breaches := left(); members != step.members || breaches != step.breaches {
				t.Errorf("after %s: %d members and %d breaches are left, want %d and %d", step.after, members, breaches, step.members, step.breaches)
			}
		}
	})
}
