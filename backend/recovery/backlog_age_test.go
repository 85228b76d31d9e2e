package recovery

import (
	"testing"
	"time"
)

func TestAHundredAsksThatAreSetAsideDoNotCountForTheBacklog(t *testing.T) {
	asks := make([]Unresolved, MaxSetAside+1)
	for i := range asks {
		asks[i] = Unresolved{Since: noon.Add(time.Duration(i) * time.Second), IsSetAside: true}
	}
	if since, waits := oldestCounted(asks[:MaxSetAside]); waits {
		t.Errorf("of %d asks the one since %s counts, want none", MaxSetAside, since)
	}
	if since, waits := oldestCounted(asks); !waits || !since.Equal(asks[MaxSetAside].Since) {
		t.Errorf("of one more: got %s, %v, want the last", since, waits)
	}
	asks[7].IsSetAside = false
	if since, waits := oldestCounted(asks); !waits || !since.Equal(asks[7].Since) {
		t.Errorf("got %s, %v, want the one that is not set aside", since, waits)
	}
}

func TestRecoveryIsBackloggedWhenTheOldestAskHasWaitedLongerThanHalfAMinute(t *testing.T) {
	var service Service
	if service.isBacklogged(noon) {
		t.Error("backlogged while no ask waits")
	}
	for age, want := range map[time.Duration]bool{0: false, MaxBacklog: false, MaxBacklog + time.Microsecond: true} {
		service.waitingSince.Store(noon.Add(-age).UnixMicro())
		if got := service.isBacklogged(noon); got != want {
			t.Errorf("after %s: got %v, want %v", age, got, want)
		}
	}
}
