package password

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const patience = 2 * time.Second

// mustEnter takes a place that has to be free.
func mustEnter(t *testing.T, g *gate) (leave func()) {
	t.Helper()
	leave, err := g.enter(t.Context(), Behind, patience)
	if err != nil {
		t.Fatal(err)
	}
	return leave
}

func (g *gate) counts() (free, behind, signIn int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.free, len(g.waiting[Behind]), len(g.waiting[SignIn])
}

func TestWorkBehindAGrantGoesBeforeEverySignInThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1)
		leave := mustEnter(t, g)
		var mu sync.Mutex
		var served []string
		wait := func(name string, lane Lane) {
			go func() {
				leave, err := g.enter(t.Context(), lane, patience)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				mu.Lock()
				served = append(served, name)
				mu.Unlock()
				leave()
			}()
			synctest.Wait() // it stands in its queue
		}
		wait("sign-in 1", SignIn)
		wait("sign-in 2", SignIn)
		wait("behind 1", Behind)
		wait("sign-in 3", SignIn)
		wait("behind 2", Behind)
		leave()
		synctest.Wait()
		if want := []string{"behind 1", "behind 2", "sign-in 1", "sign-in 2", "sign-in 3"}; !slices.Equal(served, want) {
			t.Errorf("got %q, want %q", served, want)
		}
		if free, behind, signIn := g.counts(); free != 1 || behind != 0 || signIn != 0 {
			t.Errorf("got %d free, %d and %d waiting", free, behind, signIn)
		}
	})
}

func TestASignInIsBusyAfterItsWaitAndWorkBehindAGrantIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1)
		leave := mustEnter(t, g)
		served := make(chan error, 1)
		go func() {
			leave, err := g.enter(t.Context(), Behind, patience)
			if err == nil {
				leave()
			}
			served <- err
		}()
		began := time.Now()
		if _, err := g.enter(t.Context(), SignIn, patience); !errors.Is(err, ErrBusy) {
			t.Errorf("got %v, want %v", err, ErrBusy)
		}
		// The clock of the bubble moves only while all wait: it is exact.
		if got := time.Since(began); got != patience {
			t.Errorf("got %v, want %v", got, patience)
		}
		if _, behind, signIn := g.counts(); behind != 1 || signIn != 0 {
			t.Errorf("got %d behind and %d sign-ins waiting, want 1 and 0", behind, signIn)
		}
		leave()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

func TestWhoGoesAwayLeavesTheQueue(t *testing.T) {
	for _, lane := range []Lane{Behind, SignIn} {
		synctest.Test(t, func(t *testing.T) {
			g := newGate(1)
			leave := mustEnter(t, g)
			ctx, cancel := context.WithCancel(t.Context())
			answer := make(chan error, 1)
			go func() {
				_, err := g.enter(ctx, lane, patience)
				answer <- err
			}()
			synctest.Wait()
			cancel()
			if err := <-answer; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want %v", err, context.Canceled)
			}
			leave()
			if free, behind, signIn := g.counts(); free != 1 || behind != 0 || signIn != 0 {
				t.Errorf("got %d free, %d and %d waiting", free, behind, signIn)
			}
		})
	}
}

func TestAPlaceGivenToWhoJustLeftGoesToTheNext(t *testing.T) {
	g := newGate(1)
	leave := mustEnter(t, g)
	gone, err := g.line(SignIn)
	if err != nil {
		t.Fatal(err)
	}
	next, err := g.line(SignIn)
	if err != nil {
		t.Fatal(err)
	}
	leave() // its turn comes,
	g.giveUp(SignIn, gone)
	select {
	case <-next:
	default:
		t.Error("the place is lost")
	}
	g.leave()
	if free, _, signIn := g.counts(); free != 1 || signIn != 0 {
		t.Errorf("got %d free, %d waiting", free, signIn)
	}
}

func TestAFloodOfSignInsIsTurnedAwayAndWorkBehindAGrantStillQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const flood = 3 * maxWaiting
		g := newGate(2)
		first, second := mustEnter(t, g), mustEnter(t, g)
		var busy atomic.Int32
		var all sync.WaitGroup
		for range flood {
			all.Go(func() {
				leave, err := g.enter(t.Context(), SignIn, patience)
				if errors.Is(err, ErrBusy) {
					busy.Add(1)
					return
				}
				leave()
			})
		}
		synctest.Wait()
		if got, want := int(busy.Load()), flood-maxWaiting; got != want {
			t.Errorf("got %d turned away at once, want %d", got, want)
		}
		all.Go(func() {
			leave, err := g.enter(t.Context(), Behind, patience)
			if err != nil {
				t.Error(err)
				return
			}
			leave()
		})
		synctest.Wait()
		if _, behind, signIn := g.counts(); behind != 1 || signIn != maxWaiting {
			t.Errorf("got %d and %d waiting, want 1 and %d", behind, signIn, maxWaiting)
		}
		first()
		second()
		all.Wait()
		if free, behind, signIn := g.counts(); free != 2 || behind != 0 || signIn != 0 {
			t.Errorf("got %d free, %d and %d waiting", free, behind, signIn)
		}
	})
}

func TestNoMoreThanTheWorkersHashAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers = 3
		g := newGate(workers)
		var inside, most atomic.Int32
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond)
				defer cancel()
				leave, err := g.enter(ctx, Lane(i%lanes), 70*time.Millisecond)
				if err != nil {
					return
				}
				now := inside.Add(1)
				for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
				}
				time.Sleep(7 * time.Millisecond) // the bubble's clock: this is the hash
				inside.Add(-1)
				leave()
			})
		}
		all.Wait()
		if got := most.Load(); got != workers {
			t.Errorf("got %d at once, want %d", got, workers)
		}
		if free, behind, signIn := g.counts(); free != workers || behind != 0 || signIn != 0 {
			t.Errorf("got %d free, %d and %d waiting", free, behind, signIn)
		}
	})
}
