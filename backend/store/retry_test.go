package store_test

import (
	"fmt"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

// retryAll retries the letters that have failed since a time, and returns the counts and the last counts that tell got.
func retryAll(t *testing.T, s *store.Store, since, at time.Time) (total, told store.Retried) {
	t.Helper()
	total, err := s.Members().RetryFailed(t.Context(), since, at, func(so store.Retried) { told = so })
	must(t, err)
	return total, told
}

func TestAllLettersThatFailedSinceATimeAreTriedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		fail := func(m member.Member, kind recovery.LetterKind, at time.Time) string {
			l := addLetter(t, s, m, kind, at)
			finish(ctx, t, s, l.ID, mail.Failed, at)
			return l.ID
		}
		taro, jiro, hanako := enrol(t, s, "taro"), enrol(t, s, "jiro"), enrol(t, s, "hanako")
		since, later := now.Add(time.Hour), now.Add(3*time.Hour)
		early := fail(taro, recovery.TemporaryPasswordLetter, since.Add(-time.Microsecond))
		older := fail(taro, recovery.TemporaryPasswordLetter, since)
		newest := fail(taro, recovery.TemporaryPasswordLetter, since.Add(time.Minute))
		notice := fail(taro, recovery.PasswordChangedNotice, since)
		former := fail(taro, recovery.FormerAddressNotice, since)
		beside := fail(jiro, recovery.TemporaryPasswordLetter, since)
		due := addLetter(t, s, jiro, recovery.TemporaryPasswordLetter, since).ID
		taken := addLetter(t, s, hanako, recovery.PasswordChangedNotice, since).ID
		finish(ctx, t, s, taken, mail.Accepted, since)

		total, told := retryAll(t, s, since, later)
		if want := (store.Retried{Due: 2, Unchanged: 3}); total != want || told != want {
			t.Errorf("got %+v, told %+v; want %+v", total, told, want)
		}
		want := map[string]mail.State{
			early: mail.Failed, older: mail.Failed, newest: mail.Waiting, notice: mail.Waiting, former: mail.Failed,
			beside: mail.Failed, due: mail.Waiting, taken: mail.Accepted,
		}
		for _, m := range []member.Member{taro, jiro, hanako} {
			letters, err := s.Members().LettersOf(ctx, m.ID, 100)
			must(t, err)
			for _, kept := range letters {
				if kept.State != want[kept.ID] {
					t.Errorf("%s of %s: got %s, want %s", kept.Kind, m.LoginID, kept.State, want[kept.ID])
				}
				if kept.ID == newest && (!kept.DueAt.Equal(later) || kept.Tries != 0 || kept.EndedAt != nil) {
					t.Errorf("got %+v, want it as if never tried", kept)
				}
			}
		}
		if again, _ := retryAll(t, s, since, later); again.Due != 0 {
			t.Errorf("once more: got %+v, want none", again)
		}
	})
}

func TestManyFailedLettersAreTriedAgainInChunks(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		const members, each = 300, 4 // more than one chunk; each member's letters are in different chunks
		must(t, s.FillFailed(t.Context(), members, each, now))
		total, told := retryAll(t, s, now.Add(-time.Hour), now) // most due times lie in the future, as after a clock that was ahead
		if want := (store.Retried{Due: members, Unchanged: members * (each - 1)}); total != want || told != want {
			t.Errorf("got %+v, told %+v; want %+v", total, told, want)
		}
		waiting, err := s.Members().LettersIn(t.Context(), mail.Waiting, 10_000)
		must(t, err)
		ofMember := make(map[member.ID]int)
		for _, kept := range waiting {
			ofMember[kept.MemberID]++
		}
		if len(ofMember) != members || len(waiting) != members {
			t.Errorf("%d letters to %d members wait, want one to each of %d", len(waiting), len(ofMember), members)
		}
	})
}

func TestLettersAreListedByStateAndMember(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, taro, jiro := t.Context(), enrol(t, s, "taro"), enrol(t, s, "jiro")
		failed := addLetter(t, s, taro, recovery.PasswordChangedNotice, now)
		finish(ctx, t, s, failed.ID, mail.Failed, now)
		addLetter(t, s, taro, recovery.PasswordChangedNotice, now.Add(time.Minute))
		addLetter(t, s, jiro, recovery.PasswordChangedNotice, now)
		for filter, want := range map[store.LetterFilter]int{
			{Limit: 10}: 3, {Limit: 2}: 2, {State: mail.Failed, Limit: 10}: 1, {Member: taro.ID, Limit: 10}: 2,
			{State: mail.Waiting, Member: taro.ID, Limit: 10}: 1, {State: mail.Failed, Member: jiro.ID, Limit: 10}: 0,
		} {
			if got, err := s.Members().Letters(ctx, filter); err != nil || len(got) != want {
				t.Errorf("%s: got %d, %v; want %d", fmt.Sprint(filter), len(got), err, want)
			}
			if filter.Limit < 10 {
				continue
			}
			for atMost := range 5 {
				got, exact, err := s.Members().CountLettersAtMost(ctx, filter, atMost)
				if err != nil || got != min(want, atMost) || exact != (want <= atMost) {
					t.Errorf("%s, counted to %d: got %d, exact %v, %v; want %d", fmt.Sprint(filter), atMost, got, exact, err, want)
				}
			}
		}
	})
}
