package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"aikagi/backend/testkit/fleet"
)

// Constants of the flood of decoys.
const (
	decoyClients = 32
	askEvery     = time.Second
	// drainPatience is how long the resolver may take for the asks that are unresolved when the flood ends. Asking answers 503 when
	// the oldest is over thirty seconds old, so there are at most the asks of half a minute.
	drainPatience = 2 * time.Minute
	// letterBound is how long a member's letter may take during the flood. When asks are refused because the oldest has waited
	// for thirty seconds, an ask that was accepted before may take that long and the time to resolve it: letterBoundRefused.
	letterBound        = 10 * time.Second
	letterBoundRefused = 45 * time.Second
)

// The names of two answers.
const accepted, busy = "202", "503 busy"

// floodOfDecoys asks for recovery with unknown login IDs, as fast as its clients can. Meanwhile a member asks every second.
func (c *check) floodOfDecoys(on string) error {
	s, err := c.serve(on, "decoys", fleet.Settings{More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	asks := &memberAsks{server: s, asked: make(map[string]time.Time)}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var asking sync.WaitGroup
	asking.Go(func() { asks.everySecond(ctx) })
	used, begun := cpuTime(s.Process), time.Now()
	answers := s.sendDecoys(c.decoys)
	took, spent := time.Since(begun), cpuTime(s.Process)-used
	cancel()
	asking.Wait()

	figure("asks for nobody", "%d in %.0f s, %.0f /s: %s", c.decoys, took.Seconds(), float64(answers.of(accepted))/took.Seconds(), answers)
	figure("CPU of the program", "%.0f %% of one core", percentOfCore(spent, took))
	now, most := s.MemoryMB()
	figure("memory", "%.0f MiB at the end, %.0f MiB at most", now, most)
	c.bound(answers.others(accepted, busy) == 0, "every ask is accepted, or refused as busy with Retry-After")
	c.bound(most <= memoryBound, "memory stays under %d MiB", memoryBound)
	if err := c.judgeBacklog(s, answers.of(accepted)); err != nil {
		return err
	}
	c.judgeLetters(asks)
	c.judgeServing(s)
	return nil
}

// sendDecoys asks count times with a login ID that does not exist.
func (s *server) sendDecoys(count int) *tally {
	answers := &tally{}
	asks := &numbers{end: count}
	s.runClients(decoyClients, func(browser *fleet.Browser) {
		for range asks.taken() {
			nobody := fmt.Sprintf("nobody%d", rand.IntN(1_000_000_000))
			answers.add(answerName(browser.Call("POST", "/api/recoveries", "login_id", nobody, "mail_address", nobody+"@xxx.mm-m.ne.jp")))
		}
	})
	return answers
}

// judgeBacklog waits until every ask is resolved, and checks the outcome of the decoys.
func (c *check) judgeBacklog(s *server, decoys int) error {
	begun := time.Now()
	left, err := s.count("unresolved_since IS NOT NULL")
	for first := left; err == nil && left > 0 && time.Since(begun) < drainPatience; left, err = s.count("unresolved_since IS NOT NULL") {
		if first > 0 {
			figure("unresolved when the flood ended", "%d", first)
			first = 0
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	closed, err := s.count("outcome = 'unknown_login_id'")
	if err != nil {
		return err
	}
	figure("resolved after the flood's end", "in %.1f s", time.Since(begun).Seconds())
	c.bound(left == 0, "nothing is unresolved afterwards (%d)", left)
	c.bound(closed == decoys, "every decoy that was accepted is closed (%d of %d)", closed, decoys)
	return nil
}

// memberAsks are asks of known members, each of an unused one.
type memberAsks struct {
	server  *server
	answers tally
	waited  times
	asked   map[string]time.Time // by address: when the ask was accepted
}

// everySecond asks every second until ctx ends.
func (m *memberAsks) everySecond(ctx context.Context) {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	browser := fleet.NewBrowser(m.server.Base, nil)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		n := m.server.unusedMember()
		begun := time.Now()
		answer, err := askFor(browser, n)
		m.answers.add(answerName(answer, err))
		m.waited.add(time.Since(begun))
		if err == nil && answer.Status == http.StatusAccepted {
			m.asked[fleet.MailAddress(n)] = time.Now()
		}
	}
}

// judgeLetters waits for the letters of all accepted asks, and checks how long they took.
func (c *check) judgeLetters(m *memberAsks) {
	var delays times
	for deadline := time.Now().Add(letterPatience); m.server.mails.Count() < len(m.asked) && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	for _, letter := range m.server.mails.Letters() {
		delays.add(max(0, letter.At.Sub(m.asked[letter.To[0]])))
		delete(m.asked, letter.To[0])
	}
	figure("a member's asks meanwhile", "%s", &m.answers)
	figure("a member's ask until its answer", "%s", &m.waited)
	figure("from its answer to its letter", "%s", &delays)
	c.bound(m.answers.others(accepted, busy) == 0 && delays.count() > 0, "a member's ask is accepted, or refused as busy with Retry-After")
	c.bound(len(m.asked) == 0, "every one that was accepted has its letter (%d have none)", len(m.asked))
	most := letterBound
	if m.answers.of(busy) > 0 {
		most = letterBoundRefused
	}
	c.bound(delays.longest() <= most, "the letter comes within %s of the answer", most)
}
