package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

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
		if _, err := s.Letters().NoticesPaused(t.Context()); err != nil {
			t.Error(err)
		}
		for _, one := range sent[:len(sent):len(sent)] { // explaining sends more
			for _, fault := range explain(t, db, one, false) {
				t.Errorf("%s\n%s", one.SQL, fault)
			}
		}
	})
}

func TestTheMemberListOfAnEndedBreachIsSweptWhenItIsOld(t *testing.T) {
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
