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

// The sizes of the tables in these tests, except in the one that measures memory.
const (
	names   = 4096
	buckets = 2048
)

// flooded returns a Throttle whose table of tenAtOnce is full. It calls before first. Its clock moves only with Move.
func flooded(t *testing.T, before func(*throttle.Throttle)) (*throttle.Throttle, *testkit.Clock) {
	t.Helper()
	clock := testkit.NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC))
	throttled := throttle.NewSized(clock.Now, names, buckets)
	before(throttled)
	flood(t, throttled, "flood", names)
	return throttled, clock
}

// flood tries count names once each.
func flood(t *testing.T, throttled *throttle.Throttle, prefix string, count int) {
	t.Helper()
	for n := range count {
		throttled.Take(t.Context(), fmt.Sprint(prefix, n), tenAtOnce)
	}
}

func nothing(*throttle.Throttle) {}

// countAllowed returns how many of the tries are allowed.
func countAllowed(t *testing.T, throttled *throttle.Throttle, key string, limit throttle.Limit, tries int) (allowed int) {
	t.Helper()
	for range tries {
		if throttled.Take(t.Context(), key, limit) == 0 {
			allowed++
		}
	}
	return allowed
}

func heapMiB() float64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc) / (1 << 20)
}

// Without a bound a million login IDs took 283 MiB.
func TestAFloodOfNamesTakesBoundedMemoryAndReleasesIt(t *testing.T) {
	before := heapMiB()
	clock := testkit.NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC))
	throttled := throttle.New(nil, clock.Now, slog.New(slog.DiscardHandler))
	const count = 2 * throttle.MaxNames // these take 36 MiB without the bound
	flood(t, throttled, "flood", count)
	took := heapMiB() - before
	t.Logf("%d names take %.1f MiB", count, took)
	if took > 24 {
		t.Errorf("%d names take %.1f MiB, want 24 at most", count, took)
	}
	clock.Move(20 * tenAtOnce.Every)
	throttled.Take(t.Context(), "a name afterwards", tenAtOnce)
	if left := heapMiB() - before; left > 1 {
		t.Errorf("%.1f MiB are taken when nothing is counted any more, want 1 at most", left)
	}
	runtime.KeepAlive(throttled)
}

// A flood evicted counts in Argo CD (CVE-2024-21662).
func TestAFullTableEvictsNoCount(t *testing.T) {
	throttled, _ := flooded(t, func(throttled *throttle.Throttle) {
		if got := countAllowed(t, throttled, "victim", tenAtOnce, 7); got != 7 {
			t.Fatalf("%d of 7 tries got through", got)
		}
	})
	flood(t, throttled, "more", 2*buckets)
	if got := countAllowed(t, throttled, "victim", tenAtOnce, 20); got != 3 {
		t.Errorf("after the flood %d tries of a name that was counted before got through, want the 3 that were left", got)
	}
}

func TestAServerHasAtLeast65536SharedBuckets(t *testing.T) {
	if throttle.SharedBuckets < 65_536 {
		t.Errorf("got %d, want 65536 at least", throttle.SharedBuckets)
	}
}

func TestAFullTableGivesNoNameMoreThanTheLimit(t *testing.T) {
	throttled, clock := flooded(t, nothing)
	for n := range 1000 {
		name := fmt.Sprint("new ", n)
		if got := countAllowed(t, throttled, name, tenAtOnce, 30); got > 10 {
			t.Fatalf("%d tries of a new name got through, want 10 at most", got)
		}
	}
	// When the table has space again, the tries in shared buckets still count.
	filled := countAllowed(t, throttled, "victim", tenAtOnce, 30)
	clock.Move(tenAtOnce.Every)
	if got := countAllowed(t, throttled, "victim", tenAtOnce, 30); got > 1 {
		t.Errorf("%d tries got through, and another %d when one was due", filled, got)
	}
	clock.Move(20 * tenAtOnce.Every)
	if got := countAllowed(t, throttled, "victim", tenAtOnce, 30); got != 10 {
		t.Errorf("when nothing counts any more %d tries got through, want 10", got)
	}
}

func TestAFullTableRefusesHardlyAnyNewName(t *testing.T) {
	throttled, _ := flooded(t, nothing)
	flood(t, throttled, "more", buckets)
	through := 0
	for n := range 1000 {
		through += countAllowed(t, throttled, fmt.Sprint("member ", n), tenAtOnce, 1)
	}
	if through < 990 {
		t.Errorf("%d of 1000 new names got a try, want nearly all", through)
	}
}

func TestAFloodOfOneLimitDoesNotAffectTheOthers(t *testing.T) {
	throttled, _ := flooded(t, nothing)
	other := throttle.Limit{Name: "another", Every: time.Hour, Burst: 10}
	for n := range 1000 { // in shared buckets some would have fewer
		if got := countAllowed(t, throttled, fmt.Sprint("name ", n), other, 20); got != 10 {
			t.Fatalf("%d tries of a name got through, want 10", got)
		}
	}
}

// The table has one name and one shared bucket. Each bucket is empty after 10 s, the interval of the sweep.
func TestAnEmptyBucketLeavesTheTable(t *testing.T) {
	clock := testkit.NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC))
	throttled := throttle.NewSized(clock.Now, 1, 1)
	once := throttle.Limit{Name: "once", Every: 10 * time.Second, Burst: 1}
	for round := range 3 {
		// The first name takes the table, the second the shared bucket, and the third finds that bucket full.
		for n, want := range []time.Duration{0, 0, once.Every} {
			if got := throttled.Take(t.Context(), fmt.Sprint("name ", round, n), once); got != want {
				t.Errorf("round %d, name %d: got a wait of %s, want %s", round, n, got, want)
			}
		}
		clock.Move(once.Every)
	}
}

// A shared bucket counts other names too.
func TestResetLeavesASharedBucketUnchanged(t *testing.T) {
	throttled, _ := flooded(t, nothing)
	countAllowed(t, throttled, "new", tenAtOnce, 20)
	throttled.Reset(t.Context(), "new", tenAtOnce)
	if got := countAllowed(t, throttled, "new", tenAtOnce, 20); got != 0 {
		t.Errorf("%d tries got through after the reset of a name in a shared bucket, want none", got)
	}
	throttled.Reset(t.Context(), "flood7", tenAtOnce)
	if got := countAllowed(t, throttled, "flood7", tenAtOnce, 20); got != 10 {
		t.Errorf("%d tries got through after the reset of a name's own bucket, want 10", got)
	}
}
