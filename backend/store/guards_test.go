package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

func TestOneOfManyUsesAnIssuance(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		issuance := addIssuance(t, s, enrol(t, s, "taro"))
		got := countWinners(t, func(int) (bool, error) { return s.Recoveries().UseIssuance(t.Context(), issuance.ID, 1, now) })
		if got != 1 {
			t.Errorf("used %d times, want once", got)
		}
		if found, err := s.Recoveries().Issuance(t.Context(), issuance.ID); err != nil || found.UsedAt == nil || !found.UsedAt.Equal(now) {
			t.Errorf("got %+v, %v; want used at %s", found, err, now)
		}
		_, err := s.Recoveries().LiveIssuance(t.Context(), issuance.MemberID)
		wantNotFound(t, "a used issuance as the live one", err)
		renewed, err := setExpiry(t, s, issuance, now.Add(2*time.Hour))
		wantNone(t, "renewing a used one", renewed, err)
	})
}

func TestAnIssuanceThatDoesNotLiveIsNotUsed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, recoveries := t.Context(), s.Recoveries()
		issuance := addIssuance(t, s, enrol(t, s, "taro"))
		unmailed := newIssuance(enrol(t, s, "hanako"))
		if err := recoveries.AddIssuances(ctx, []recovery.Issuance{unmailed}); err != nil {
			t.Fatal(err)
		}
		used, err := recoveries.UseIssuance(ctx, unmailed.ID, 1, now)
		wantNone(t, "never mailed", used, err)
		used, err = recoveries.UseIssuance(ctx, issuance.ID, 2, now)
		wantNone(t, "of another password version", used, err)
		used, err = recoveries.UseIssuance(ctx, issuance.ID, 1, now.Add(time.Hour))
		wantNone(t, "at its expiry", used, err)
		if err := recoveries.EndIssuances(ctx, []string{issuance.ID}, now); err != nil {
			t.Fatal(err)
		}
		used, err = recoveries.UseIssuance(ctx, issuance.ID, 1, now)
		wantNone(t, "ended", used, err)
		renewed, err := setExpiry(t, s, issuance, now.Add(2*time.Hour))
		wantNone(t, "renewing an ended one", renewed, err)
		_, err = recoveries.LiveIssuance(ctx, issuance.MemberID)
		wantNotFound(t, "an ended one as the live one", err)
	})
}

func TestEndingAUsedIssuanceLeavesItUsed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		issuance := addIssuance(t, s, enrol(t, s, "taro"))
		if used, err := s.Recoveries().UseIssuance(t.Context(), issuance.ID, 1, now); err != nil || !used {
			t.Fatalf("use: %v, %v", used, err)
		}
		if err := s.Recoveries().EndIssuances(t.Context(), []string{issuance.ID}, now); err != nil {
			t.Fatal(err)
		}
		if found, err := s.Recoveries().Issuance(t.Context(), issuance.ID); err != nil || found.EndedAt != nil {
			t.Errorf("got %+v, %v; want used and not ended", found, err)
		}
	})
}

func TestNoMoreGuessesAreCountedThanThereAre(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, recoveries := t.Context(), s.Recoveries()
		r := addAsk(t, s, "taro", now)
		if got := countWinners(t, func(int) (bool, error) { return recoveries.CountGuess(ctx, r.ID, now) }); got != recovery.MaxGuesses {
			t.Errorf("counted %d guesses, want %d", got, recovery.MaxGuesses)
		}
		if got := readRecovery(t, s, r.ID).Guesses; got != recovery.MaxGuesses {
			t.Errorf("the row has %d guesses, want %d", got, recovery.MaxGuesses)
		}
		countWinners(t, func(int) (bool, error) { return false, recoveries.UncountGuess(ctx, r.ID) })
		if got := readRecovery(t, s, r.ID).Guesses; got != 0 {
			t.Errorf("after taking back more than there were: got %d guesses, want 0", got)
		}
		counted, err := recoveries.CountGuess(ctx, r.ID, r.GoneAt)
		wantNone(t, "a guess at a recovery that is gone", counted, err)
		counted, err = recoveries.CountGuess(ctx, newAsk("taro", now).ID, now)
		wantNone(t, "a guess at no recovery", counted, err)
	})
}

func TestOneOfManySetsAPassword(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		void(t, s, m)
		got := countWinners(t, func(i int) (bool, error) {
			return s.Recoveries().SetPassword(t.Context(), m.ID, 2, fmt.Sprintf("hash %d", i), now)
		})
		if got != 1 {
			t.Errorf("set %d times, want once", got)
		}
		after, err := s.Recoveries().Member(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if after.PasswordVersion != 3 || !strings.HasPrefix(after.PasswordHash, "hash ") || after.VoidedAt != nil ||
			after.PasswordChangedAt == nil || !after.PasswordChangedAt.Equal(now) {
			t.Errorf("got %+v; want version 3, a new hash, no void, changed now", after)
		}
	})
}

func TestASuspendedMembersPasswordIsNotSet(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		applyChange(t, s, m, store.MemberChange{Kind: member.WasSuspended})
		set, err := s.Recoveries().SetPassword(t.Context(), m.ID, 2, "new hash", now)
		wantNone(t, "suspended", set, err)
		set, err = s.Logins().SetPassword(t.Context(), m.ID+1, 1, "new hash", now)
		wantNone(t, "nobody", set, err)
	})
}

