package throttle_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	storage "github.com/gofiber/storage/redis/v3"
	"github.com/redis/go-redis/v9"

	"aikagi/backend/testkit"
	"aikagi/backend/throttle"
)

var tenAtOnce = throttle.Limit{Name: "ten at once", Every: time.Hour, Burst: 10}

func testRedis(t *testing.T) redis.UniversalClient {
	t.Helper()
	address, err := url.Parse(os.Getenv("AIKAGI_TEST_REDIS"))
	if err != nil || address.Host == "" {
		t.Fatal("AIKAGI_TEST_REDIS is not the URL of a Redis, such as redis://127.0.0.1:6379: run npm test")
	}
	client := redis.NewClient(&redis.Options{Addr: address.Host, DB: 15})
	t.Cleanup(func() { _ = client.Close() })
	if err := client.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return client
}

// onBoth runs a test in memory and with two servers on one Redis.
func onBoth(t *testing.T, run func(t *testing.T, throttles ...*throttle.Throttle)) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	t.Run("memory", func(t *testing.T) {
		run(t, throttle.New(nil, time.Now, log))
	})
	t.Run("two servers on one redis", func(t *testing.T) {
		client := testRedis(t)
		run(t, throttle.New(storage.NewFromConnection(client), time.Now, log), throttle.New(storage.NewFromConnection(client), time.Now, log))
	})
}

func TestALimitHoldsUnderConcurrencyAndAcrossServers(t *testing.T) {
	onBoth(t, func(t *testing.T, throttles ...*throttle.Throttle) {
		var through atomic.Int32
		var all sync.WaitGroup
		for n := range 200 {
			all.Go(func() {
				if throttles[n%len(throttles)].Take(t.Context(), "key", tenAtOnce) == 0 {
					through.Add(1)
				}
			})
		}
		all.Wait()
		if got := through.Load(); got != 10 {
			t.Errorf("%d got through, want 10", got)
		}
	})
}

func TestATryTooManyWaitsUntilTheReset(t *testing.T) {
	onBoth(t, func(t *testing.T, throttles ...*throttle.Throttle) {
		one := throttle.Limit{Name: "one", Every: time.Minute, Burst: 1}
		last := throttles[len(throttles)-1]
		if wait := throttles[0].Take(t.Context(), "key", one); wait != 0 {
			t.Fatalf("the first try has to wait %s", wait)
		}
		if wait := last.Take(t.Context(), "key", one); wait <= 50*time.Second || wait > time.Minute {
			t.Errorf("the second try has to wait %s, want almost a minute", wait)
		}
		if wait := last.Take(t.Context(), "other", one); wait != 0 {
			t.Errorf("another key has to wait %s", wait)
		}
		for _, server := range throttles { // each also counts in its own memory
			server.Reset(t.Context(), "key", one)
		}
		if wait := throttles[0].Take(t.Context(), "key", one); wait != 0 {
			t.Errorf("after the reset a try has to wait %s", wait)
		}
	})
}

// A flood of other names evicted counts from the cache in Argo CD (CVE-2024-21662).
func TestAFloodOfOtherKeysEvictsNoCount(t *testing.T) {
	onBoth(t, func(t *testing.T, throttles ...*throttle.Throttle) {
		for range 10 {
			throttles[0].Take(t.Context(), "victim", tenAtOnce)
		}
		flood := 100_000
		if len(throttles) > 1 {
			flood = 5_000 // each is a round trip
		}
		for n := range flood {
			throttles[0].Take(t.Context(), fmt.Sprint(n), tenAtOnce)
		}
		if wait := throttles[0].Take(t.Context(), "victim", tenAtOnce); wait == 0 {
			t.Error("the flood freed the victim's count")
		}
	})
}

