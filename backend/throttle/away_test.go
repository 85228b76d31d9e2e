package throttle_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	storage "github.com/gofiber/storage/redis/v3"
	"github.com/redis/go-redis/v9"

	"aikagi/backend/testkit"
	"aikagi/backend/throttle"
)

// awayRedis returns a Redis that cannot be reached, and the number of dials.
func awayRedis(t *testing.T) (*storage.Storage, *int) {
	t.Helper()
	dials := 0
	client := redis.NewClient(&redis.Options{
		MaxRetries: -1, DialerRetries: 1, DialerRetryTimeout: time.Millisecond,
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			dials++
			return nil, errors.New("away")
		},
	})
	t.Cleanup(func() { _ = client.Close() })
	return storage.NewFromConnection(client), &dials
}

// Without the pause every request would wait for Redis.
func TestARedisThatIsAwayIsNotCalledForTwoSeconds(t *testing.T) {
	clock := testkit.NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC))
	shared, dials := awayRedis(t)
	throttled := throttle.New(shared, clock.Now, slog.New(slog.DiscardHandler))
	for _, step := range []struct {
		move   time.Duration
		called bool
	}{
		{0, true},
		{0, false},
		{2*time.Second - time.Microsecond, false},
		{time.Microsecond, true},
		{time.Second, false},
		{-1001 * time.Millisecond, true}, // the clock stepped back to before the pause began
	} {
		clock.Move(step.move)
		before := *dials
		throttled.Take(t.Context(), "key", throttle.Limit{Name: "many", Every: time.Second, Burst: 100})
		if got := *dials > before; got != step.called {
			t.Errorf("after %s more Redis is called: %v, want %v", step.move, got, step.called)
		}
	}
}

func TestALimitThatCannotBeResetIsLogged(t *testing.T) {
	away, _ := awayRedis(t)
	for name, each := range map[string]struct {
		shared *storage.Storage
		warns  bool
	}{
		"away": {away, true}, "there": {storage.NewFromConnection(testRedis(t)), false},
	} {
		var log strings.Builder
		throttled := throttle.New(each.shared, time.Now, slog.New(slog.NewTextHandler(&log, nil)))
		throttled.Reset(t.Context(), "taro1234", tenAtOnce)
		if got := strings.Contains(log.String(), "level=WARN"); got != each.warns || strings.Contains(log.String(), "taro1234") {
			t.Errorf("%s: got the log %q, want a warning: %v, and no login ID", name, log.String(), each.warns)
		}
	}
}
