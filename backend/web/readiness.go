package web

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// endWait is how long a stop waits for a check to heed that its context has ended.
const endWait = time.Second

// Dependency is a server that this program uses: the database, Redis or the mail server.
type Dependency struct {
	Name string
	// Needed says that the program is not ready without it. Without the others, members can still do something.
	Needed bool
	// Check returns why the dependency cannot be used, or nil.
	Check func(context.Context) error
	// Within bounds one check. Every is the pause after a check, Again the pause after one that failed.
	Within, Every, Again time.Duration
}

// Readiness knows whether the program can serve. It answers from memory, so that a probe never waits for a dependency,
// and callers who probe often cost a dependency nothing. [Readiness.Run] fills the memory.
type Readiness struct {
	watches  []*watch
	stopping atomic.Bool
}

// NewReadiness watches these dependencies once Run is called. A dependency counts as missing until its first check has
// succeeded.
func NewReadiness(log *slog.Logger, dependencies ...Dependency) *Readiness {
	r := &Readiness{}
	for _, d := range dependencies {
		r.watches = append(r.watches, &watch{Dependency: d, log: log, checked: make(chan struct{})})
	}
	return r
}

// Run checks the dependencies until ctx ends. Each has a loop of its own, so that one that does not answer delays only
// itself.
func (r *Readiness) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, w := range r.watches {
		running.Go(func() { w.run(ctx) })
	}
	running.Wait()
}

// AwaitFirst waits until every dependency has been checked once, or until ctx ends.
func (r *Readiness) AwaitFirst(ctx context.Context) {
	for _, w := range r.watches {
		select {
		case <-w.checked:
		case <-ctx.Done():
		}
	}
}

// Stop makes the program unready for good. From now on every answer closes its connection, so that load balancers and
// browsers take their next request elsewhere; requests are still served.
func (r *Readiness) Stop() { r.stopping.Store(true) }

// isStopping says whether Stop was called.
func (r *Readiness) isStopping() bool { return r.stopping.Load() }

// now says whether the program can serve, and which dependencies are missing.
func (r *Readiness) now() (ready bool, missing []string) {
	ready, missing = !r.isStopping(), []string{}
	for _, w := range r.watches {
		if !w.up.Load() {
			missing = append(missing, w.Name)
			ready = ready && !w.Needed
		}
	}
	return ready, missing
}

// watch is one dependency and what its last check found.
type watch struct {
	Dependency
	log     *slog.Logger
	up      atomic.Bool
	checked chan struct{} // closed after the first check
	known   bool          // the first check is over
	hanging chan struct{} // closed when a check ends that did not end in time; nil when there is none
}

func (w *watch) run(ctx context.Context) {
	defer w.end()
	for {
		fault := w.check(ctx)
		if ctx.Err() != nil {
			return // the check was cut off, which is no fault of the dependency
		}
		w.note(ctx, fault)
		pause := w.Every
		if fault != nil {
			pause = w.Again
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// check runs one check. One that does not heed its deadline is left alone, and no other one begins beside it: its
// dependency is missing until it ends.
func (w *watch) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.Within)
	defer cancel()
	if w.hanging != nil {
		select {
		case <-w.hanging: // what it found is too old to count
			w.hanging = nil
		case <-ctx.Done():
			return fmt.Errorf("a check has not ended for over %s", w.Within)
		}
	}
	var fault error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		fault = w.Check(ctx)
	}()
	select {
	case <-ended:
		return fault
	case <-ctx.Done():
		w.hanging = ended
		return fmt.Errorf("no answer within %s: %w", w.Within, ctx.Err())
	}
}

// end waits a moment for a check under way, so that it does not meet connections that a stop has closed.
func (w *watch) end() {
	if w.hanging == nil {
		return
	}
	select {
	case <-w.hanging:
	case <-time.After(endWait):
	}
}

// note keeps a finding. It logs changes only: a dependency that stays away for hours is one line.
func (w *watch) note(ctx context.Context, fault error) {
	wasUp := w.up.Swap(fault == nil)
	switch {
	case fault != nil && (wasUp || !w.known):
		w.log.WarnContext(ctx, "a dependency is missing", "dependency", w.Name, "needed", w.Needed, "error", fault)
	case fault == nil && !wasUp && w.known:
		w.log.InfoContext(ctx, "a dependency is back", "dependency", w.Name)
	}
	if !w.known {
		w.known = true
		close(w.checked)
	}
}

// Dependencies tells of each dependency, by its name, whether its last check succeeded.
func (r *Readiness) Dependencies() map[string]func() bool {
	all := make(map[string]func() bool, len(r.watches))
	for _, w := range r.watches {
		all[w.Name] = w.up.Load
	}
	return all
}
