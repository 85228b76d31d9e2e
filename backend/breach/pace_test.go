package breach

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// simulate runs a breach on two servers and returns when each notice left. The mail server takes every notice at the next tick,
// except while it is away.
func simulate(b Breach, seed uint64, away func(time.Duration) bool, lasts time.Duration) (left []time.Duration) {
	random := rand.New(rand.NewPCG(seed, 1))
	start := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	due := int64(0)
	for at := time.Duration(0); at < lasts; at += tick/2 + time.Duration(random.Int64N(int64(tick/2))) { // the ticks of two servers together
		if !away(at) {
			for ; due > 0; due-- {
				left = append(left, at)
			}
		}
		notices, pacedAt := b.Pace(start.Add(at), due)
		due, b.PacedAt = due+notices, &pacedAt
	}
	return left
}

// never is a mail server that is not away.
func never(time.Duration) bool { return false }

func TestNoHourHasMoreNoticesThanAllowedWhateverTheMailServerDoes(t *testing.T) {
	for _, perHour := range []int64{1, 2, 7, 60, 359, 361, 3600, 50_000, 400_000, MostPerHour} {
		for seed := range uint64(4) {
			random := rand.New(rand.NewPCG(seed, 2))
			from := time.Duration(random.Int64N(int64(time.Hour)))
			length := time.Duration(random.Int64N(int64(2 * time.Hour)))
			left := simulate(Breach{PerHour: perHour}, seed, func(at time.Duration) bool { return from <= at && at < from+length }, 4*time.Hour)
			first := 0
			for i, at := range left {
				for left[first] <= at-time.Hour {
					first++
				}
				if many := int64(i - first + 1); many > perHour {
					t.Fatalf("%d an hour, away from %s for %s: %d left in the hour before %s", perHour, from, length, many, at)
				}
			}
		}
	}
}

func TestThePaceIsUsedWhileTheMailServerAcceptsTheNotices(t *testing.T) {
	for _, perHour := range []int64{1, 2, 60, 3600, 50_000, 400_000} {
		const hours = 3
		left := int64(len(simulate(Breach{PerHour: perHour}, 1, never, hours*time.Hour)))
		if least := perHour * hours * 98 / 100; left < least {
			t.Errorf("%d an hour: %d left in %d hours, want at least %d", perHour, left, hours, least)
		}
	}
}

func TestTheFirstNoticeIsMadeAtOnceAndUnusedTimeAllowsOneBurst(t *testing.T) {
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	b := Breach{PerHour: 3600}
	if notices, _ := b.Pace(now, 0); notices != 1 {
		t.Errorf("at first: got %d, want 1", notices)
	}
	var got []int64
	for _, step := range []struct {
		ago time.Duration
		due int64
	}{{time.Hour, 0}, {time.Hour, 4}, {time.Hour, 10}, {time.Hour, 1000}, {-time.Hour, 0}} {
		pacedAt := now.Add(-step.ago)
		b.PacedAt = &pacedAt
		notices, used := b.Pace(now, step.due)
		got = append(got, notices)
		if used.After(now) || used.Before(now.Add(-time.Minute)) {
			t.Errorf("%+v: the pace is used up to %s", step, used)
		}
	}
	if want := []int64{10, 6, 0, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("after an hour without notices: got %v, want %v", got, want)
	}
}

// A server is ready while its clock differs from the database's by up to five seconds.
func TestServersWhoseClocksDifferShareOnePace(t *testing.T) {
	for _, apart := range []time.Duration{0, 50 * time.Millisecond, 500 * time.Millisecond, time.Second, 5 * time.Second, 9 * time.Second} {
		b := Breach{PerHour: 50_000}
		start := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
		var made int64
		for half := range 2 * 3600 {
			at := start.Add(time.Duration(half) * time.Second / 2)
			if half%2 == 1 {
				at = at.Add(apart)
			}
			notices, pacedAt := b.Pace(at, 0)
			made, b.PacedAt = made+notices, &pacedAt
		}
		if made > b.PerHour || made < b.PerHour*99/100 {
			t.Errorf("clocks %s apart: %d notices in an hour, want %d at most and few less", apart, made, b.PerHour)
		}
	}
}
