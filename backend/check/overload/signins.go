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

// Constants of the flood of sign-ins.
const (
	// floodClients is more than the number of sign-ins that may wait.
	floodClients = 1000
	// afterRefusal is how soon a refused client tries again. It ignores the five seconds of Retry-After.
	afterRefusal = time.Second
	// hashingMiB is the memory of one hash at production cost.
	hashingMiB = 19
)

// The bounds of several parts.
const (
	// memoryBound in MiB is for the program during a flood, garbage included.
	memoryBound = 384
	// waitBound is for a sign-in: up to two seconds of waiting for a worker, then the answer on a busy machine.
	waitBound = 10 * time.Second
	// maxMemberShare is the highest ratio of a new password's median time to that of the flood's sign-ins. A holder of a grant or
	// a session needs two hashes, but waits only for the hashes that are being computed. In the lane of sign-ins it would take
	// twice as long as they.
	maxMemberShare = 0.75
	// stepBound is for a step of a recovery during a flood.
	stepBound = 10 * time.Second
)

// signIns floods the program with sign-ins at production cost, with the limits off.
func (c *check) signIns(on string) (err error) {
	s, err := c.serve(on, "signins", fleet.Settings{More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	session, err := s.newSession()
	if err != nil {
		return err
	}
	idleRecoveries := s.recoverTimes(10)
	idle, err := session.changeTimes(10)
	if err != nil {
		return err
	}
	flood := &flood{server: s}
	var flooded *times
	used, begun := cpuTime(s.Process), time.Now()
	recovered, err := s.recoverWhile(func() (err error) {
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
	figure("CPU of the program", "%.0f %% of one core", percentOfCore(cpuTime(s.Process)-used, time.Since(begun)))
	c.judgeFlood(s, flood)
	for _, step := range recoverySteps {
		figure(step+", idle", "%s", idleRecoveries.took[step])
		figure(step+", flooded", "%s", recovered.took[step])
	}
	figure("change on the member page, idle", "%s", idle)
	figure("change on the member page, flooded", "%s", flooded)
	c.judgeRecoveries(recovered, stepBound)
	queued := flood.hashed.quantile(0.5)
	c.judgePriority(recovered.took["new password"], queued, "grant")
	c.judgePriority(flooded, queued, "session")
	again := time.Now()
	_, err = s.newSession()
	c.bound(err == nil, "afterwards a member can sign in (in %.0f ms; %v)", ms(time.Since(again)), err)
	c.judgeServing(s)
	return nil
}

// judgePriority checks that the holder of a grant or a session is served before the sign-ins that wait.
func (c *check) judgePriority(took *times, queued time.Duration, holds string) {
	share := took.quantile(0.5).Seconds() / queued.Seconds()
	c.bound(share <= maxMemberShare, "the holder of a %s is served before the flood (median %.2f of a sign-in's, bound %.2f)", holds, share, maxMemberShare)
}

// judgeFlood checks the answers to the flood of sign-ins, how long they took, and the memory of the program.
func (c *check) judgeFlood(s *server, f *flood) {
	const hashed, busy = "401 login_rejected", "503 busy"
	figure("answers to the flood", "%s", &f.answers)
	figure("sign-ins hashed", "%s", &f.hashed)
	figure("sign-ins refused", "%s", &f.refused)
	_, most := s.MemoryMB()
	figure("memory at most (VmHWM)", "%.0f MiB, of which %d workers hash in %d MiB", most, runtime.GOMAXPROCS(0), runtime.GOMAXPROCS(0)*hashingMiB)
	c.bound(f.answers.others(hashed, busy) == 0, "every sign-in is hashed, or refused as busy with Retry-After")
	c.bound(f.answers.of(busy) > 0 && f.answers.of(hashed) > 0, "some are hashed, some refused")
	// A sign-in is refused at once when too many wait already. Otherwise it waits for at most two seconds.
	c.bound(f.refused.quantile(0.05) < time.Second, "a sign-in is refused at once when too many wait (5 %% within %.0f ms)", ms(f.refused.quantile(0.05)))
	c.bound(max(f.hashed.longest(), f.refused.longest()) <= waitBound, "no sign-in waits over %s", waitBound)
	c.bound(most <= memoryBound, "memory stays under %d MiB", memoryBound)
}

// flood is many clients that guess passwords, each time for another login ID. Some are login IDs of members, most are unknown.
type flood struct {
	server          *server
	answers         tally
	hashed, refused times
}

func (f *flood) run(ctx context.Context) {
	f.server.runClients(floodClients, func(browser *fleet.Browser) {
		for ctx.Err() == nil {
			f.try(browser)
		}
	})
}

// try signs in once with a wrong password.
func (f *flood) try(browser *fleet.Browser) {
	begun := time.Now()
	answer, err := signIn(browser, fleet.LoginID(rand.IntN(1_000_000_000)), "Wrong-"+fmt.Sprint(rand.IntN(1_000_000)))
	took := time.Since(begun)
	f.answers.add(answerName(answer, err))
	switch {
	case err == nil && answer.Status == http.StatusUnauthorized:
		f.hashed.add(took)
	default:
		f.refused.add(took)
		time.Sleep(afterRefusal)
	}
}

// session is the browser of a member who is signed in and changes the password again and again.
type session struct {
	browser       *fleet.Browser
	current, next string
}

// newSession signs an unused member in.
func (s *server) newSession() (*session, error) {
	browser := fleet.NewBrowser(s.Base, nil)
	return &session{browser, oldPassword, newPassword}, signInAccepted(browser, fleet.LoginID(s.unusedMember()), oldPassword)
}

func (s *session) change(took *times) error {
	begun := time.Now()
	_, err := s.browser.Want(204, "PUT", "/api/member/password", "current_password", s.current, "new_password", s.next)
	if err == nil {
		took.add(time.Since(begun))
		s.current, s.next = s.next, s.current
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

// limits floods a program that has the limits of production, from one address.
func (c *check) limits(on string) error {
	s, err := c.serve(on, "limits", fleet.Settings{})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	const perMinute = 60 // of one address, and as many at once
	ctx, cancel := context.WithTimeout(context.Background(), c.lasts/3)
	defer cancel()
	begun := time.Now()
	flood := &flood{server: s}
	flood.run(ctx)
	const limited = "429 too_many_attempts"
	through := flood.answers.others(limited)
	most := perMinute + int(time.Since(begun).Minutes()*perMinute) + 1
	figure("answers to the flood", "%s", &flood.answers)
	c.bound(through <= most, "the limit of one address holds (%d sign-ins, allowed are %d)", through, most)
	c.bound(flood.answers.of(limited) > 0 && flood.answers.of("no answer") == 0, "the others are 429 with Retry-After")
	c.judgeServing(s)
	return nil
}
