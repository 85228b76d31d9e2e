package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeDependency can be down, or not answer.
type fakeDependency struct {
	fault atomic.Pointer[error]
	// hangs makes a check wait until its context ends. stuck makes it wait until the channel is closed, even longer than its
	// context.
	hangs atomic.Bool
	stuck atomic.Pointer[chan struct{}]
	// checks counts all checks, and running those under way. maxRunning is the highest value of running.
	checks, running, maxRunning atomic.Int64
}

func (d *fakeDependency) check(ctx context.Context) error {
	d.checks.Add(1)
	d.maxRunning.Store(max(d.maxRunning.Load(), d.running.Add(1)))
	defer d.running.Add(-1)
	if d.hangs.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if until := d.stuck.Load(); until != nil {
		<-*until
	}
	if fault := d.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

func (d *fakeDependency) fail(fault error) { d.fault.Store(&fault) }
func (d *fakeDependency) restore()         { d.fault.Store(nil) }

func (d *fakeDependency) getStuck() {
	until := make(chan struct{})
	d.stuck.Store(&until)
}

func (d *fakeDependency) release() { close(*d.stuck.Swap(nil)) }

// withReadiness runs a test with a Readiness that checks a database (every second, within 3 s) and a mail server (every minute,
// within 30 s; 10 s after a failure).
func withReadiness(t *testing.T, test func(t *testing.T, r *Readiness, database, smtp *fakeDependency, log *bytes.Buffer), prepare ...func(database, smtp *fakeDependency)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := &bytes.Buffer{}
		database, smtp := &fakeDependency{}, &fakeDependency{}
		for _, change := range prepare {
			change(database, smtp)
		}
		r := NewReadiness(slog.New(slog.NewTextHandler(log, nil)),
			Dependency{Name: "database", Needed: true, Check: database.check, Within: 3 * time.Second, Every: time.Second, Again: time.Second},
			Dependency{Name: "smtp", Check: smtp.check, Within: 30 * time.Second, Every: time.Minute, Again: 10 * time.Second},
		)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { r.Run(ctx) })
		defer running.Wait()
		defer cancel()
		synctest.Wait()
		test(t, r, database, smtp, log)
	})
}

func wantReady(t *testing.T, r *Readiness, want bool, missing ...string) {
	t.Helper()
	begun := time.Now()
	ready, got := r.state()
	if took := time.Since(begun); took != 0 {
		t.Errorf("the call took %s, want 0 s", took)
	}
	if ready != want || !slices.Equal(got, missing) {
		t.Errorf("after %s: got ready %v and missing %v; want %v and %v", time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), ready, got, want, missing)
	}
}

func TestADependencyIsMissingUntilItsFirstCheckSucceeds(t *testing.T) {
	withReadiness(t, func(t *testing.T, r *Readiness, _, smtp *fakeDependency, _ *bytes.Buffer) {
		wantReady(t, r, true, "smtp")
		awaited := make(chan struct{})
		go func() { r.AwaitFirst(t.Context()); close(awaited) }()
		time.Sleep(30 * time.Second)
		<-awaited
		smtp.hangs.Store(false)
		time.Sleep(10*time.Second + 1)
		synctest.Wait()
		wantReady(t, r, true)
	}, func(_, smtp *fakeDependency) { smtp.hangs.Store(true) })
}

func TestACheckThatHangsDelaysNoOtherDependency(t *testing.T) {
	for name, prepare := range map[string]func(database, smtp *fakeDependency){
		"until its deadline":   func(_, smtp *fakeDependency) { smtp.hangs.Store(true) },
		"ignores its deadline": func(_, smtp *fakeDependency) { smtp.getStuck() },
	} {
		t.Run(name, func(t *testing.T) {
			withReadiness(t, func(t *testing.T, r *Readiness, database, smtp *fakeDependency, _ *bytes.Buffer) {
				for range 10 {
					time.Sleep(time.Minute)
					synctest.Wait()
					wantReady(t, r, true, "smtp")
				}
				if got, want := database.checks.Load(), int64(601); got != want {
					t.Errorf("the database was checked %d times in ten minutes, want %d", got, want)
				}
				if got := smtp.maxRunning.Load(); got != 1 {
					t.Errorf("%d checks of the mail server ran at once", got)
				}
				if smtp.stuck.Load() != nil {
					smtp.release()
				}
			}, prepare)
		})
	}
}

