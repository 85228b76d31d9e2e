package cli

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// stepped runs watchClock in a synctest bubble, with a clock that the test can step.
func stepped(t *testing.T, run func(clock *clock, step func(time.Duration), released func() int, fail func(error))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		clock := newClock(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())).UTC().Truncate(time.Microsecond) })
		var releases atomic.Int32
		var failing atomic.Pointer[error]
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go watchClock(ctx, clock, func(_ context.Context, now time.Time) error {
			if !now.Equal(time.Now().Add(time.Duration(ahead.Load())).Truncate(time.Microsecond)) {
				t.Errorf("released as of %s, want the present time", now)
			}
			releases.Add(1)
			if err := failing.Load(); err != nil {
				return *err
			}
			return nil
		}, slog.New(slog.DiscardHandler))
		synctest.Wait()
		run(clock, func(by time.Duration) { ahead.Add(int64(by)) }, func() int { return int(releases.Swap(0)) }, func(err error) {
			if err == nil {
				failing.Store(nil)
			} else {
				failing.Store(&err)
			}
		})
	})
}

func later(by time.Duration) {
	time.Sleep(by)
	synctest.Wait()
}

func TestRowsFromTheFutureAreReleasedAtTheStartAndThenOnlyAfterAStepBack(t *testing.T) {
	stepped(t, func(clock *clock, step func(time.Duration), released func() int, _ func(error)) {
		want := func(what string, want int) {
			t.Helper()
			if got := released(); got != want {
				t.Errorf("%s: released %d times, want %d", what, got, want)
			}
		}
		want("at the start", 1)
		later(time.Hour)
		want("an hour without a step", 0)
		step(2 * time.Hour)
		clock.Now()
		later(time.Hour)
		want("a step forward", 0)
		step(-2 * time.Hour)
		later(time.Hour)
		want("a step back", releasesAfterStep)
		step(-500 * time.Millisecond)
		later(time.Hour)
		want("less than a second back", 0)
		step(time.Minute)
		clock.Now() // a row is written
		step(-time.Minute)
		later(time.Hour)
		want("forward and back between two looks", releasesAfterStep)
		step(time.Minute)
		step(-time.Minute)
		later(time.Hour)
		want("forward and back, and nobody asked for the time", 0)
		for range 3 {
			step(-30 * time.Second)
			later(clockEvery)
		}
		later(time.Hour)
		want("three steps back, soon after one another", releasesAfterStep+2)
	})
}

func TestAReleaseThatFailsIsTriedAgain(t *testing.T) {
	stepped(t, func(_ *clock, step func(time.Duration), released func() int, fail func(error)) {
		released()
		fail(errors.New("no database"))
		step(-time.Hour)
		later(10 * clockEvery)
		if got := released(); got != 10 {
			t.Errorf("released %d times without a database, want one try at each look", got)
		}
		fail(nil)
		later(time.Hour)
		if got := released(); got != releasesAfterStep {
			t.Errorf("released %d times with a database, want %d", got, releasesAfterStep)
		}
	})
}

// A pause of the process between the readings of its two clocks is not a step.
func TestAPauseIsNoStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pause := false
		begun := time.Now()
		clock := newClock(func() time.Time {
			now := time.Now()
			if pause {
				time.Sleep(time.Minute)
			}
			return now
		})
		clock.elapsed = func() time.Duration {
			elapsed := time.Since(begun)
			if pause {
				time.Sleep(time.Minute)
			}
			return elapsed
		}
		for range 3 {
			pause = true
			clock.Now()
			if clock.steppedBack() {
				t.Error("a pause was taken for a step")
			}
			pause = false
			if clock.steppedBack() {
				t.Error("a pause before was taken for a step")
			}
		}
	})
}
