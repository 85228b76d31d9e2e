package store_test

import (
	"crypto/rand"
	"slices"
	"sync"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// claimedFor is the duration of claims in these tests.
const claimedFor = 10 * time.Second

// claimFunc claims rows of one kind, and returns their ids.
type claimFunc func(claim string, at time.Time, limit int) ([]string, error)

func claimAsks(t *testing.T, s *store.Store) claimFunc {
	return func(claim string, at time.Time, limit int) ([]string, error) {
		rows, err := s.Recoveries().ClaimUnresolved(t.Context(), claim, at, at, at.Add(claimedFor), limit)
		ids := make([]string, len(rows))
		for i, row := range rows {
			ids[i] = string(row.ID)
		}
		return ids, err
	}
}

func claimLetters(t *testing.T, s *store.Store) claimFunc {
	return func(claim string, at time.Time, limit int) ([]string, error) {
		rows, err := s.Letters().ClaimDue(t.Context(), claim, at, at.Add(claimedFor), limit)
		ids := make([]string, len(rows))
		for i, row := range rows {
			ids[i] = row.ID
		}
		return ids, err
	}
}

// onBothKinds runs a test of claims with asks and with letters. add adds a row that waits from a time on.
func onBothKinds(t *testing.T, run func(t *testing.T, claim claimFunc, add func(at time.Time) string)) {
	t.Helper()
	t.Run("asks", func(t *testing.T) {
		onBoth(t, func(t *testing.T, s *store.Store) {
			run(t, claimAsks(t, s), func(at time.Time) string { return string(addAsk(t, s, "taro", at).ID) })
		})
	})
	t.Run("letters", func(t *testing.T) {
		onBoth(t, func(t *testing.T, s *store.Store) {
			m := enrol(t, s, "taro")
			run(t, claimLetters(t, s), func(at time.Time) string { return addLetter(t, s, m, recovery.PasswordChangedNotice, at).ID })
		})
	})
}

func TestNoRowIsClaimedTwice(t *testing.T) {
	onBothKinds(t, func(t *testing.T, claim claimFunc, add func(time.Time) string) {
		const rows, claimers = 60, 8
		for range rows {
			add(now)
		}
		var mu sync.Mutex
		times := make(map[string]int)
		var group sync.WaitGroup
		start := make(chan struct{})
		for range claimers {
			group.Go(func() {
				<-start
				own := rand.Text()
				for range rows { // a claim may get no rows if others were faster
					ids, err := claim(own, now, 7)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, id := range ids {
						times[id]++
					}
					mu.Unlock()
				}
			})
		}
		close(start)
		group.Wait()
		if len(times) != rows {
			t.Errorf("claimed %d rows, want all %d", len(times), rows)
		}
		for id, n := range times {
			if n != 1 {
				t.Errorf("%s was claimed %d times", id, n)
			}
		}
	})
}

func TestAClaimThatRanOutIsTakenOver(t *testing.T) {
	onBothKinds(t, func(t *testing.T, claim claimFunc, add func(time.Time) string) {
		id := add(now)
		want := func(what, by string, at time.Time, want int) {
			t.Helper()
			ids, err := claim(by, at, 10)
			if err != nil || len(ids) != want || want == 1 && ids[0] != id {
				t.Errorf("%s: got %v, %v; want %d", what, ids, err, want)
			}
		}
		want("the first", "first", now, 1)
		want("another while it lasts", "second", now.Add(claimedFor-time.Microsecond), 0)
		want("another when it ran out", "second", now.Add(claimedFor), 1)
	})
}

func TestTheLongestWaitingAreClaimedFirst(t *testing.T) {
	onBothKinds(t, func(t *testing.T, claim claimFunc, add func(time.Time) string) {
		third, first, second := add(now.Add(2*time.Millisecond)), add(now), add(now.Add(time.Microsecond))
		ids, err := claim("first", now.Add(time.Second), 2)
		if err != nil || len(ids) != 2 || ids[0] != first || ids[1] != second {
			t.Errorf("got %v, %v; want %s, %s", ids, err, first, second)
		}
		ids, err = claim("second", now.Add(time.Second), 2)
		if err != nil || len(ids) != 1 || ids[0] != third {
			t.Errorf("got %v, %v; want %s", ids, err, third)
		}
	})
}

func TestAnAskIsClosedByItsClaimOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, recoveries, m := t.Context(), s.Recoveries(), enrol(t, s, "taro")
		decoy, matched, to := addAsk(t, s, "nobody", now), addAsk(t, s, "taro", now), newIssuance(m)
		if ids, err := claimAsks(t, s)("mine", now, 10); err != nil || len(ids) != 2 {
			t.Fatalf("claim: %v, %v", ids, err)
		}
		closeBoth := func(claim string) bool {
			t.Helper()
			decoys, err := recoveries.CloseDecoys(ctx, claim, []recovery.ID{decoy.ID}, recovery.UnknownLoginID, recovery.SkipLocked)
			if err != nil {
				t.Fatal(err)
			}
			matches, err := recoveries.CloseMatched(ctx, claim, []recovery.Closing{{ID: matched.ID, Outcome: recovery.LetterSent, To: to}})
			if err != nil {
				t.Fatal(err)
			}
			if decoys != matches {
				t.Errorf("closed %d decoys and %d matches", decoys, matches)
			}
			return matches == 1
		}
		if closeBoth("another's") || readRecovery(t, s, decoy.ID).Outcome != "" || readRecovery(t, s, matched.ID).IssuanceID == to.ID {
			t.Error("another claim closed an ask")
		}
		if !closeBoth("mine") {
			t.Error("the claim's holder could not close its ask")
		}
		if got := readRecovery(t, s, decoy.ID); got.Outcome != recovery.UnknownLoginID || got.IssuanceID != decoy.IssuanceID {
			t.Errorf("the decoy: got %+v", got)
		}
		got := readRecovery(t, s, matched.ID)
		if got.Outcome != recovery.LetterSent || got.IssuanceID != to.ID || got.MemberID != m.ID || got.KeyName != to.KeyName {
			t.Errorf("the matched: got %+v", got)
		}
		if closeBoth("mine") {
			t.Error("an ask was closed twice")
		}
		wantUnresolved(t, s)
	})
}

