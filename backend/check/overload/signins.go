package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"time"

	"aikagi/backend/testkit/fleet"
)

// Of the flood of sign-ins.
const (
	// floodClients are more than the lane of sign-ins lets wait.
	floodClients = 1000
	// afterRefusal is how soon a client of the flood comes again. It is told five seconds, and does not listen.
	afterRefusal = time.Second
	// hashingMiB is what one hash takes at production cost.
	hashingMiB = 19
)

// Bounds.
const (
	// memoryBound is for the whole program while it is flooded, with as much garbage as Go lets lie.
	memoryBound = 384
	// waitBound is for a sign-in: two seconds in the lane, then the answer on a machine that is full of clients.
	waitBound = 10 * time.Second
	// ahead is the median of what is hashed behind a grant or a session, in those of the flood's sign-ins: it is
	// hashed twice, but waits for hashes under way only. In the flood's lane it would wait twice as long as they.
	ahead = 0.75
	// stepBound is for a step of a recovery meanwhile.
	stepBound = 10 * time.Second
)

// signIns floods the lane of sign-ins at production cost.
func (c *check) signIns(on string) (err error) {
	s, err := c.serve(on, "signins", fleet.Settings{More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	session, err := s.signIn()
	if err != nil {
		return err
	}
	idleWalks := s.walkTimes(10)
	idle, err := session.changeTimes(10)
	if err != nil {
		return err
	}
	flood := &flood{served: s}
	var flooded *times
	used, begun := cpu(s.Process), time.Now()
	walked, err := s.meanwhile(func() (err error) {
		ctx, cancel := context.WithTimeout(context.Background(), c.lasts)
		defer cancel()
		var changing sync.WaitGroup
		changing.Go(func() { flooded, err = session.changeUntil(ctx) })
		flood.run(ctx)
		changing.Wait()
		return err
	})
	if err != nil {
		return fmt.Errorf("while it was flooded: %w", err)
	}
	figure("CPU of the program", "%.0f %% of one core", share(cpu(s.Process)-used, time.Since(begun)))
	c.judgeFlood(s, flood)
	for _, step := range steps {
		figure(step+", idle", "%s", idleWalks.took[step])
		figure(step+", flooded", "%s", walked.took[step])
	}
	figure("change on the member page, idle", "%s", idle)
	figure("change on the member page, flooded", "%s", flooded)
	c.judge(walked, stepBound)
	queued := flood.hashed.at(0.5)
	c.ahead(walked.took["new password"], queued, "grant")
	c.ahead(flooded, queued, "session")
	again := time.Now()
	_, err = s.signIn()
	c.bound(err == nil, "afterwards a member signs in (in %.0f ms; %v)", ms(time.Since(again)), err)
	c.running(s)
	return nil
}

// ahead judges whether what is hashed behind something comes before what stands in the lane of sign-ins.
func (c *check) ahead(took *times, queued time.Duration, behind string) {
	share := took.at(0.5).Seconds() / queued.Seconds()
	c.bound(share <= ahead, "who holds a %s is hashed ahead of the flood (median %.2f of a sign-in's, bound %.2f)", behind, share, ahead)
}

func (c *check) judgeFlood(s *served, f *flood) {
	const hashed, busy = "401 login_rejected", "503 busy"
	figure("answers to the flood", "%s", &f.answers)
	figure("sign-ins hashed", "%s", &f.hashed)
	figure("sign-ins refused", "%s", &f.refused)
	_, most := s.MemoryMB()
	figure("memory at most (VmHWM)", "%.0f MiB, of which %d workers hash in %d MiB", most, runtime.GOMAXPROCS(0), runtime.GOMAXPROCS(0)*hashingMiB)
	c.bound(f.answers.others(hashed, busy) == 0, "every sign-in is judged, or refused as busy with Retry-After")
	c.bound(f.answers.of(busy) > 0 && f.answers.of(hashed) > 0, "some are judged, some refused")
	// Of those who find the lane full nobody waits; only who stands in it for two seconds does.
	c.bound(f.refused.at(0.05) < time.Second, "who finds the lane full is refused at once (5 %% within %.0f ms)", ms(f.refused.at(0.05)))
	c.bound(max(f.hashed.longest(), f.refused.longest()) <= waitBound, "no sign-in waits over %s", waitBound)
	c.bound(most <= memoryBound, "memory stays under %d MiB", memoryBound)
}

// flood is many clients that guess passwords, each try for another login ID: some are members, most are not.
type flood struct {
	served          *served
	answers         tally
	hashed, refused times
}

func (f *flood) run(ctx context.Context) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: floodClients}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	for range floodClients {
		all.Go(func() {
			browser := fleet.NewBrowser(f.served.Base, client)
			for ctx.Err() == nil {
				f.try(browser)
			}
		})
	}
	all.Wait()
}

func (f *flood) try(browser *fleet.Browser) {
	begun := time.Now()
	answer, err := browser.Call("POST", "/api/session",
		"login_id", fleet.LoginID(rand.IntN(1_000_000_000)), "password", "Wrong-"+fmt.Sprint(rand.IntN(1_000_000)))
	took := time.Since(begun)
	f.answers.add(nameOf(answer, err))
	switch {
	case err == nil && answer.Status == http.StatusUnauthorized:
		f.hashed.add(took)
	default:
		f.refused.add(took)
		time.Sleep(afterRefusal)
	}
}

// session is a member's browser that is signed in, and keeps changing the password.
type session struct {
	browser *fleet.Browser
	present string
	next    string
}

func (s *served) signIn() (*session, error) {
	browser := fleet.NewBrowser(s.Base, nil)
	_, err := browser.Want(200, "POST", "/api/session", "login_id", fleet.LoginID(s.member()), "password", oldPassword)
	return &session{browser, oldPassword, newPassword}, err
}

func (s *session) change(took *times) error {
	begun := time.Now()
	_, err := s.browser.Want(204, "PUT", "/api/member/password", "current_password", s.present, "new_password", s.next)
	if err == nil {
		took.add(time.Since(begun))
		s.present, s.next = s.next, s.present
	}
	return err
}

func (s *session) changeTimes(count int) (*times, error) {
	took := &times{}
	for range count {
		if err := s.change(took); err != nil {
			return took, err
		}
	}
	return took, nil
}

func (s *session) changeUntil(ctx context.Context) (*times, error) {
	took := &times{}
	for ctx.Err() == nil {
		if err := s.change(took); err != nil {
			return took, err
		}
	}
	return took, nil
}

// limits floods a program with the limits that production has: all clients come from one address.
func (c *check) limits(on string) error {
	s, err := c.serve(on, "limits", fleet.Settings{})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	const anAddressAMinute = 60 // and as many at once
	ctx, cancel := context.WithTimeout(context.Background(), c.lasts/3)
	defer cancel()
	begun := time.Now()
	flood := &flood{served: s}
	flood.run(ctx)
	const limited = "429 too_many_attempts"
	let := flood.answers.others(limited)
	most := anAddressAMinute + int(time.Since(begun).Minutes()*anAddressAMinute) + 1
	figure("answers to the flood", "%s", &flood.answers)
	c.bound(let <= most, "of one address's sign-ins only so many are looked at (%d, allowed are %d)", let, most)
	c.bound(flood.answers.of(limited) > 0 && flood.answers.of("no answer") == 0, "the others are 429 with Retry-After")
	c.running(s)
	return nil
}