func TestOneOfManyRehashes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		got := countWinners(t, func(i int) (bool, error) {
			return s.Logins().Rehash(t.Context(), m.ID, "first hash", fmt.Sprintf("hash %d", i))
		})
		if got != 1 {
			t.Errorf("rehashed %d times, want once", got)
		}
		if after, err := s.Logins().Member(t.Context(), m.ID); err != nil || after.PasswordVersion != 1 {
			t.Errorf("got version %d, %v; want 1: it is the same password", after.PasswordVersion, err)
		}
	})
}

func TestAGrantHasItsTriesAndIsCompletedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, recoveries := t.Context(), s.Recoveries()
		r, hash, other := addAsk(t, s, "taro", now), strings.Repeat("a", 64), strings.Repeat("b", 64)
		expiry := now.Add(recovery.GrantLifetime)
		if err := recoveries.OpenGrant(ctx, r.ID, recovery.OpenedGrant{Hash: hash, PasswordVersion: 1, ExpiresAt: expiry}, now); err != nil {
			t.Fatal(err)
		}
		try := func(hash string, at time.Time) (bool, error) { return recoveries.CountTry(ctx, r.ID, hash, at) }
		if got := countWinners(t, func(int) (bool, error) { return try(hash, now) }); got != recovery.MaxGrantTries {
			t.Errorf("counted %d tries, want %d", got, recovery.MaxGrantTries)
		}
		uncountTry(ctx, t, recoveries, r.ID, other)
		counted, err := try(hash, now)
		wantNone(t, "a try after another grant gave one back", counted, err)
		uncountTry(ctx, t, recoveries, r.ID, hash)
		counted, err = try(other, now)
		wantNone(t, "a try with another grant", counted, err)
		counted, err = try(hash, expiry)
		wantNone(t, "a try when the grant is over", counted, err)
		if counted, err = try(hash, now); err != nil || !counted {
			t.Errorf("the try given back: got %v, %v", counted, err)
		}

		completed, err := recoveries.Complete(ctx, r.ID, other, now)
		wantNone(t, "completing with another grant", completed, err)
		if got := countWinners(t, func(int) (bool, error) { return recoveries.Complete(ctx, r.ID, hash, now) }); got != 1 {
			t.Errorf("completed %d times, want once", got)
		}
		uncountTry(ctx, t, recoveries, r.ID, hash)
		counted, err = try(hash, now)
		wantNone(t, "a try after the completion", counted, err)
	})
}

func TestANewGrantTakesThePlaceOfTheOld(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, recoveries := t.Context(), s.Recoveries()
		r, old, fresh := addAsk(t, s, "taro", now), strings.Repeat("a", 64), strings.Repeat("b", 64)
		if err := recoveries.OpenGrant(ctx, r.ID, recovery.OpenedGrant{
			Hash: old, PasswordVersion: 1, IssuanceID: "FIRST", KeyName: "first", ExpiresAt: now.Add(time.Minute),
		}, now); err != nil {
			t.Fatal(err)
		}
		if completed, err := recoveries.Complete(ctx, r.ID, old, now); err != nil || !completed {
			t.Fatalf("complete: %v, %v", completed, err)
		}
		later := now.Add(time.Hour)
		if err := recoveries.OpenGrant(ctx, r.ID, recovery.OpenedGrant{
			Hash: fresh, PasswordVersion: 2, IssuanceID: "SECOND", KeyName: "second", ExpiresAt: later.Add(time.Minute),
		}, later); err != nil {
			t.Fatal(err)
		}
		got := readRecovery(t, s, r.ID)
		if got.GrantHash != fresh || got.GrantVersion != 2 || got.GrantIssuanceID != "SECOND" || got.GrantKeyName != "second" || got.GrantTries != 0 || got.CompletedAt != nil ||
			!got.GrantExpiresAt.Equal(later.Add(time.Minute)) || got.RedeemedAt == nil || !got.RedeemedAt.Equal(later) {
			t.Errorf("got %+v", got)
		}
		counted, err := recoveries.CountTry(ctx, r.ID, old, later)
		wantNone(t, "a try with the old grant", counted, err)
	})
}

func uncountTry(ctx context.Context, t *testing.T, recoveries *store.Recoveries, id recovery.ID, hash string) {
	t.Helper()
	if err := recoveries.UncountTry(ctx, id, hash); err != nil {
		t.Fatal(err)
	}
}

func applyChange(t *testing.T, s *store.Store, m member.Member, change store.MemberChange) {
	t.Helper()
	if changed, err := s.Members().Do(t.Context(), m.ID, change, now); err != nil || !changed {
		t.Fatalf("%s: %v, %v", change.Kind, changed, err)
	}
}

func void(t *testing.T, s *store.Store, m member.Member) {
	t.Helper()
	applyChange(t, s, m, store.MemberChange{Kind: member.Voided})
}

func TestOneOfManyVoidsAPasswordOfItsVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		voided, err := s.Recoveries().VoidPassword(t.Context(), m.ID, 2, now)
		wantNone(t, "another version", voided, err)
		if got := countWinners(t, func(int) (bool, error) { return s.Recoveries().VoidPassword(t.Context(), m.ID, 1, now) }); got != 1 {
			t.Errorf("voided %d times, want once", got)
		}
		after, err := s.Recoveries().Member(t.Context(), m.ID)
		if err != nil || after.PasswordVersion != 2 || after.VoidedAt == nil || !after.VoidedAt.Equal(now) || after.PasswordHash != m.PasswordHash {
			t.Errorf("got %+v, %v; want version 2, void since now, the hash kept", after, err)
		}
	})
}
