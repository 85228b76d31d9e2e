package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

var keepLeast = store.Retention{Recoveries: 48 * time.Hour, Letters: 48 * time.Hour, Activities: 48 * time.Hour}

// addOldActivities adds rows that a sweep deletes in sets of 500.
func addOldActivities(t *testing.T, w *testkit.World, count int) {
	t.Helper()
	m := w.Enrol(t, "taro", "taro@xxx.mm-m.ne.jp", "Old-pass1")
	must(t, w.Store.Recoveries().InTx(t.Context(), func(tx recovery.Store) error {
		for i := range count {
			a := member.Activity{ID: fmt.Sprintf("OLD%07d", i), MemberID: m.ID, At: w.Clock.Now(), Kind: member.SignedIn}
			if err := tx.AddActivity(t.Context(), a); err != nil {
				return err
			}
		}
		return nil
	}))
	w.Clock.Move(49 * time.Hour)
}

func activitiesLeft(t *testing.T, settings store.Settings) (left int) {
	t.Helper()
	must(t, raw(t, settings).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM activities").Scan(&left))
	return left
}

func noRest(context.Context, time.Duration) {}

func TestOfTwoSweepersOneSweeps(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		addOldActivities(t, w, 1100)
		var second atomic.Int32
		other := w.Store.Sweeper(keepLeast, w.Clock.Now, noRest)
		rests := 0
		first := w.Store.Sweeper(keepLeast, w.Clock.Now, func(ctx context.Context, _ time.Duration) {
			rests++
			if swept, err := other.Sweep(ctx); err != nil || swept {
				second.Add(1)
			}
		})
		swept, err := first.Sweep(t.Context())
		if err != nil || !swept || second.Load() > 0 {
			t.Errorf("got %v, %v, the second one swept or failed %d times; want the first one alone", swept, err, second.Load())
		}
		if left := activitiesLeft(t, settings); left != 0 || rests != 2 {
			t.Errorf("%d rows are left after %d rests; want none after 2", left, rests)
		}
	})
}

func TestOfManySweepersThatBeginAtOnceOneSweeps(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		for range 5 { // the first time, the lease has no row
			var swept atomic.Int32
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					done, err := w.Store.Sweeper(keepLeast, w.Clock.Now, noRest).Sweep(t.Context())
					if err != nil {
						t.Error(err)
					}
					if done {
						swept.Add(1)
					}
				})
			}
			all.Wait()
			if swept.Load() != 1 {
				t.Errorf("%d swept, want 1", swept.Load())
			}
			w.Clock.Move(time.Hour)
		}
	})
}

// The first server is killed, or frozen, between two sets.
func TestTheLeaseOfAStoppedSweeperIsTakenOverAndItDoesNotSweepAgain(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		addOldActivities(t, w, 1600)
		other := w.Store.Sweeper(keepLeast, w.Clock.Now, noRest)
		wantOther := func(ctx context.Context, when string, want bool) {
			if swept, err := other.Sweep(ctx); err != nil || swept != want {
				t.Errorf("%s: the other one got %v, %v; want %v", when, swept, err, want)
			}
		}
		froze := false
		frozen := w.Store.Sweeper(keepLeast, w.Clock.Now, func(ctx context.Context, _ time.Duration) {
			if froze {
				t.Error("the first one sweeps on without its lease")
				return
			}
			froze = true
			w.Clock.Move(time.Minute - time.Second)
			wantOther(ctx, "while the lease lasts", false)
			w.Clock.Move(time.Second)
			wantOther(ctx, "when it has run out", true)
			addMoreOld(t, w)
		})
		if swept, err := frozen.Sweep(t.Context()); err != nil || swept {
			t.Errorf("awake again: got %v, %v; want it to leave the sweep to the other one", swept, err)
		}
		if left := activitiesLeft(t, settings); left != 1 {
			t.Errorf("%d rows are left, want the one that came after the other's sweep", left)
		}
	})
}

// addMoreOld adds one more row that a sweep deletes.
func addMoreOld(t *testing.T, w *testkit.World) {
	t.Helper()
	a := member.Activity{ID: "ONEMORE", MemberID: 1, At: w.Clock.Now().Add(-49 * time.Hour), Kind: member.SignedIn}
	must(t, w.Store.Recoveries().InTx(t.Context(), func(tx recovery.Store) error { return tx.AddActivity(t.Context(), a) }))
}

func TestALeaseThatExpiresFarInTheFutureIsTakenOver(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		ahead := func() time.Time { return w.Clock.Now().Add(24 * time.Hour) }
		for _, now := range []func() time.Time{ahead, w.Clock.Now} {
			if swept, err := w.Store.Sweeper(keepLeast, now, noRest).Sweep(t.Context()); err != nil || !swept {
				t.Errorf("got %v, %v; want it to sweep", swept, err)
			}
		}
	})
}
