package password

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Lane is a queue for hashing. Work in [MemberLane] runs before work in [SignInLane].
type Lane int

// The lanes. A caller in MemberLane has already proven something: it holds a grant or a session. A sign-in has proven
// nothing and may be one of a flood.
const (
	MemberLane Lane = iota
	SignInLane
	lanes = iota
)

// maxWaiting bounds each lane's queue. At 40 hashes a second for each worker, 512 is longer than any queue that a
// sign-in's wait of 2 s allows. The deadline of the request bounds the wait in MemberLane.
const maxWaiting = 512

// ErrBusy is returned when a sign-in has waited too long, or when the queue of a lane is full. Nothing was hashed.
var ErrBusy = errors.New("too many password hashes are waiting")

// semaphore bounds how many goroutines hash at the same time. The others wait in the queue of their lane, first come,
// first served. A free slot is taken at once.
type semaphore struct {
	mu     sync.Mutex
	free   int
	queues [lanes][]chan struct{} // a channel is closed when its slot is free
}

func newSemaphore(slots int) *semaphore { return &semaphore{free: slots} }

// acquire waits for a slot and returns the function that releases it; call that once. In SignInLane it returns ErrBusy
// after signInWait. In MemberLane it waits until the context ends.
func (s *semaphore) acquire(ctx context.Context, lane Lane, signInWait time.Duration) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ready, err := s.enqueue(lane)
	if err != nil {
		return nil, err
	}
	if ready == nil {
		return s.release, nil
	}

	var timeout <-chan time.Time
	if lane == SignInLane {
		timer := time.NewTimer(signInWait)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-ready:
		return s.release, nil
	case <-timeout:
		err = ErrBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.leaveQueue(lane, ready)
	return nil, err
}

// enqueue takes a free slot and returns nil, or joins the queue and returns the channel to wait for.
func (s *semaphore) enqueue(lane Lane) (ready chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free > 0 {
		s.free--
		return nil, nil
	}
	if len(s.queues[lane]) >= maxWaiting {
		return nil, ErrBusy
	}
	ready = make(chan struct{})
	s.queues[lane] = append(s.queues[lane], ready)
	return ready, nil
}

// waiting returns the length of a lane's queue.
func (s *semaphore) waiting(lane Lane) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queues[lane])
}

// release passes the slot to the head of the first queue that is not empty, or frees it.
func (s *semaphore) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for lane, queue := range s.queues {
		if len(queue) > 0 {
			close(queue[0])
			s.queues[lane] = slices.Delete(queue, 0, 1)
			return
		}
	}
	s.free++
}

// leaveQueue removes a waiter. If the waiter was given a slot at the same moment, it releases that slot.
func (s *semaphore) leaveQueue(lane Lane, ready chan struct{}) {
	s.mu.Lock()
	at := slices.Index(s.queues[lane], ready)
	if at >= 0 {
		s.queues[lane] = slices.Delete(s.queues[lane], at, at+1)
	}
	s.mu.Unlock()
	if at < 0 {
		s.release()
	}
}