func TestTriesComeBackOneByOne(t *testing.T) {
	clock := testkit.NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC))
	throttled := throttle.New(nil, clock.Now, slog.New(slog.DiscardHandler))
	limit := throttle.Limit{Name: "three", Every: time.Minute, Burst: 3}
	take := func() bool { return throttled.Take(t.Context(), "key", limit) == 0 }
	for range 3 {
		if !take() {
			t.Fatal("a try of the burst was refused")
		}
	}
	if take() {
		t.Fatal("a fourth try got through")
	}
	for range 5 {
		clock.Move(time.Minute)
		if !take() || take() {
			t.Fatal("want one try a minute, neither none nor two")
		}
	}
	clock.Move(time.Hour)
	for range 3 {
		if !take() {
			t.Fatal("the burst did not come back")
		}
	}
	if take() {
		t.Fatal("more than the burst came back")
	}
}

// Without a correction a caller who has used up a limit would wait until the clock shows the old time again.
func TestAClockThatStepsBackMakesNobodyWaitLonger(t *testing.T) {
	clock := testkit.NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC))
	throttled := throttle.New(nil, clock.Now, slog.New(slog.DiscardHandler))
	limit := throttle.Limit{Name: "three", Every: time.Minute, Burst: 3}
	for range 3 {
		throttled.Take(t.Context(), "key", limit)
	}
	clock.Move(-24 * time.Hour)
	if got, want := throttled.Take(t.Context(), "key", limit), limit.Every; got != want {
		t.Errorf("got a wait of %s, want %s", got, want)
	}
	clock.Move(limit.Every)
	if got := throttled.Take(t.Context(), "key", limit); got != 0 {
		t.Errorf("got a wait of %s, want none", got)
	}
}

func TestARedisWhoseClockStepsBackMakesNobodyWaitLonger(t *testing.T) {
	client := testRedis(t)
	shared, log := storage.NewFromConnection(client), slog.New(slog.DiscardHandler)
	first, second := throttle.New(shared, time.Now, log), throttle.New(shared, time.Now, log)
	first.Take(t.Context(), "key", tenAtOnce)
	key := client.Keys(t.Context(), "aikagi:limit:*").Val()[0]
	if err := client.Set(t.Context(), key, time.Now().Add(1000*time.Hour).UnixMicro(), time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	if got := second.Take(t.Context(), "key", tenAtOnce); got <= 0 || got > tenAtOnce.Every {
		t.Errorf("got a wait of %s, want %s at most", got, tenAtOnce.Every)
	}
}

func TestWithRedisAwayEachServerLimitsAlone(t *testing.T) {
	away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	defer func() { _ = away.Close() }()
	throttled := throttle.New(storage.NewFromConnection(away), time.Now, slog.New(slog.DiscardHandler))
	through := 0
	for range 50 {
		if throttled.Take(context.Background(), "key", tenAtOnce) == 0 {
			through++
		}
	}
	if through != 10 {
		t.Errorf("%d got through, want 10", through)
	}
}

// A Redis that was restarted empty, or that evicts keys, loses the counts.
func TestARedisThatLosesItsKeysGivesNoNewTries(t *testing.T) {
	client := testRedis(t)
	throttled := throttle.New(storage.NewFromConnection(client), time.Now, slog.New(slog.DiscardHandler))
	for range 10 {
		throttled.Take(t.Context(), "key", tenAtOnce)
	}
	if err := client.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if throttled.Take(t.Context(), "key", tenAtOnce) == 0 {
		t.Error("an eleventh try got through after Redis lost its keys")
	}
}

func TestRedisHoldsNoNameInClear(t *testing.T) {
	client := testRedis(t)
	throttle.New(storage.NewFromConnection(client), time.Now, slog.New(slog.DiscardHandler)).Take(t.Context(), "taro1234", tenAtOnce)
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatalf("got %v, %v, want one key", keys, err)
	}
	if ttl := client.PTTL(t.Context(), keys[0]).Val(); ttl <= 0 {
		t.Errorf("the key has a TTL of %s, want one", ttl)
	}
	if keys[0] != "aikagi:limit:"+keys[0][len("aikagi:limit:"):] || len(keys[0]) != len("aikagi:limit:")+32 {
		t.Errorf("got %q, want a hash", keys[0])
	}
}
