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

// dependency can be away, or hang, as it is told to.
type dependency struct {
	fault atomic.Pointer[error]
	// hangs until its context ends; deaf hangs until the channel is closed, whatever its context does.
	hangs                atomic.Bool
	deaf                 atomic.Pointer[chan struct{}]
	checks, atOnce, most atomic.Int64
}

func (d *dependency) check(ctx context.Context) error {
	d.checks.Add(1)
	d.most.Store(max(d.most.Load(), d.atOnce.Add(1)))
	defer d.atOnce.Add(-1)
	if d.hangs.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if until := d.deaf.Load(); until != nil {
		<-*until
	}
	if fault := d.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

func (d *dependency) isAway(fault error) { d.fault.Store(&fault) }
func (d *dependency) isBack()            { d.fault.Store(nil) }

func (d *dependency) isDeaf() {
	until := make(chan struct{})
	d.deaf.Store(&until)
}

func (d *dependency) hears() { close(*d.deaf.Swap(nil)) }

// watched runs a test on a readiness that watches a database (checked each second, within 3 s) and a mail server (each
// minute, within 30 s; after a failure 10 s later).
func watched(t *testing.T, test func(t *testing.T, r *Readiness, database, smtp *dependency, log *bytes.Buffer), prepare ...func(database, smtp *dependency)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := &bytes.Buffer{}
		database, smtp := &dependency{}, &dependency{}
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
	ready, got := r.now()
	if took := time.Since(begun); took != 0 {
		t.Errorf("the answer took %s", took)
	}
	if ready != want || !slices.Equal(got, missing) {
		t.Errorf("after %s: got ready %v and missing %v; want %v and %v", time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), ready, got, want, missing)
	}
}

func TestADependencyIsMissingUntilItsFirstCheckSucceeded(t *testing.T) {
	watched(t, func(t *testing.T, r *Readiness, _, smtp *dependency, _ *bytes.Buffer) {
		wantReady(t, r, true, "smtp")
		awaited := make(chan struct{})
		go func() { r.AwaitFirst(t.Context()); close(awaited) }()
		time.Sleep(30 * time.Second)
		<-awaited
		smtp.hangs.Store(false)
		time.Sleep(10*time.Second + 1)
		synctest.Wait()
		wantReady(t, r, true)
	}, func(_, smtp *dependency) { smtp.hangs.Store(true) })
}

func TestADependencyThatHangsDelaysOnlyItself(t *testing.T) {
	for name, prepare := range map[string]func(database, smtp *dependency){
		"until its deadline":   func(_, smtp *dependency) { smtp.hangs.Store(true) },
		"deaf to its deadline": func(_, smtp *dependency) { smtp.isDeaf() },
	} {
		t.Run(name, func(t *testing.T) {
			watched(t, func(t *testing.T, r *Readiness, database, smtp *dependency, _ *bytes.Buffer) {
				for range 10 {
					time.Sleep(time.Minute)
					synctest.Wait()
					wantReady(t, r, true, "smtp")
				}
				if got, want := database.checks.Load(), int64(601); got != want {
					t.Errorf("the database was checked %d times in ten minutes, want %d", got, want)
				}
				if got := smtp.most.Load(); got != 1 {
					t.Errorf("%d checks of the mail server were under way at once", got)
				}
				if smtp.deaf.Load() != nil {
					smtp.hears()
				}
			}, prepare)
		})
	}
}

func TestAnAbsentDatabaseIsSeenWithinFiveSecondsAndItsReturnToo(t *testing.T) {
	for name, c := range map[string]struct{ leave, comeBack func(*dependency) }{
		"refuses":              {func(d *dependency) { d.isAway(errors.New("refused")) }, (*dependency).isBack},
		"hangs":                {func(d *dependency) { d.hangs.Store(true) }, func(d *dependency) { d.hangs.Store(false) }},
		"deaf to its deadline": {(*dependency).isDeaf, (*dependency).hears},
	} {
		t.Run(name, func(t *testing.T) {
			watched(t, func(t *testing.T, r *Readiness, database, _ *dependency, _ *bytes.Buffer) {
				wantReady(t, r, true)
				time.Sleep(time.Nanosecond) // just after a check
				c.leave(database)
				time.Sleep(5 * time.Second)
				synctest.Wait()
				wantReady(t, r, false, "database")
				time.Sleep(time.Hour)
				synctest.Wait()
				wantReady(t, r, false, "database")
				c.comeBack(database)
				time.Sleep(5 * time.Second)
				synctest.Wait()
				wantReady(t, r, true)
				if got := database.most.Load(); got != 1 {
					t.Errorf("%d checks were under way at once", got)
				}
			})
		})
	}
}

func TestALossAndAReturnAreOneLineEach(t *testing.T) {
	watched(t, func(t *testing.T, _ *Readiness, database, _ *dependency, log *bytes.Buffer) {
		time.Sleep(time.Minute)
		synctest.Wait()
		if log.Len() > 0 {
			t.Errorf("the log says %q while all is well", log)
		}
		for range 2 {
			database.isAway(errors.New("connection refused"))
			time.Sleep(time.Hour)
			synctest.Wait()
			database.isBack()
			time.Sleep(time.Hour)
			synctest.Wait()
		}
		var lines []string
		for line := range strings.Lines(log.String()) {
			_, said, _ := strings.Cut(line, "level=")
			lines = append(lines, strings.TrimSpace(said))
		}
		lost := `WARN msg="a dependency is missing" dependency=database needed=true error="connection refused"`
		back := `INFO msg="a dependency is back" dependency=database`
		if want := []string{lost, back, lost, back}; !slices.Equal(lines, want) {
			t.Errorf("got %q, want %q", lines, want)
		}
	})
}

func TestAStopIsNoLossOfADependency(t *testing.T) {
	log := &bytes.Buffer{}
	watched(t, func(_ *testing.T, _ *Readiness, _, _ *dependency, into *bytes.Buffer) { log = into },
		func(database, _ *dependency) { database.hangs.Store(true) })
	if log.Len() > 0 {
		t.Errorf("the log says %q", log)
	}
}

func TestAStopWaitsForAChecksEndButNotForEver(t *testing.T) {
	for name, c := range map[string]struct{ lasts, want time.Duration }{
		"one that heeds its end": {100 * time.Millisecond, 100 * time.Millisecond},
		"one that is deaf":       {time.Hour, endWait},
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
