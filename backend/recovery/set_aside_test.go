package recovery

import (
	"testing"
	"time"
)

func TestEachWaitOfAnAskThatIsSetAsideIsTwiceTheLastUpToAMinute(t *testing.T) {
	for times, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60} {
		if got := setAsideFor(times); got != want*time.Second {
			t.Errorf("after %d times: got %s, want %s", times, got, want*time.Second)
		}
	}
	if got := setAsideFor(1 << 30); got != time.Minute {
		t.Errorf("got %s, want a minute", got)
	}
}