func TestAFailedDatabaseAndItsRecoveryAreSeenWithinFiveSeconds(t *testing.T) {
	for name, c := range map[string]struct{ fail, restore func(*fakeDependency) }{
		"refuses":              {func(d *fakeDependency) { d.fail(errors.New("refused")) }, (*fakeDependency).restore},
		"hangs":                {func(d *fakeDependency) { d.hangs.Store(true) }, func(d *fakeDependency) { d.hangs.Store(false) }},
		"ignores its deadline": {(*fakeDependency).getStuck, (*fakeDependency).release},
	} {
		t.Run(name, func(t *testing.T) {
			withReadiness(t, func(t *testing.T, r *Readiness, database, _ *fakeDependency, _ *bytes.Buffer) {
				wantReady(t, r, true)
				time.Sleep(time.Nanosecond) // just after a check
				c.fail(database)
				time.Sleep(5 * time.Second)
				synctest.Wait()
				wantReady(t, r, false, "database")
				time.Sleep(time.Hour)
				synctest.Wait()
				wantReady(t, r, false, "database")
				c.restore(database)
				time.Sleep(5 * time.Second)
				synctest.Wait()
				wantReady(t, r, true)
				if got := database.maxRunning.Load(); got != 1 {
					t.Errorf("%d checks ran at once", got)
				}
			})
		})
	}
}

func TestAFailureAndItsEndAreOneLogLineEach(t *testing.T) {
	withReadiness(t, func(t *testing.T, _ *Readiness, database, _ *fakeDependency, log *bytes.Buffer) {
		time.Sleep(time.Minute)
		synctest.Wait()
		if log.Len() > 0 {
			t.Errorf("the log has %q while nothing failed", log)
		}
		for range 2 {
			database.fail(errors.New("connection refused"))
			time.Sleep(time.Hour)
			synctest.Wait()
			database.restore()
			time.Sleep(time.Hour)
			synctest.Wait()
		}
		var lines []string
		for line := range strings.Lines(log.String()) {
			_, text, _ := strings.Cut(line, "level=")
			lines = append(lines, strings.TrimSpace(text))
		}
		lost := `WARN msg="a dependency is missing" dependency=database needed=true error="connection refused"`
		back := `INFO msg="a dependency is back" dependency=database`
		if want := []string{lost, back, lost, back}; !slices.Equal(lines, want) {
			t.Errorf("got %q, want %q", lines, want)
		}
	})
}

func TestAStopIsNoFailureOfADependency(t *testing.T) {
	log := &bytes.Buffer{}
	withReadiness(t, func(_ *testing.T, _ *Readiness, _, _ *fakeDependency, into *bytes.Buffer) { log = into },
		func(database, _ *fakeDependency) { database.hangs.Store(true) })
	if log.Len() > 0 {
		t.Errorf("the log has %q", log)
	}
}

func TestAStopWaitsForARunningCheckForAShortTime(t *testing.T) {
	for name, c := range map[string]struct{ lasts, want time.Duration }{
		"a check that ends":     {100 * time.Millisecond, 100 * time.Millisecond},
		"a check that does not": {time.Hour, stopWait},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := func(ctx context.Context) error {
					<-ctx.Done()
					time.Sleep(c.lasts)
					return nil
				}
				r := NewReadiness(slog.New(slog.DiscardHandler), Dependency{Name: "database", Check: check, Within: time.Hour})
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Minute, cancel)
				r.Run(ctx)
				begun := time.Date(2000, 1, 1, 0, 1, 0, 0, time.UTC)
				if took := time.Since(begun); took != c.want {
					t.Errorf("it ended after %s, want %s", took, c.want)
				}
				time.Sleep(2 * time.Hour) // the check ends too
			})
		})
	}
}
