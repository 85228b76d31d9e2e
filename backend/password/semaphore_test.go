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

const signInWait = 2 * time.Second

// mustAcquire acquires a slot, which must be free.
func mustAcquire(t *testing.T, s *semaphore) (release func()) {
	t.Helper()
	release, err := s.acquire(t.Context(), MemberLane, signInWait)
	if err != nil {
		t.Fatal(err)
	}
	return release
}

func (s *semaphore) counts() (free, members, signIns int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.free, len(s.queues[MemberLane]), len(s.queues[SignInLane])
}

func TestMembersAreServedBeforeEverySignInThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSemaphore(1)
		release := mustAcquire(t, s)
		var mu sync.Mutex
		var served []string
		wait := func(name string, lane Lane) {
			go func() {
				release, err := s.acquire(t.Context(), lane, signInWait)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				mu.Lock()
				served = append(served, name)
				mu.Unlock()
				release()
			}()
			synctest.Wait() // until it waits in its queue
		}
		wait("sign-in 1", SignInLane)
		wait("sign-in 2", SignInLane)
		wait("member 1", MemberLane)
		wait("sign-in 3", SignInLane)
		wait("member 2", MemberLane)
		release()
		synctest.Wait()
		if want := []string{"member 1", "member 2", "sign-in 1", "sign-in 2", "sign-in 3"}; !slices.Equal(served, want) {
			t.Errorf("got %q, want %q", served, want)
		}
		if free, members, signIns := s.counts(); free != 1 || members != 0 || signIns != 0 {
			t.Errorf("got %d free, %d and %d waiting", free, members, signIns)
		}
	})
}

func TestASignInIsBusyAfterItsWaitAndAMemberIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSemaphore(1)
		release := mustAcquire(t, s)
		served := make(chan error, 1)
		go func() {
			release, err := s.acquire(t.Context(), MemberLane, signInWait)
			if err == nil {
				release()
			}
			served <- err
		}()
		began := time.Now()
		if _, err := s.acquire(t.Context(), SignInLane, signInWait); !errors.Is(err, ErrBusy) {
			t.Errorf("got %v, want %v", err, ErrBusy)
		}
		// The clock of a synctest bubble moves only while all goroutines wait, so the duration is exact.
		if got := time.Since(began); got != signInWait {
			t.Errorf("got %v, want %v", got, signInWait)
		}
		if _, members, signIns := s.counts(); members != 1 || signIns != 0 {
			t.Errorf("got %d members and %d sign-ins waiting, want 1 and 0", members, signIns)
		}
		release()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

func TestACancelledCallLeavesItsQueue(t *testing.T) {
	for _, lane := range []Lane{MemberLane, SignInLane} {
		synctest.Test(t, func(t *testing.T) {
			s := newSemaphore(1)
			release := mustAcquire(t, s)
			ctx, cancel := context.WithCancel(t.Context())
			result := make(chan error, 1)
			go func() {
				_, err := s.acquire(ctx, lane, signInWait)
				result <- err
			}()
			synctest.Wait()
			cancel()
			if err := <-result; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want %v", err, context.Canceled)
			}
			release()
			if free, members, signIns := s.counts(); free != 1 || members != 0 || signIns != 0 {
				t.Errorf("got %d free, %d and %d waiting", free, members, signIns)
			}
		})
	}
}

func TestASlotGivenToACallThatGaveUpGoesToTheNext(t *testing.T) {
	s := newSemaphore(1)
	release := mustAcquire(t, s)
	gone, err := s.enqueue(SignInLane)
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.enqueue(SignInLane)
	if err != nil {
		t.Fatal(err)
	}
	release() // the slot goes to the first call,
	s.leaveQueue(SignInLane, gone)
	select {
	case <-next:
	default:
		t.Error("the slot is lost")
	}
	s.release()
	if free, _, signIns := s.counts(); free != 1 || signIns != 0 {
		t.Errorf("got %d free, %d waiting", free, signIns)
	}
}

func TestAFloodOfSignInsIsRefusedAndMembersStillQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const flood = 3 * maxWaiting
		s := newSemaphore(2)
		first, second := mustAcquire(t, s), mustAcquire(t, s)
		var busy atomic.Int32
		var all sync.WaitGroup
		for range flood {
			all.Go(func() {
				release, err := s.acquire(t.Context(), SignInLane, signInWait)
				if errors.Is(err, ErrBusy) {
					busy.Add(1)
					return
				}
				release()
			})
		}
		synctest.Wait()
		if got, want := int(busy.Load()), flood-maxWaiting; got != want {
			t.Errorf("got %d refused at once, want %d", got, want)
		}
		all.Go(func() {
			release, err := s.acquire(t.Context(), MemberLane, signInWait)
			if err != nil {
				t.Error(err)
				return
			}
			release()
		})
		synctest.Wait()
		if _, members, signIns := s.counts(); members != 1 || signIns != maxWaiting {
			t.Errorf("got %d and %d waiting, want 1 and %d", members, signIns, maxWaiting)
		}
		first()
		second()
		all.Wait()
		if free, members, signIns := s.counts(); free != 2 || members != 0 || signIns != 0 {
			t.Errorf("got %d free, %d and %d waiting", free, members, signIns)
		}
	})
}

func TestNoMoreThanTheWorkersHashAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers = 3
		s := newSemaphore(workers)
		var inside, most atomic.Int32
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond)
				defer cancel()
				release, err := s.acquire(ctx, Lane(i%lanes), 70*time.Millisecond)
				if err != nil {
					return
				}
				now := inside.Add(1)
				for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
				}
				time.Sleep(7 * time.Millisecond) // on the bubble's clock, instead of a hash
				inside.Add(-1)
				release()
			})
		}
		all.Wait()
		if got := most.Load(); got != workers {
			t.Errorf("got %d at once, want %d", got, workers)
		}
		if free, members, signIns := s.counts(); free != workers || members != 0 || signIns != 0 {
			t.Errorf("got %d free, %d and %d waiting", free, members, signIns)
		}
	})
}
