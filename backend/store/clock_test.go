package store_test

import (
	"testing"
	"time"

	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

func TestNothingWaitsForAClockThatSteppedBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		before, after := now.Add(2*time.Hour), now
		addAsk(t, s, "nobody", before)
		addLetter(t, s, m, recovery.PasswordChangedNotice, before) // due later than any try can be
		held := addLetter(t, s, m, recovery.PasswordChangedNotice, after)
		asks, err := s.Recoveries().ClaimUnresolved(ctx, "gone", before, before, before.Add(10*time.Second), 10)
		if err != nil || len(asks) != 1 {
			t.Fatalf("got %d asks, %v", len(asks), err)
		}
		if letters, err := s.Letters().ClaimDue(ctx, "gone", after, before, 10); err != nil || len(letters) != 1 || letters[0].ID != held.ID {
			t.Fatalf("got %v, %v; want the letter that is due", letters, err)
		}

		if err := s.ReleaseFutureRows(ctx, after); err != nil {
			t.Fatal(err)
		}

		if asks, err := s.Recoveries().ClaimUnresolved(ctx, "mine", after, after, after.Add(10*time.Second), 10); err != nil || len(asks) != 1 {
			t.Errorf("got %d asks, %v; want the one whose claim lay two hours ahead", len(asks), err)
		}
		if letters, err := s.Letters().ClaimDue(ctx, "mine", after, after.Add(10*time.Second), 10); err != nil || len(letters) != 2 {
			t.Errorf("got %d letters, %v; want the claimed one and the one due in two hours", len(letters), err)
		}
	})
}

func TestRowsThatMayLieInTheFutureAreLeft(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		addAsk(t, s, "nobody", now)
		addLetter(t, s, m, recovery.PasswordChangedNotice, now.Add(9*time.Minute)) // for its next try
		if asks, err := s.Recoveries().ClaimUnresolved(ctx, "other", now, now, now.Add(20*time.Second), 10); err != nil || len(asks) != 1 {
			t.Fatalf("got %d asks, %v", len(asks), err)
		}

		if err := s.ReleaseFutureRows(ctx, now); err != nil {
			t.Fatal(err)
		}

		if asks, err := s.Recoveries().ClaimUnresolved(ctx, "mine", now, now, now.Add(10*time.Second), 10); err != nil || len(asks) != 0 {
			t.Errorf("got %d asks, %v; want none: another server holds it", len(asks), err)
		}
		if letters, err := s.Letters().ClaimDue(ctx, "mine", now, now.Add(10*time.Second), 10); err != nil || len(letters) != 0 {
			t.Errorf("got %d letters, %v; want none: it is not due", len(letters), err)
		}
	})
}

// A server whose clock was two hours ahead has claimed an ask and has stopped. No clock has stepped back.
func TestAnAskIsNotHeldByAClaimFromTheFuture(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		r := addAsk(t, s, "nobody", now)
		if ids, err := claimAsks(t, s)("gone", now.Add(2*time.Hour), 10); err != nil || len(ids) != 1 {
			t.Fatalf("claimed %v, %v", ids, err)
		}
		if ids, err := claimAsks(t, s)("mine", now.Add(time.Second), 10); err != nil || len(ids) != 1 || ids[0] != string(r.ID) {
			t.Errorf("got %v, %v; want it claimed", ids, err)
		}
	})
}
