package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"aikagi/backend/testkit/fleet"
)

// Of the flood of decoys.
const (
	decoyClients = 32
	askEvery     = time.Second
	// drainPatience is how long the resolver may take for what is left when the flood ends: asking answers 503 from
	// thirty seconds on, so it is never more than what was asked in half a minute.
	drainPatience = 2 * time.Minute
	// letterBound is for a member's letter while the flood goes on. When asks pile up all the same, everybody is refused
	// once the oldest has waited for thirty seconds (SPEC 3): what was accepted until then may take as long, and what it
	// takes to work that off.
	letterBound        = 10 * time.Second
	letterBoundRefused = 45 * time.Second
)

const accepted, busy = "202", "503 busy"

// floodOfDecoys asks for recoveries of nobody as fast as so many clients can, while a member asks every second.
func (c *check) floodOfDecoys(on string) error {
	s, err := c.serve(on, "decoys", fleet.Settings{More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	asks := &memberAsks{served: s, asked: make(map[string]time.Time)}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var asking sync.WaitGroup
	asking.Go(func() { asks.everySecond(ctx) })
	used, begun := cpu(s.Process), time.Now()
	answers := s.sendDecoys(c.decoys)
	took, burnt := time.Since(begun), cpu(s.Process)-used
	cancel()
	asking.Wait()

	figure("asks for nobody", "%d in %.0f s, %.0f /s: %s", c.decoys, took.Seconds(), float64(answers.of(accepted))/took.Seconds(), answers)
	figure("CPU of the program", "%.0f %% of one core", share(burnt, took))
	now, most := s.MemoryMB()
	figure("memory", "%.0f MiB at the end, %.0f MiB at most", now, most)
	c.bound(answers.others(accepted, busy) == 0, "every ask is accepted, or refused as busy with Retry-After")
	c.bound(most <= memoryBound, "memory stays under %d MiB", memoryBound)
	if err := c.judgeBacklog(s, answers.of(accepted)); err != nil {
		return err
	}
	c.judgeLetters(asks)
	c.running(s)
	return nil
}

// sendDecoys asks so many times for a login ID that nobody has.
func (s *served) sendDecoys(count int) *tally {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: decoyClients}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	answers := &tally{}
	var sent atomic.Int64
	var all sync.WaitGroup
	for range decoyClients {
		all.Go(func() {
			browser := fleet.NewBrowser(s.Base, client)
			for sent.Add(1) <= int64(count) {
				nobody := fmt.Sprintf("nobody%d", rand.IntN(1_000_000_000))
				answers.add(nameOf(browser.Call("POST", "/api/recoveries", "login_id", nobody, "mail_address", nobody+"@xxx.mm-m.ne.jp")))
			}
		})
	}
	all.Wait()
	return answers
}

// judgeBacklog waits until nothing is unresolved, and looks what became of the decoys.
func (c *check) judgeBacklog(s *served, decoys int) error {
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

// memberAsks are a member's, a fresh one each time.
type memberAsks struct {
	served  *served
	answers tally
	waited  times
	asked   map[string]time.Time // when an address's ask was accepted
}

func (m *memberAsks) everySecond(ctx context.Context) {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	browser := fleet.NewBrowser(m.served.Base, nil)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		n := m.served.member()
		begun := time.Now()
		answer, err := browser.Call("POST", "/api/recoveries", "login_id", fleet.LoginID(n), "mail_address", fleet.MailAddress(n))
		m.answers.add(nameOf(answer, err))
		m.waited.add(time.Since(begun))
		if err == nil && answer.Status == http.StatusAccepted {
			m.asked[fleet.MailAddress(n)] = time.Now()
		}
	}
}

// judgeLetters waits for the letters of all asks that were accepted.
func (c *check) judgeLetters(m *memberAsks) {
	var delays times
	for deadline := time.Now().Add(letterPatience); m.served.mails.Count() < len(m.asked) && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	for _, letter := range m.served.mails.Letters() {
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
