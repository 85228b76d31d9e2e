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

// steps of a walk, in their order.
var steps = []string{"ask", "letter", "look", "redeem", "new password"}

const letterPatience = 60 * time.Second

// walks are whole recoveries, one after the other, each of a fresh member in a fresh browser.
type walks struct {
	served *served
	took   map[string]*times
	failed []error
}

func newWalks(s *served) *walks {
	w := &walks{served: s, took: make(map[string]*times)}
	for _, step := range steps {
		w.took[step] = &times{}
	}
	return w
}

// walkUntil walks until ctx ends; a walk that was begun is finished.
func (s *served) walkUntil(ctx context.Context) *walks {
	w := newWalks(s)
	for ctx.Err() == nil {
		w.walk()
	}
	return w
}

// walkTimes walks so many times.
func (s *served) walkTimes(count int) *walks {
	w := newWalks(s)
	for range count {
		w.walk()
	}
	return w
}

func (w *walks) walk() {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	browser := fleet.NewBrowser(w.served.Base, &http.Client{Transport: transport, Timeout: time.Minute})
	browser.Address = fleet.AnyAddress()
	if err := w.all(browser, w.served.member()); err != nil {
		w.failed = append(w.failed, err)
	}
}

func (w *walks) all(browser *fleet.Browser, n int) error {
	var letter sink.Letter
	for i, do := range []func() error{
		func() error {
			_, err := browser.Want(202, "POST", "/api/recoveries", "login_id", fleet.LoginID(n), "mail_address", fleet.MailAddress(n))
			return err
		},
		func() (err error) { letter, err = w.served.awaitLetter(fleet.MailAddress(n)); return err },
		func() error { _, err := browser.Want(200, "GET", letter.RecoveryPath()); return err },
		func() error {
			_, err := browser.Want(200, "POST", letter.RecoveryPath()+"/redemption", "temporary_password", letter.TemporaryPassword())
			return err
		},
		func() error {
			_, err := browser.Want(204, "PUT", letter.RecoveryPath()+"/password", "new_password", newPassword)
			return err
		},
	} {
		begun := time.Now()
		if err := do(); err != nil {
			return fmt.Errorf("%s: %w", steps[i], err)
		}
		w.took[steps[i]].add(time.Since(begun))
	}
	return nil
}

func (s *served) awaitLetter(to string) (sink.Letter, error) {
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
func (w *walks) report(when string) {
	for _, step := range steps {
		figure(when+": "+step, "%s", w.took[step])
	}
}

// judge bounds the walks: all came to their end, and no step took longer.
func (c *check) judge(w *walks, bound time.Duration) {
	whole := w.took[steps[len(steps)-1]].count()
	c.bound(whole > 0 && len(w.failed) == 0, "every recovery meanwhile is walked to its end (%d were; failed: %v)", whole, w.failed)
	var longest time.Duration
	for _, took := range w.took {
		longest = max(longest, took.longest())
	}
	c.bound(longest <= bound, "no step of them takes over %s (longest %.0f ms)", bound, ms(longest))
}

// meanwhile walks while something goes on.
func (s *served) meanwhile(do func() error) (w *walks, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var walking sync.WaitGroup
	walking.Go(func() { w = s.walkUntil(ctx) })
	err = do()
	cancel()
	walking.Wait()
	return w, err
}
