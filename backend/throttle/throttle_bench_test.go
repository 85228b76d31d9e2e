package throttle_test

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"aikagi/backend/throttle"
)

// BenchmarkTake counts in memory: one key again and again, and a new key each time, as in a flood of login IDs.
func BenchmarkTake(b *testing.B) {
	n := 0
	for name, key := range map[string]func() string{
		"one key":  func() string { return "key" },
		"new keys": func() string { n++; return strconv.Itoa(n) },
	} {
		limits := throttle.New(nil, time.Now, slog.New(slog.DiscardHandler))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				limits.Take(context.Background(), key(), tenAtOnce)
			}
		})
	}
}