func TestAskingAgainDuringAClaimIsNotLost(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, recoveries, m := t.Context(), s.Recoveries(), enrol(t, s, "taro")
		r := addAsk(t, s, "taro", now)
		if ids, err := claimAsks(t, s)("first", now, 10); err != nil || len(ids) != 1 {
			t.Fatalf("claim: %v, %v", ids, err)
		}
		if again, err := recoveries.AskAgain(ctx, r.ID, now.Add(time.Second)); err != nil || !again {
			t.Fatalf("ask again: %v, %v", again, err)
		}
		closed, err := recoveries.CloseMatched(ctx, "first", []recovery.Closing{{ID: r.ID, Outcome: recovery.LetterSent, To: newIssuance(m)}})
		wantNone(t, "closing what was asked again", closed != 0, err)
		closed, err = recoveries.CloseDecoys(ctx, "first", []recovery.ID{r.ID}, recovery.UnknownLoginID, recovery.SkipLocked)
		wantNone(t, "closing it as a decoy", closed != 0, err)
		closed, err = recoveries.SetAside(ctx, "first", []recovery.ID{r.ID}, now.Add(time.Hour))
		wantNone(t, "setting it aside", closed != 0, err)
		wantUnresolved(t, s, recovery.Unresolved{ID: r.ID, Since: now})
		if ids, err := claimAsks(t, s)("second", now.Add(time.Second), 10); err != nil || len(ids) != 1 {
			t.Errorf("got %v, %v; want it claimed at once", ids, err)
		}
	})
}

func TestAskingAgainMakesAnAnsweredAskUnresolvedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, recoveries := t.Context(), s.Recoveries()
		r := addAsk(t, s, "nobody", now)
		if _, err := claimAsks(t, s)("first", now, 10); err != nil {
			t.Fatal(err)
		}
		if closed, err := recoveries.CloseDecoys(ctx, "first", []recovery.ID{r.ID}, recovery.UnknownLoginID, recovery.SkipLocked); err != nil || closed != 1 {
			t.Fatalf("closed %d, %v", closed, err)
		}
		later := now.Add(time.Hour)
		if again, err := recoveries.AskAgain(ctx, r.ID, later); err != nil || !again {
			t.Fatalf("ask again: %v, %v", again, err)
		}
		wantUnresolved(t, s, recovery.Unresolved{ID: r.ID, Since: later})
		again, err := recoveries.AskAgain(ctx, r.ID, r.GoneAt)
		wantNone(t, "asking again through what is gone", again, err)
	})
}

// A row that another transaction has locked is not claimed; the rows after it are.
func TestALockedRowHoldsUpNoClaim(t *testing.T) {
	kinds := map[string]struct {
		table string
		claim func(t *testing.T, s *store.Store) claimFunc
		add   func(t *testing.T, s *store.Store, at time.Time) string
	}{
		"asks": {"recoveries", claimAsks, func(t *testing.T, s *store.Store, at time.Time) string { return string(addAsk(t, s, "taro", at).ID) }},
		"letters": {"letters", claimLetters, func(t *testing.T, s *store.Store, at time.Time) string {
			return addLetter(t, s, member.Member{ID: 1}, recovery.PasswordChangedNotice, at).ID
		}},
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			settings := testkit.MySQL(t)
			s, db := testkit.Open(t, settings), raw(t, settings)
			first, second := kind.add(t, s, now), kind.add(t, s, now.Add(time.Second))
			other, err := db.BeginTx(t.Context(), nil)
			must(t, err)
			var id string
			must(t, other.QueryRowContext(t.Context(), "SELECT id FROM "+kind.table+" WHERE id = ? FOR UPDATE", first).Scan(&id))
			claim := kind.claim(t, s)
			want := func(what string, want ...string) {
				t.Helper()
				ids, err := claim(rand.Text(), now.Add(time.Minute), 1)
				if err != nil || !slices.Equal(ids, want) {
					t.Errorf("%s: got %v, %v; want %v", what, ids, err, want)
				}
			}
			want("one is locked", second)
			want("only the locked one is left")
			must(t, other.Rollback())
			want("it is unlocked", first)
		})
	}
}

// wantUnresolved compares all unresolved asks, oldest first.
func wantUnresolved(t *testing.T, s *store.Store, want ...recovery.Unresolved) {
	t.Helper()
	got, err := s.Recoveries().Unresolved(t.Context(), 1000)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("unresolved: got %v, %v; want %v", got, err, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnAskIsClaimedWhenItHasWaitedForAWhile(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		old, young := addAsk(t, s, "old", now), addAsk(t, s, "young", now.Add(time.Millisecond))
		asks, err := s.Recoveries().ClaimUnresolved(t.Context(), "mine", now, now.Add(time.Second), now.Add(time.Minute), 10)
		if err != nil || len(asks) != 1 || asks[0].ID != old.ID {
			t.Errorf("got %v, %v; want the one that has waited", asks, err)
		}
		asks, err = s.Recoveries().ClaimUnresolved(t.Context(), "mine", now.Add(time.Millisecond), now.Add(time.Second), now.Add(time.Minute), 10)
		if err != nil || len(asks) != 1 || asks[0].ID != young.ID {
			t.Errorf("later: got %v, %v; want the other", asks, err)
		}
	})
}
