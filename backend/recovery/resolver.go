package recovery

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"
)

const (
	// restTime is how long an ask waits before the resolver claims it. Run adds a random time of up to restTime. The
	// resolver commits more for a match than for a decoy, and a stranger who asks must not see this load in the time of the next
	// call. With a restTime of 2 ms, the time of a call within 20 ms of the ask told who is a member (npm run check:timing). The
	// random part hides the difference that is left.
	restTime = 25 * time.Millisecond
	// pollInterval is how often Run looks for asks of other servers, or of a process that crashed.
	pollInterval = time.Second
	// claimDuration is how long a claim keeps other resolvers away, and so how long the asks of a crashed server wait.
	claimDuration = 10 * time.Second
	// stepTimeout bounds each step of a batch: to claim, to find the members, one transaction, to measure the backlog. It is
	// longer than a statement waits for a lock.
	stepTimeout = 10 * time.Second
	// batchSize is the largest number of asks in one batch. With 200 a flood of decoys came in faster than it was closed, and
	// members' letters took half a minute (npm run check:overload).
	batchSize = 500
	// transactionSize is the largest number of matches in one transaction, and so of members' rows that it locks. 100 needs
	// more round trips: on a busy machine, 3,000 asks took twice as long.
	transactionSize = 250
)

// Resolver is the worker that resolves asks: it compares them with the members, and makes letters due for those that match. Each
// server has one; claims on the rows share the work among them.
//
// It takes asks in batches. A batch first closes the decoys, and then resolves the matches in sets, one transaction each. A row
// that another transaction has locked delays only its own ask: the resolver sets that ask aside and tries it again later.
type Resolver struct {
	service *Service
	wake    chan struct{}
}

// NewResolver returns the service's worker and sets the service's Wake.
func NewResolver(s *Service) *Resolver {
	r := &Resolver{service: s, wake: make(chan struct{}, 1)}
	s.Wake = func() {
		select {
		case r.wake <- struct{}{}:
		default: // a wake-up is pending already
		}
	}
	return r
}

// Run resolves asks until ctx ends. It finishes the batch that it has begun.
func (r *Resolver) Run(ctx context.Context) {
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	r.service.Wake() // for asks that a crash left
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
			time.Sleep(restTime + rand.N(restTime)) //nolint:gosec // a delay, not a secret
		case <-poll.C:
		}
		if err := r.drain(ctx, restTime, SkipLocked); err != nil {
			r.service.Log.ErrorContext(ctx, "asks could not be resolved; they are tried again when their claim runs out", "error", err)
		}
	}
}

// Drain resolves batch after batch until only asks that are set aside are left, or until ctx ends. It is for tests and
// measurements. Unlike Run it waits for a locked row before it sets the ask aside.
func (r *Resolver) Drain(ctx context.Context) error { return r.drain(ctx, 0, WaitForLock) }

// drain skips asks younger than rested: their own wake-up handles them.
func (r *Resolver) drain(ctx context.Context, rested time.Duration, lastTry WhenLocked) error {
	for ctx.Err() == nil {
		claimed, err := r.runBatch(ctx, rested, lastTry)
		if err != nil || claimed < batchSize {
			return err
		}
	}
	return nil
}

// runBatch resolves one batch and measures the backlog. It does not end with ctx, so that the program finishes what it has
// claimed before it stops.
func (r *Resolver) runBatch(ctx context.Context, rested time.Duration, lastTry WhenLocked) (claimed int, err error) {
	ctx = context.WithoutCancel(ctx)
	claimed, err = r.service.resolveBatch(ctx, rested, lastTry)
	// The backlog is measured after a failure too: that is when asks pile up. If both fail, it is usually for the same reason,
	// so one error is enough.
	backlogErr := r.service.measureBacklog(ctx)
	return claimed, cmp.Or(err, backlogErr)
}
