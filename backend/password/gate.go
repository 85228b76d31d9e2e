package password

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Lane is a queue for hashing.
type Lane int

// The lanes. All work that waits in Behind is served before any that waits in SignIn: who holds a grant or a
// session has proven something, who signs in may be a flood.
const (
	Behind Lane = iota
	SignIn
	lanes = iota
)

// maxWaiting bounds each lane. At 40 hashes a second and worker a sign-in would have waited its two seconds
// long before; who waits behind a grant or a session has its request's deadline.
const maxWaiting = 512

// ErrBusy says that a sign-in waited for too long, or that too many wait. Nothing was hashed.
var ErrBusy = errors.New("too much hashing under way")

// gate lets a fixed number of goroutines through at once; the others wait, first come, first served in each
// lane. While a place is free nobody waits.
type gate struct {
	mu      sync.Mutex
	free    int
	waiting [lanes][]chan struct{}
}

func newGate(places int) *gate { return &gate{free: places} }

// enter takes a place, and gives what hands it back, to be called once. A sign-in waits for at most signInWait,
// then ErrBusy; work behind a grant or a session until the context ends.
func (g *gate) enter(ctx context.Context, lane Lane, signInWait time.Duration) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	turn, err := g.line(lane)
	if err != nil {
		return nil, err
	}
	if turn == nil {
		return g.leave, nil
	}

	var patience <-chan time.Time
	if lane == SignIn {
		timer := time.NewTimer(signInWait)
		defer timer.Stop()
		patience = timer.C
	}
	select {
	case <-turn:
		return g.leave, nil
	case <-patience:
		err = ErrBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	g.giveUp(lane, turn)
	return nil, err
}

// line takes a free place (no channel), or a place in the queue: the channel is closed when its turn comes.
func (g *gate) line(lane Lane) (turn chan struct{}, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.free > 0 {
		g.free--
		return nil, nil
	}
	if len(g.waiting[lane]) >= maxWaiting {
		return nil, ErrBusy
	}
	turn = make(chan struct{})
	g.waiting[lane] = append(g.waiting[lane], turn)
	return turn, nil
}

func (g *gate) count(lane Lane) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting[lane])
}

// leave hands the place to who waits first in the first lane, or frees it.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for lane, queue := range g.waiting {
		if len(queue) > 0 {
			close(queue[0])
			g.waiting[lane] = slices.Delete(queue, 0, 1)
			return
		}
	}
	g.free++
}

// giveUp leaves the queue. When the turn came in the same moment, the place goes on to the next.
func (g *gate) giveUp(lane Lane, turn chan struct{}) {
	g.mu.Lock()
	at := slices.Index(g.waiting[lane], turn)
	if at >= 0 {
		g.waiting[lane] = slices.Delete(g.waiting[lane], at, at+1)
	}
	g.mu.Unlock()
	if at < 0 {
		g.leave()
	}
}
