package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

// recoverySteps are the steps of a whole recovery, readerSteps those of a member who has the letter already.
var (
	recoverySteps = []string{"ask", "letter", "look", "redeem", "new password"}
	readerSteps   = []string{"redeem", "new password", "sign in"}
)

const letterPatience = 60 * time.Second

// recoveries runs recoveries one after the other, and records how long their steps take.
type recoveries struct {
	server *server
	steps  []string
	took   map[string]*times // by step
	failed []error
}

func newRecoveries(s *server, steps []string) *recoveries {
	r := &recoveries{server: s, steps: steps, took: make(map[string]*times)}
	for _, step := range steps {
		r.took[step] = &times{}
	}
	return r
}

// recoverTimes runs so many recoveries.
func (s *server) recoverTimes(count int) *recoveries {
	r := newRecoveries(s, recoverySteps)
	for range count {
		r.recoverMember()
	}
	return r
}

// recoverWhile runs recoveries while a function runs. A recovery that has begun is finished.
func (s *server) recoverWhile(run func() error) (r *recoveries, err error) {
	r = newRecoveries(s, recoverySteps)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var recovering sync.WaitGroup
	recovering.Go(func() {
		for ctx.Err() == nil {
			r.recoverMember()
		}
	})
	err = run()
	cancel()
	recovering.Wait()
	return r, err
}

// recoverMember runs a whole recovery of an unused member in a new browser.
func (r *recoveries) recoverMember() {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	browser := fleet.NewBrowser(r.server.Base, &http.Client{Transport: transport, Timeout: time.Minute})
	browser.Address = fleet.AnyAddress()
	n := r.server.unusedMember()
	var letter sink.Letter
	r.run(
		func() error { return askAccepted(browser, n) },
		func() (err error) { letter, err = r.server.awaitLetter(fleet.MailAddress(n)); return err },
		func() error { _, err := browser.Want(http.StatusOK, "GET", letter.RecoveryPath()); return err },
		func() error { return redeem(browser, letter) },
		func() error { return setPassword(browser, letter) },
	)
}

// finish runs the steps of a member who has the letter.
func (r *recoveries) finish(letter sink.Letter, loginID string) {
	browser := fleet.NewBrowser(r.server.Base, nil)
	r.run(
		func() error { return redeem(browser, letter) },
		func() error { return setPassword(browser, letter) },
		func() error { return signInAccepted(browser, loginID, newPassword) },
	)
}

// run runs the steps up to the first that fails.
func (r *recoveries) run(calls ...func() error) {
	for i, call := range calls {
		begun := time.Now()
		if err := call(); err != nil {
			r.failed = append(r.failed, fmt.Errorf("%s: %w", r.steps[i], err))
			return
		}
		r.took[r.steps[i]].add(time.Since(begun))
	}
}

func (s *server) awaitLetter(to string) (sink.Letter, error) {
	for deadline := time.Now().Add(letterPatience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, letter := range s.mails.Letters() {
			if slices.Contains(letter.To, to) {
				return letter, nil
			}
		}
	}
	return sink.Letter{}, fmt.Errorf("no letter came within %s", letterPatience)
}

// report prints how long the steps took.
func (r *recoveries) report(when string) {
	for _, step := range r.steps {
		figure(when+": "+step, "%s", r.took[step])
	}
}

// judgeRecoveries checks that every recovery was completed, and that no step took longer than the bound.
func (c *check) judgeRecoveries(r *recoveries, bound time.Duration) {
	completed := r.took[r.steps[len(r.steps)-1]].count()
	c.bound(completed > 0 && len(r.failed) == 0, "every recovery is completed (%d were; failed: %v)", completed, r.failed)
	var longest time.Duration
	for _, took := range r.took {
		longest = max(longest, took.longest())
	}
	c.bound(longest <= bound, "no step of a recovery takes over %s (longest %.0f ms)", bound, ms(longest))
}
