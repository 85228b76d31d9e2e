package throttle_test

import (
	"testing"
	"time"

	"aikagi/backend/testkit"
	"aikagi/backend/throttle"
)

// SPEC 4 fixes the limits by client address. SECURITY.md computes with the others.
func TestEachLimitAllowsItsBurstAndThenOneTryPerInterval(t *testing.T) {
	for _, each := range []struct {
		limit throttle.Limit
		burst int
		every time.Duration
	}{
		{throttle.RecoveriesByClient, 30, 2 * time.Second},
		{throttle.SignInsByClient, 60, time.Second},
		{throttle.RedemptionsByClient, 60, time.Second},
		{throttle.LettersByRecovery, 30, 30 * time.Second},
		{throttle.RedemptionsByRecovery, 60, 10 * time.Second},
		{throttle.SignInsByLoginID[0], 10, 30 * time.Second},
		{throttle.SignInsByLoginID[1], 30, 5 * time.Minute},
		{throttle.SignInsByDevice[0], 10, 30 * time.Second},
		{throttle.SignInsByDevice[1], 30, 5 * time.Minute},
	} {
		clock := testkit.NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC))
		throttled := throttle.NewSized(clock.Now, names, buckets)
		if got := countAllowed(t, throttled, "key", each.limit, 100); got != each.burst {
			t.Errorf("%s: %d tries at once, want %d", each.limit.Name, got, each.burst)
		}
		if got := throttled.Take(t.Context(), "key", each.limit); got != each.every {
			t.Errorf("%s: the next try has to wait %s, want %s", each.limit.Name, got, each.every)
		}
	}
}

func TestATryIsChargedToEveryLimit(t *testing.T) {
	clock := testkit.NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC))
	throttled := throttle.NewSized(clock.Now, names, buckets)
	wide := throttle.Limit{Name: "wide", Every: time.Second, Burst: 5}
	narrow := throttle.Limit{Name: "narrow", Every: time.Hour, Burst: 2}
	for n, want := range []time.Duration{0, 0, time.Hour} {
		if got := throttled.Take(t.Context(), "key", wide, narrow); got != want {
			t.Errorf("try %d: got a wait of %s, want %s", n+1, got, want)
		}
	}
}
