package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

func TestConcurrentTransactionsLeaveAMemberOneLiveIssuance(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		added := countWinners(t, func(int) (bool, error) {
			own, mine := newIssuance(m), false
			err := s.Recoveries().InTx(t.Context(), func(tx recovery.Store) error {
				_, err := tx.LiveIssuance(t.Context(), m.ID)
				if mine = errors.Is(err, recovery.ErrNotFound); !mine {
					return err
				}
				return tx.AddIssuances(t.Context(), []recovery.Issuance{own})
			})
			return mine, err
		})
		if added != 1 {
			t.Errorf("%d live issuances were added, want 1", added)
		}
	})
}

func TestASecondLiveIssuanceIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		first, second := addIssuance(t, s, m), newIssuance(m)
		add := func() error {
			return s.Recoveries().InTx(t.Context(), func(tx recovery.Store) error { return tx.AddIssuances(t.Context(), []recovery.Issuance{second}) })
		}
		if err := add(); err == nil {
			t.Error("a second live issuance was added")
		}
		if live, err := s.Recoveries().LiveIssuance(t.Context(), m.ID); err != nil || live.ID != first.ID {
			t.Errorf("live: got %s, %v; want the first", live.ID, err)
		}
		if err := s.Recoveries().EndIssuances(t.Context(), []string{first.ID}, now); err != nil {
			t.Fatal(err)
		}
		if err := add(); err != nil {
			t.Errorf("after the first was ended: %v", err)
		}
		if live, err := s.Recoveries().LiveIssuance(t.Context(), m.ID); err != nil || live.ID != second.ID {
			t.Errorf("live: got %s, %v; want the second", live.ID, err)
		}
	})
}

func TestAMemberHasOneDueTemporaryPasswordLetter(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m, other := enrol(t, s, "taro"), enrol(t, s, "hanako")
		addLetter(t, s, m, recovery.TemporaryPasswordLetter, now)
		addLetter(t, s, other, recovery.TemporaryPasswordLetter, now)
		addLetter(t, s, m, recovery.PasswordChangedNotice, now)
		addLetter(t, s, m, recovery.PasswordChangedNotice, now)
		second := newLetter(m, recovery.TemporaryPasswordLetter, now)
		add := func() error {
			return s.Recoveries().InTx(t.Context(), func(tx recovery.Store) error { return tx.AddLetter(t.Context(), second) })
		}
		if err := add(); err == nil {
			t.Error("a second due temporary-password letter was added")
		}
		if err := s.Recoveries().DropLetters(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		if err := add(); err != nil {
			t.Errorf("after the first was dropped: %v", err)
		}
		wantStates(t, s, m, map[mail.State]int{mail.Dropped: 1, mail.Waiting: 3})
		wantStates(t, s, other, map[mail.State]int{mail.Waiting: 1})
	})
}

// A write whose answer was lost is repeated. It finds its own row, and does not undo later changes to it.
func TestAWriteThatIsRepeatedChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, recoveries := t.Context(), s.Recoveries()
		m, r := enrol(t, s, "taro"), newAsk("taro", now)
		notice := newLetter(m, recovery.PasswordChangedNotice, now)
		signedIn := member.Activity{ID: r.IssuanceID, MemberID: m.ID, At: now, Kind: member.SignedIn, By: member.ByMember}
		for range 2 {
			for what, err := range map[string]error{
				"recovery": recoveries.AddRecovery(ctx, r), "letter": recoveries.AddLetter(ctx, notice), "activity": recoveries.AddActivity(ctx, signedIn),
			} {
				if err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			if _, err := recoveries.CountGuess(ctx, r.ID, now); err != nil {
				t.Fatal(err)
			}
		}
		if got := readRecovery(t, s, r.ID).Guesses; got != 2 {
			t.Errorf("guesses: got %d, want 2", got)
		}
		wantStates(t, s, m, map[mail.State]int{mail.Waiting: 1})
		if got, err := s.Logins().Activities(ctx, m.ID, 10); err != nil || len(got) != 1 || got[0] != signedIn {
			t.Errorf("activities: got %+v, %v", got, err)
		}
	})
}

func TestMissingRowsAreNotFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, recoveries := t.Context(), s.Recoveries()
		nobody, nothing := member.ID(1<<39), newAsk("nobody", now)
		_, err := recoveries.Recovery(ctx, nothing.ID)
		wantNotFound(t, "recovery", err)
		_, err = recoveries.Issuance(ctx, nothing.IssuanceID)
		wantNotFound(t, "issuance", err)
		_, err = recoveries.LiveIssuance(ctx, nobody)
		wantNotFound(t, "live issuance", err)
		_, err = recoveries.Member(ctx, nobody)
		wantNotFound(t, "member", err)
		if found, err := s.Letters().Members(ctx, []member.ID{nobody}); err != nil || len(found) != 0 {
			t.Errorf("a letter's member: got %+v, %v; want none", found, err)
		}
		_, err = s.Logins().MemberNamed(ctx, "nobody", nobody)
		wantNotFound(t, "member named", err)
		err = recoveries.InTx(ctx, func(tx recovery.Store) error {
			_, err := tx.LockMember(ctx, nobody)
			return err
		})
		wantNotFound(t, "member to lock", err)
		there, err := recoveries.HasActivity(ctx, nothing.IssuanceID)
		wantNone(t, "activity", there, err)
		again, err := recoveries.AskAgain(ctx, nothing.ID, now)
		wantNone(t, "asking again through no recovery", again, err)
		completed, err := recoveries.Complete(ctx, nothing.ID, "", now)
		wantNone(t, "completing no recovery", completed, err)
		wantUnresolved(t, s)
		if count, err := letterCount(s, member.Member{ID: nobody}, now); err != nil || count != (recovery.LetterCount{}) {
			t.Errorf("letters: got %+v, %v; want none", count, err)
		}
	})
}

