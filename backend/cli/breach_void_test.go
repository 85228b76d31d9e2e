package cli

import (
	"testing"
	"time"
)

func TestThePauseAfterAVoidedSetLeavesTheDatabaseAThirdOfTheTimeAndIsShortAfterAStepOfTheClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		took   time.Duration
		voided int64
		want   time.Duration
	}{
		{took: 0, voided: 25, want: 25 * voidEach},
		{took: 2 * time.Millisecond, voided: 25, want: 25*voidEach - 2*time.Millisecond},
		{took: 100 * time.Millisecond, voided: 25, want: 50 * time.Millisecond},
		{took: 3 * time.Millisecond, voided: 0, want: 1500 * time.Microsecond},
		{took: time.Hour, voided: 25, want: longestSet / 2},
		{took: -time.Hour, voided: 25, want: 25 * voidEach},
	} {
		if got := pauseAfterVoidedSet(c.took, c.voided); got != c.want {
			t.Errorf("after a set of %d that took %v: a pause of %v, want %v", c.voided, c.took, got, c.want)
		}
	}
}
