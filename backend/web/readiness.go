package web

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// stopWait is how long Run waits for checks that are still running after its context has ended.
const stopWait = time.Second

// Dependency is a server that this program uses: the database, Redis or the mail server.
type Dependency struct {
	Name string
	// Needed means that the program is not ready without the dependency. It can serve members without one that is not needed.
	Needed bool
	// Check returns nil if the dependency can be used, otherwise why not.
	Check func(context.Context) error
	// Within bounds one check. Every is the pause after a check that succeeded, Again the pause after one that failed.
	Within, Every, Again time.Duration
}

// Readiness tells whether the program can serve. [Readiness.Run] checks the dependencies in the background. Probes read the
// last results from memory, so that they never wait for a dependency and put no load on it.
type Readiness struct {
	watches  []*watch
	stopping atomic.Bool
}

// NewReadiness returns a Readiness for these dependencies. Each is missing until its first check has succeeded.
func NewReadiness(log *slog.Logger, dependencies ...Dependency) *Readiness {
	r := &Readiness{}
	for _, d := range dependencies {
		r.watches = append(r.watches, &watch{Dependency: d, log: log, checked: make(chan struct{})})
	}
	return r
}

// Run checks the dependencies until ctx ends. Each is checked in its own goroutine, so that one that does not answer does not
// delay the others.
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

// IsReady reports whether the program can serve.
func (r *Readiness) IsReady() bool {
	ready, _ := r.state()
	return ready
}

// isStopping reports whether Stop was called.
func (r *Readiness) isStopping() bool { return r.stopping.Load() }

// state reports whether the program can serve, and which dependencies are missing.
func (r *Readiness) state() (ready bool, missing []string) {
	ready, missing = !r.isStopping(), []string{}
	for _, w := range r.watches {
		if !w.isUp.Load() {
			missing = append(missing, w.Name)
			ready = ready && !w.Needed
		}
	}
	return ready, missing
}

// watch holds the result of the last check of a dependency.
type watch struct {
	Dependency
	log     *slog.Logger
	isUp    atomic.Bool
	checked chan struct{} // closed after the first check
	isKnown bool          // the first check is over
	hanging chan struct{} // of a check that did not end within its deadline: closed when it ends; otherwise nil
}

func (w *watch) run(ctx context.Context) {
	defer w.awaitHanging()
	for {
		err := w.check(ctx)
		if ctx.Err() != nil {
			return // the check was cancelled, so its result means nothing
		}
		w.setResult(ctx, err)
		pause := w.Every
		if err != nil {
			pause = w.Again
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// check runs one check. If a check ignores its deadline, the dependency is missing and no other check starts until it ends.
func (w *watch) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.Within)
	defer cancel()
	if w.hanging != nil {
		select {
		case <-w.hanging: // its result is too old
			w.hanging = nil
		case <-ctx.Done():
			return fmt.Errorf("a check has not ended for over %s", w.Within)
		}
	}
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = w.Check(ctx)
	}()
	select {
	case <-ended:
		return err
	case <-ctx.Done():
		w.hanging = ended
		return fmt.Errorf("no answer within %s: %w", w.Within, ctx.Err())
	}
}

// awaitHanging waits up to stopWait for a check that is still running, because the program closes connections after a stop.
func (w *watch) awaitHanging() {
	if w.hanging == nil {
		return
	}
	select {
	case <-w.hanging:
	case <-time.After(stopWait):
	}
}

// setResult stores the result of a check. It logs changes only.
func (w *watch) setResult(ctx context.Context, err error) {
	wasUp := w.isUp.Swap(err == nil)
	switch {
	case err != nil && (wasUp || !w.isKnown):
		w.log.WarnContext(ctx, "a dependency is missing", "dependency", w.Name, "needed", w.Needed, "error", err)
	case err == nil && !wasUp && w.isKnown:
		w.log.InfoContext(ctx, "a dependency is back", "dependency", w.Name)
	}
	if !w.isKnown {
		w.isKnown = true
		close(w.checked)
	}
}

// Dependencies returns a func for each dependency, by its name. The func reports whether the last check succeeded.
func (r *Readiness) Dependencies() map[string]func() bool {
	all := make(map[string]func() bool, len(r.watches))
	for _, w := range r.watches {
		all[w.Name] = w.isUp.Load
	}
	return all
}
