package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestTheBacklogIsWhatWaitsAndSinceWhen(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		empty, err := s.Backlog(t.Context())
		must(t, err)
		if empty.Unresolved != (store.Waiting{}) || len(empty.Letters) > 0 {
			t.Errorf("got %+v from empty tables", empty)
		}
		taro, jiro := enrol(t, s, "taro"), enrol(t, s, "jiro")
		older := addAsk(t, s, "taro", now.Add(-time.Minute-time.Microsecond))
		addAsk(t, s, "nobody", now)
		resolved := addAsk(t, s, "nobody", now.Add(-time.Hour))
		until := now.Add(10 * time.Second)
		_, err = s.Recoveries().ClaimUnresolved(t.Context(), "mine", now.Add(-time.Hour), now, until, 10)
		must(t, err)
		_, err = s.Recoveries().CloseDecoys(t.Context(), "mine", []recovery.ID{resolved.ID}, recovery.UnknownLoginID, recovery.SkipLocked)
		must(t, err)
		addLetter(t, s, taro, recovery.TemporaryPasswordLetter, now.Add(-time.Hour))
		addLetter(t, s, taro, recovery.PasswordChangedNotice, now.Add(-2*time.Minute))
		addLetter(t, s, jiro, recovery.PasswordChangedNotice, now.Add(-time.Second))
		accepted := addLetter(t, s, jiro, recovery.TemporaryPasswordLetter, now.Add(-2*time.Hour))
		claimed, err := s.Letters().ClaimDue(t.Context(), "mine", now.Add(-time.Hour-time.Second), now, 1)
		if err != nil || len(claimed) != 1 || claimed[0].ID != accepted.ID {
			t.Fatalf("claimed %v, %v", claimed, err)
		}
		must(t, s.Letters().Finish(t.Context(), "mine", []string{accepted.ID}, mail.Accepted, "250", now))
		got, err := s.Backlog(t.Context())
		must(t, err)
		if want := (store.Waiting{Count: 2, Oldest: older.AskedAt}); got.Unresolved != want {
			t.Errorf("asks: got %+v, want %+v", got.Unresolved, want)
		}
		for kind, want := range map[recovery.LetterKind]store.Waiting{
			recovery.TemporaryPasswordLetter: {Count: 1, Oldest: now.Add(-time.Hour)},
			recovery.PasswordChangedNotice:   {Count: 2, Oldest: now.Add(-2 * time.Minute)},
		} {
			if got.Letters[kind] != want {
				t.Errorf("%s: got %+v, want %+v", kind, got.Letters[kind], want)
			}
		}
	})
}

// While the mail server is away, letters of days wait.
func TestACountOfTheBacklogReadsABoundedNumberOfRows(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		ago := func(n int) time.Time { return now.Add(-time.Duration(n) * time.Minute) }
		for n := range 5 {
			taro := enrol(t, s, member.LoginID(fmt.Sprint("taro", n)))
			addAsk(t, s, taro.LoginID, ago(n))
			addLetter(t, s, taro, recovery.TemporaryPasswordLetter, ago(n))
			addLetter(t, s, taro, recovery.PasswordChangedNotice, ago(n+10))
		}
		got, err := s.BacklogUpTo(t.Context(), 3)
		must(t, err)
		want := store.Backlog{Unresolved: store.Waiting{Count: 3, Oldest: ago(4)}, Letters: map[recovery.LetterKind]store.Waiting{
			recovery.TemporaryPasswordLetter: {Count: 3, Oldest: ago(4)}, recovery.PasswordChangedNotice: {Count: 3, Oldest: ago(14)},
		}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}
