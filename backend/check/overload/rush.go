package main

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

// Constants of the rush: many members ask at the same time, as after the news of a breach.
const (
	rushLasts   = 2 * time.Minute
	rushClients = 64
	// readers have their letters before the rush. The first idleReaders of them finish before it, the others during it.
	readers     = 160
	idleReaders = 60
	// maxOvertaking is how much later a letter may have been requested than one that arrives after it. Letters leave in batches
	// over several connections.
	maxOvertaking = 3 * time.Second
	// maxSlowdown is the highest ratio of a step's 99th percentile during the rush to that before it.
	maxSlowdown = 2.0
	// rushMemory in MiB includes two hashes of 19 MiB.
	rushMemory = 128
	// rushPatience is how long all letters may take.
	rushPatience = 20 * time.Minute
)

// rush is one run of the rush.
type rush struct {
	server  *server
	reading *recoveries // of the readers who finish during the rush

	answers tally
	waited  times
	asked   []time.Time // when each member asked, of the accepted asks
	arrived []arrival
	oldest  atomic.Int64 // the highest age of the oldest unresolved ask, in seconds
}

// arrival is a letter that has arrived.
type arrival struct {
	to string
	at time.Time
}

// runRush lets many known members ask within two minutes.
func (c *check) runRush(on string) error {
	s, err := c.serve(on, "rush", fleet.Settings{More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	if err := fleet.EnrolAll(s.store, membersFrom(members, c.rushing+readers)); err != nil {
		return err
	}
	letters, err := s.lettersFor(readers)
	if err != nil {
		return err
	}
	idle := newRecoveries(s, readerSteps)
	for _, letter := range letters[:idleReaders] {
		idle.finish(letter, loginIDOf(letter.To[0]))
	}
	before, _ := s.MemoryMB()
	r := &rush{server: s, asked: make([]time.Time, c.rushing), reading: newRecoveries(s, readerSteps)}
	collecting := r.run(c.rushing, letters[idleReaders:])
	c.judgeSteps(r, idle, before)
	collecting.Wait()
	c.judgeOrder(r)
	c.judgeServing(s)
	return nil
}

// membersFrom gives the members with the numbers from first to end-1.
func membersFrom(first, end int) (all []member.Member) {
	for n := first; n < end; n++ {
		all = append(all, fleet.Member(n))
	}
	return all
}

// loginIDOf is the login ID of the member with a mail address.
func loginIDOf(address string) string {
	loginID, _, _ := strings.Cut(address, "@")
	return loginID
}

// lettersFor asks for recovery for count unused members, and waits for their letters.
func (s *server) lettersFor(count int) ([]sink.Letter, error) {
	browser := fleet.NewBrowser(s.Base, nil)
	for range count {
		if err := askAccepted(browser, s.unusedMember()); err != nil {
			return nil, err
		}
	}
	var letters []sink.Letter
	for deadline := time.Now().Add(letterPatience); len(letters) < count; time.Sleep(10 * time.Millisecond) {
		if letters = append(letters, s.mails.Take()...); time.Now().After(deadline) {
			return nil, fmt.Errorf("%d of %d letters came", len(letters), count)
		}
	}
	return letters, nil
}

// run lets all members ask, and the readers finish. It returns when they have. The letters are still collected then: the group
// is done when all have arrived.
func (r *rush) run(count int, letters []sink.Letter) (collecting *sync.WaitGroup) {
	collecting = &sync.WaitGroup{}
	var reading sync.WaitGroup
	begun := time.Now()
	collecting.Go(func() { r.collect(count) })
	reading.Go(func() {
		for i, letter := range letters {
			sleepUntilTurn(begun, i, len(letters))
			r.reading.finish(letter, loginIDOf(letter.To[0]))
		}
	})
	asking := &numbers{end: count}
	r.server.runClients(rushClients, func(browser *fleet.Browser) {
		for n := range asking.taken() {
			sleepUntilTurn(begun, n, count)
			r.ask(browser, n)
		}
	})
	reading.Wait()
	figure("asked for", "%d members in %.0f s: %s", count, time.Since(begun).Seconds(), &r.answers)
	return collecting
}

// sleepUntilTurn sleeps until the time of the n-th of count calls, which are spread evenly over the rush.
func sleepUntilTurn(begun time.Time, n, count int) {
	time.Sleep(time.Until(begun.Add(rushLasts * time.Duration(n) / time.Duration(count))))
}

// ask asks for the n-th member who is no reader.
func (r *rush) ask(browser *fleet.Browser, n int) {
	begun := time.Now()
	answer, err := askFor(browser, n+readers)
	r.waited.add(time.Since(begun))
	r.answers.add(answerName(answer, err))
	if err == nil && answer.Status == http.StatusAccepted {
		r.asked[n] = begun
	}
}

// collect collects the letters until all have arrived, and records the age of the oldest unresolved ask.
func (r *rush) collect(count int) {
	seen := make(map[string]bool, count)
	for begun := time.Now(); len(seen) < count && time.Since(begun) < rushPatience; time.Sleep(250 * time.Millisecond) {
		for _, letter := range r.server.mails.Take() {
			to := letter.To[0]
			if isNotice := letter.RecoveryPath() == ""; isNotice || seen[to] {
				continue
			}
			seen[to] = true
			r.arrived = append(r.arrived, arrival{to, letter.At})
		}
		r.oldest.Store(max(r.oldest.Load(), int64(r.server.gauge("aikagi_recovery_oldest_unresolved_seconds"))))
		if time.Since(begun) > rushLasts+30*time.Second && r.answers.of(accepted) == len(r.arrived) {
			return
		}
	}
}

// gauge reads a metric without labels; 0 when it cannot be read.
func (s *server) gauge(name string) float64 {
	answer, err := fleet.NewBrowser(s.Operations, nil).Call("GET", "/metrics")
	if err != nil {
		return 0
	}
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(answer.Body)
	if found == nil {
		return 0
	}
	value, _ := strconv.ParseFloat(found[1], 64)
	return value
}

// judgeSteps compares the steps of the readers during the rush with those before it. before is the memory before the rush.
func (c *check) judgeSteps(r *rush, idle *recoveries, before float64) {
	_, most := r.server.MemoryMB()
	figure("an ask until its answer", "%s", &r.waited)
	figure("oldest unresolved ask", "%d s", r.oldest.Load())
	figure("memory", "%.0f MiB before, %.0f MiB at most", before, most)
	c.bound(r.answers.of(accepted) == len(r.asked), "every ask is accepted (%d of %d)", r.answers.of(accepted), len(r.asked))
	c.bound(most <= rushMemory, "memory stays under %d MiB", rushMemory)
	c.bound(len(r.reading.failed) == 0, "every step of a recovery meanwhile succeeds (%v)", errors.Join(r.reading.failed...))
	for _, step := range readerSteps {
		quiet, rushed := idle.took[step], r.reading.took[step]
		figure(step+", idle", "%s", quiet)
		figure(step+", meanwhile", "%s", rushed)
		ratio := rushed.quantile(0.99).Seconds() / quiet.quantile(0.99).Seconds()
		c.bound(ratio <= maxSlowdown, "%s: p99 is %.1f times the idle one, %.1f at most", step, ratio, maxSlowdown)
	}
}

// judgeOrder checks that every accepted ask has its letter, and that the letters arrived in the order of the asks.
func (c *check) judgeOrder(r *rush) {
	var delays times
	var latest time.Time
	var overtaking time.Duration
	for _, letter := range r.arrived {
		n, _ := strconv.Atoi(strings.TrimPrefix(loginIDOf(letter.to), "member"))
		asked := r.asked[n-readers]
		delays.add(letter.at.Sub(asked))
		overtaking = max(overtaking, latest.Sub(asked))
		if asked.After(latest) {
			latest = asked
		}
	}
	_, most := r.server.MemoryMB()
	figure("from the ask to its letter", "%s", &delays)
	figure("memory", "%.0f MiB at most", most)
	c.bound(len(r.arrived) == r.answers.of(accepted), "every ask has its letter (%d of %d)", len(r.arrived), r.answers.of(accepted))
	c.bound(overtaking <= maxOvertaking, "letters come in the order of asking (none overtakes another by more than %.1f s)", overtaking.Seconds())
}
