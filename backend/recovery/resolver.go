package recovery

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// How the resolver works.
const (
	// restsFor is how long an ask waits before it is resolved, whatever woke the resolver, and up to as long again by
	// chance. Whoever asks and then quickly asks for something else must not feel the commits that only a known member
	// causes: with 2 ms the answer to a second call within 20 ms told who is a member (npm run check:timing). Chance
	// blurs what comes later.
	restsFor = 25 * time.Millisecond
	// pollEvery finds what other servers, or a crash, left.
	pollEvery = time.Second
	// claimLasts bounds how long a crashed server's asks wait.
	claimLasts = 10 * time.Second
	// stepLasts bounds each step of a batch: claiming, finding the members, one transaction, measuring the backlog. It is
	// longer than the database lets a statement wait for a lock.
	stepLasts = 10 * time.Second
	// firstSetAside is how long an ask waits whose rows could not be had; each wait is twice the last, up to
	// longestSetAside. It is short because most rows are locked for milliseconds only.
	firstSetAside   = time.Second
	longestSetAside = time.Minute
	// resolveAtOnce bounds one batch. A flood of decoys is closed as fast as it comes in only by large ones: with 200 it
	// got ahead, and members' letters took half a minute (npm run check:overload).
	resolveAtOnce = 500
	// resolveInOneTransaction bounds how many members' rows one transaction locks. Sets of 100 need more
	// round trips: on a busy machine, 3,000 asks took twice as long.
	resolveInOneTransaction = 250
)

// Resolver is the worker that resolves asks. Make it with NewResolver, which sets the service's Wake.
type Resolver struct {
	service *Service
	wake    chan struct{}
}

// NewResolver gives the service its worker.
func NewResolver(s *Service) *Resolver {
	r := &Resolver{service: s, wake: make(chan struct{}, 1)}
	s.Wake = func() {
		select {
		case r.wake <- struct{}{}:
		default: // it is awake already, and looks again before it sleeps
		}
	}
	return r
}

// Run resolves asks until ctx ends. A batch that was begun is finished.
func (r *Resolver) Run(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	r.service.Wake() // for what a crash left
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
			time.Sleep(restsFor + rand.N(restsFor)) //nolint:gosec // blurs a time, keeps no secret
		case <-poll.C:
		}
		if err := r.drain(ctx, restsFor, SkipLocked); err != nil {
			r.service.Log.ErrorContext(ctx, "asks could not be resolved; they are tried again when their claim runs out", "error", err)
		}
	}
}

// Drain resolves batch after batch until nothing waits but what is set aside, or ctx ends. Unlike Run it waits for rows
// that another transaction has locked, as long as the database lets it, before it sets an ask aside.
func (r *Resolver) Drain(ctx context.Context) error { return r.drain(ctx, 0, WaitForLock) }

// drain skips asks younger than rested: their own wake-up handles them.
func (r *Resolver) drain(ctx context.Context, rested time.Duration, lastTry WhenLocked) error {
	for ctx.Err() == nil {
		claimed, err := r.batch(ctx, rested, lastTry)
		if err != nil || claimed < resolveAtOnce {
			return err
		}
	}
	return nil
}

// batch does not end with the program's context: what is claimed is finished, or given up to its claim's end.
func (r *Resolver) batch(ctx context.Context, rested time.Duration, lastTry WhenLocked) (int, error) {
	ctx = context.WithoutCancel(ctx)
	claimed, err := r.service.resolveBatch(ctx, rested, lastTry)
	// Measured above all when the batch failed: that is when asks pile up.
	return claimed, errors.Join(err, r.service.measureBacklog(ctx))
}
