package main

import (
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

// Of the rush: members who ask all at once, as after the news of a breach.
const (
	rushLasts   = 2 * time.Minute
	rushClients = 64
	// readers hold their temporary passwords before the rush. Some go on with them before it, the others during it.
	readers     = 160
	idleReaders = 60
	// overtakes is how much later a letter may be asked for than one that arrives after it: letters leave in batches over
	// several connections.
	overtakes = 3 * time.Second
	// slowed is how often the 99th of a hundred of a step may take what it takes without a rush.
	slowed = 2.0
	// flatMemory is in MiB, two hashes of 19 MiB among them.
	flatMemory = 128
	// rushPatience is how long the letters may take in all.
	rushPatience = 20 * time.Minute
)

// rushSteps are what readers do.
var rushSteps = []string{"redeem", "new password", "sign in"}

// rush lets many known members ask within two minutes.
func (c *check) rush(on string) error {
	s, err := c.serve(on, "rush", fleet.Settings{More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	if err := fleet.EnrolAll(s.store, membersFrom(members, c.rushing+readers)); err != nil {
		return err
	}
	waiting, err := s.readLetters(readers)
	if err != nil {
		return err
	}
	idle := newReading(s)
	for _, letter := range waiting[:idleReaders] {
		idle.goOn(letter)
	}
	before, _ := s.MemoryMB()
	r := &rush{served: s, asked: make([]time.Time, c.rushing), reading: newReading(s)}
	arriving := r.run(c.rushing, waiting[idleReaders:])
	c.judgeSteps(r, idle, before)
	arriving.Wait()
	c.judgeOrder(r)
	c.running(s)
	return nil
}

// membersFrom are the members that Enrol adds from the first up to a number.
func membersFrom(first, end int) (all []member.Member) {
	for n := first; n < end; n++ {
		all = append(all, fleet.Member(n))
	}
	return all
}

// readLetters asks for so many members and waits for their letters.
func (s *served) readLetters(count int) ([]sink.Letter, error) {
	browser := fleet.NewBrowser(s.Base, nil)
	for range count {
		n := s.member()
		if _, err := browser.Want(202, "POST", "/api/recoveries", "login_id", fleet.LoginID(n), "mail_address", fleet.MailAddress(n)); err != nil {
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

// reading are readers who go on with their letters, one after the other.
type reading struct {
	served *served
	took   map[string]*times
	failed []error
}

func newReading(s *served) *reading {
	r := &reading{served: s, took: make(map[string]*times)}
	for _, step := range rushSteps {
		r.took[step] = &times{}
	}
	return r
}

func (r *reading) goOn(letter sink.Letter) {
	browser := fleet.NewBrowser(r.served.Base, nil)
	loginID, _, _ := strings.Cut(letter.To[0], "@")
	for i, do := range []func() (fleet.Answer, error){
		func() (fleet.Answer, error) {
			return browser.Want(200, "POST", letter.RecoveryPath()+"/redemption", "temporary_password", letter.TemporaryPassword())
		},
		func() (fleet.Answer, error) {
			return browser.Want(204, "PUT", letter.RecoveryPath()+"/password", "new_password", newPassword)
		},
		func() (fleet.Answer, error) {
			return browser.Want(200, "POST", "/api/session", "login_id", loginID, "password", newPassword)
		},
	} {
		begun := time.Now()
		if _, err := do(); err != nil {
			r.failed = append(r.failed, fmt.Errorf("%s: %w", rushSteps[i], err))
			return
		}
		r.took[rushSteps[i]].add(time.Since(begun))
	}
}

type rush struct {
	served  *served
	reading *reading

	answers tally
	waited  times
	asked   []time.Time // when each member's ask was accepted
	arrived []arrival
	oldest  atomic.Int64 // age in seconds of the oldest unresolved ask, at most
}

type arrival struct {
	to string
	at time.Time
}

// run returns when all have asked and the readers have gone on. Letters still arrive then.
func (r *rush) run(count int, waiting []sink.Letter) (arriving *sync.WaitGroup) {
	arriving = &sync.WaitGroup{}
	var asking sync.WaitGroup
	begun := time.Now()
	arriving.Go(func() { r.watch(count) })
	asking.Go(func() {
		for i, letter := range waiting {
			time.Sleep(time.Until(begun.Add(rushLasts * time.Duration(i) / time.Duration(len(waiting)))))
			r.reading.goOn(letter)
		}
	})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: rushClients}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var next atomic.Int64
	for range rushClients {
		asking.Go(func() {
			browser := fleet.NewBrowser(r.served.Base, client)
			for n := int(next.Add(1)) - 1; n < count; n = int(next.Add(1)) - 1 {
				time.Sleep(time.Until(begun.Add(rushLasts * time.Duration(n) / time.Duration(count))))
				r.ask(browser, n)
			}
		})
	}
	asking.Wait()
	figure("asked for", "%d members in %.0f s: %s", count, time.Since(begun).Seconds(), &r.answers)
	return arriving
}

// ask asks for the n-th member that no reader is.
func (r *rush) ask(browser *fleet.Browser, n int) {
	begun, who := time.Now(), n+readers
	answer, err := browser.Call("POST", "/api/recoveries", "login_id", fleet.LoginID(who), "mail_address", fleet.MailAddress(who))
	r.waited.add(time.Since(begun))
	r.answers.add(nameOf(answer, err))
	if err == nil && answer.Status == http.StatusAccepted {
		r.asked[n] = begun
	}
}

// watch collects the letters until all have come, and reads how long the oldest ask has waited.
func (r *rush) watch(count int) {
	seen := make(map[string]bool, count)
	for begun := time.Now(); len(seen) < count && time.Since(begun) < rushPatience; time.Sleep(250 * time.Millisecond) {
		for _, letter := range r.served.mails.Take() {
			if to := letter.To[0]; letter.RecoveryPath() != "" && !seen[to] { // no notice, nor a letter's second copy
				seen[to] = true
				r.arrived = append(r.arrived, arrival{to, letter.At})
			}
		}
		r.oldest.Store(max(r.oldest.Load(), int64(r.served.gauge("aikagi_recovery_oldest_unresolved_seconds"))))
		if time.Since(begun) > rushLasts+30*time.Second && r.answers.of(accepted) == len(r.arrived) {
			return
		}
	}
}

// gauge reads a metric that has no labels, 0 when it cannot be read.
func (s *served) gauge(name string) float64 {
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

func (c *check) judgeSteps(r *rush, idle *reading, before float64) {
	_, most := r.served.MemoryMB()
	figure("an ask until its answer", "%s", &r.waited)
	figure("oldest unresolved ask", "%d s", r.oldest.Load())
	figure("memory", "%.0f MiB before, %.0f MiB at most", before, most)
	c.bound(r.answers.of(accepted) == len(r.asked), "every ask is accepted (%d of %d)", r.answers.of(accepted), len(r.asked))
	c.bound(most <= flatMemory, "memory stays under %d MiB", flatMemory)
	c.bound(len(r.reading.failed) == 0, "every step of a recovery meanwhile is done (%v)", r.reading.failed)
	for _, step := range rushSteps {
		quiet, rushed := idle.took[step], r.reading.took[step]
		figure(step+", idle", "%s", quiet)
		figure(step+", meanwhile", "%s", rushed)
		ratio := rushed.at(0.99).Seconds() / quiet.at(0.99).Seconds()
		c.bound(ratio <= slowed, "%s: p99 is %.1f times the idle one, %.1f at most", step, ratio, slowed)
	}
}

func (c *check) judgeOrder(r *rush) {
	var delays times
	var latest time.Time
	var overtaken time.Duration
	for _, letter := range r.arrived {
		n, _ := strconv.Atoi(strings.TrimPrefix(strings.Split(letter.to, "@")[0], "member"))
		asked := r.asked[n-readers]
		delays.add(letter.at.Sub(asked))
		overtaken = max(overtaken, latest.Sub(asked))
		if asked.After(latest) {
			latest = asked
		}
	}
	_, most := r.served.MemoryMB()
	figure("from the ask to its letter", "%s", &delays)
	figure("memory", "%.0f MiB at most", most)
	c.bound(len(r.arrived) == r.answers.of(accepted), "every ask has its letter (%d of %d)", len(r.arrived), r.answers.of(accepted))
	c.bound(overtaken <= overtakes, "letters come in the order of asking (none overtakes another by more than %.1f s)", overtaken.Seconds())
}