func TestLettersAreCountedForTheLimits(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		count := func(at time.Time) recovery.LetterCount {
			t.Helper()
			got, err := letterCount(s, m, at)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		addLetter(t, s, m, recovery.PasswordChangedNotice, now)
		if got := count(now); got != (recovery.LetterCount{}) {
			t.Errorf("a notice: got %+v, want nothing counted", got)
		}
		first := addRemail(t, s, m, now)
		if got := count(now); !got.Due || got.RemailsAnHour != 1 || got.RemailsADay != 1 {
			t.Errorf("a waiting one: got %+v", got)
		}
		finish(ctx, t, s, first.ID, mail.Accepted, now.Add(time.Second))
		if got := count(now); got.Due || !got.Last.Equal(now.Add(time.Second)) {
			t.Errorf("one sent: got %+v, want it last, and none due", got)
		}
		addRemail(t, s, m, now.Add(90*time.Minute))
		if err := s.Recoveries().DropLetters(ctx, m.ID); err != nil {
			t.Fatal(err)
		}
		if got := count(now.Add(90 * time.Minute)); got.Due || got.RemailsAnHour != 0 || got.RemailsADay != 1 || !got.Last.Equal(now.Add(time.Second)) {
			t.Errorf("one dropped before it was begun: got %+v, want it not counted", got)
		}
		if got := count(now.Add(24 * time.Hour)); got.RemailsADay != 0 {
			t.Errorf("a day later: got %+v, want none a day", got)
		}
	})
}

// A letter that a mail server refused temporarily is due again later. If the resolver drops it, its due time must not
// delay the next letter.
func TestALetterThatIsToBeTriedAgainCountsFromItsLastTry(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		l := addRemail(t, s, m, now)
		begin(ctx, t, s, l.ID, now)
		if err := s.Letters().Postpone(ctx, claimOf(l.ID), []mail.Try{{Letter: mail.Letter{ID: l.ID}, Verdict: mail.Verdict{DueAt: now.Add(10 * time.Minute), Answer: "452 4.2.2"}}}); err != nil {
			t.Fatal(err)
		}
		if got, err := letterCount(s, m, now); err != nil || !got.Due || !got.Last.Equal(now) {
			t.Errorf("got %+v, %v; want one due, last at %s", got, err, now)
		}
	})
}

// letterCount returns the count of one member's letters.
func letterCount(s *store.Store, m member.Member, at time.Time) (recovery.LetterCount, error) {
	counts, err := s.Recoveries().LetterCounts(context.Background(), []member.ID{m.ID}, at, recovery.WaitForLock)
	return counts[m.ID], err
}

func addRemail(t *testing.T, s *store.Store, m member.Member, at time.Time) recovery.DueLetter {
	t.Helper()
	l := newLetter(m, recovery.TemporaryPasswordLetter, at)
	l.Remail = true
	if err := s.Recoveries().AddLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	return l
}

// claimOf returns the claim that begin uses.
func claimOf(letterID string) string { return letterID }

func begin(ctx context.Context, t *testing.T, s *store.Store, id string, at time.Time) {
	t.Helper()
	if _, err := s.Letters().ClaimDue(ctx, claimOf(id), at, at.Add(time.Second), 10); err != nil {
		t.Fatal(err)
	}
	if begun, err := s.Letters().BeginTries(ctx, claimOf(id), []string{id}, at); err != nil || begun != 1 {
		t.Fatalf("begin: %v, %v", begun, err)
	}
}

func finish(ctx context.Context, t *testing.T, s *store.Store, id string, state mail.State, at time.Time) {
	t.Helper()
	begin(ctx, t, s, id, at)
	if err := s.Letters().Finish(ctx, claimOf(id), []string{id}, state, "250", at); err != nil {
		t.Fatal(err)
	}
}

func wantStates(t *testing.T, s *store.Store, m member.Member, want map[mail.State]int) {
	t.Helper()
	letters, err := s.Members().LettersOf(t.Context(), m.ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[mail.State]int)
	for _, l := range letters {
		got[l.State]++
	}
	for _, state := range []mail.State{mail.Waiting, mail.Accepted, mail.Failed, mail.Dropped} {
		if got[state] != want[state] {
			t.Errorf("letters of member %d: got %v, want %v", m.ID, got, want)
			return
		}
	}
}
