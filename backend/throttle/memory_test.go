package throttle_test

import (
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"aikagi/backend/testkit"
	"aikagi/backend/throttle"
)

// flooded is a throttle in whose table of tenAtOnce there is no room, and whose clock stands still.
func flooded(t *testing.T, before func(*throttle.Throttle)) (*throttle.Throttle, *testkit.Clock) {
	t.Helper()
	clock := testkit.NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC))
	throttled := throttle.New(nil, clock.Now, slog.New(slog.DiscardHandler))
	before(throttled)
	for n := range throttle.MaxNames {
		throttled.Take(t.Context(), fmt.Sprint("flood ", n), tenAtOnce)
	}
	return throttled, clock
}

func nothing(*throttle.Throttle) {}

// takes gives how many of so many tries get through.
func takes(t *testing.T, throttled *throttle.Throttle, key string, limit throttle.Limit, tries int) (through int) {
	t.Helper()
	for range tries {
		if throttled.Take(t.Context(), key, limit) == 0 {
			through++
		}
	}
	return through
}

func heapMiB() float64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc) / (1 << 20)
}

// A million login IDs took 283 MiB.
func TestAFloodOfNamesTakesBoundedMemoryAndGivesItBack(t *testing.T) {
	before := heapMiB()
	throttled, clock := flooded(t, nothing)
	for n := range 2 * throttle.MaxNames {
		throttled.Take(t.Context(), fmt.Sprint("more ", n), tenAtOnce)
	}
	took := heapMiB() - before
	t.Logf("%d names take %.1f MiB", 3*throttle.MaxNames, took)
	if took > 24 {
		t.Errorf("%d names take %.1f MiB, want 24 at most", 3*throttle.MaxNames, took)
	}
	clock.Move(20 * tenAtOnce.Every)
	throttled.Take(t.Context(), "a name afterwards", tenAtOnce)
	if left := heapMiB() - before; left > 1 {
		t.Errorf("%.1f MiB are taken when nothing is counted any more, want 1 at most", left)
	}
	runtime.KeepAlive(throttled)
}

// CVE-2024-21662, whatever the flood.
func TestAFullTableForgetsNoCount(t *testing.T) {
	throttled, _ := flooded(t, func(throttled *throttle.Throttle) {
		if got := takes(t, throttled, "victim", tenAtOnce, 7); got != 7 {
			t.Fatalf("%d of 7 tries got through", got)
		}
	})
	for n := range 2 * throttle.SharedBuckets {
		throttled.Take(t.Context(), fmt.Sprint("more ", n), tenAtOnce)
	}
	if got := takes(t, throttled, "victim", tenAtOnce, 20); got != 3 {
		t.Errorf("after the flood %d tries of a name that was counted before got through, want the 3 that were left", got)
	}
}

func TestAFullTableGivesNoNameMoreThanTheLimit(t *testing.T) {
	throttled, clock := flooded(t, nothing)
	for n := range 1000 {
		name := fmt.Sprint("new ", n)
		if got := takes(t, throttled, name, tenAtOnce, 30); got > 10 {
			t.Fatalf("%d tries of a new name got through, want 10 at most", got)
		}
	}
	// The table has room again: what was counted in shared buckets still counts.
	filled := takes(t, throttled, "victim", tenAtOnce, 30)
	clock.Move(tenAtOnce.Every)
	if got := takes(t, throttled, "victim", tenAtOnce, 30); got > 1 {
		t.Errorf("%d tries got through, and another %d when one was due", filled, got)
	}
	clock.Move(20 * tenAtOnce.Every)
	if got := takes(t, throttled, "victim", tenAtOnce, 30); got != 10 {
		t.Errorf("when nothing counts any more %d tries got through, want 10", got)
	}
}

func TestAFullTableShutsOutHardlyAnyNewName(t *testing.T) {
	throttled, _ := flooded(t, nothing)
	for n := range throttle.SharedBuckets {
		throttled.Take(t.Context(), fmt.Sprint("more ", n), tenAtOnce)
	}
	through := 0
	for n := range 1000 {
		through += takes(t, throttled, fmt.Sprint("member ", n), tenAtOnce, 1)
	}
	if through < 990 {
		t.Errorf("%d of 1000 new names got a try, want nearly all", through)
	}
}

func TestAFloodOfOneLimitLeavesTheOthersAlone(t *testing.T) {
	throttled, _ := flooded(t, nothing)
	other := throttle.Limit{Name: "another", Every: time.Hour, Burst: 10}
	for n := range throttle.SharedBuckets {
		if throttled.Take(t.Context(), fmt.Sprint("other ", n), other) > 0 {
			t.Fatal("a first try of another limit was refused")
		}
	}
	for n := range 1000 { // were they in shared buckets, some would have fewer
		if got := takes(t, throttled, fmt.Sprint("name ", n), other, 20); got != 10 {
			t.Fatalf("%d tries of a name got through, want 10", got)
		}
	}
}

// A shared bucket is also other names' count.
func TestForgivingANameLeavesItsSharedBucketAsItIs(t *testing.T) {
	throttled, _ := flooded(t, nothing)
	takes(t, throttled, "new", tenAtOnce, 20)
	throttled.Forgive(t.Context(), "new", tenAtOnce)
	if got := takes(t, throttled, "new", tenAtOnce, 20); got != 0 {
		t.Errorf("%d tries got through after a shared bucket was forgiven, want none", got)
	}
	throttled.Forgive(t.Context(), "flood 7", tenAtOnce)
	if got := takes(t, throttled, "flood 7", tenAtOnce, 20); got != 10 {
		t.Errorf("%d tries got through after a name's own count was forgiven, want 10", got)
	}
}
