package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/password"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/throttle"
)

// Constants of the flood of login IDs.
const (
	nameClients = 64
	// newNames is the number of login IDs that are tried after the flood, each more often than the limit allows.
	newNames = 20
	// newMembers is the number of members who sign in after the flood, each in a new browser; newMembersBound of them must succeed.
	newMembers      = 200
	newMembersBound = 190
)

// cheapHashing makes sign-ins fast, so that as many as possible reach the limits.
var cheapHashing = password.Params{MemoryKiB: 8, Iterations: 1, Parallelism: 1}

// floodOfNames tries many login IDs, each from its own IPv6 network, so that the limits of production refuse none. The flood must
// not use up the memory, must not make the program forget earlier counts or give anybody more tries, and must not lock members
// out.
func (c *check) floodOfNames(on string) error {
	s, err := c.serveHashing(on, "names", cheapHashing, fleet.Settings{More: []string{
		"AIKAGI_TRUSTED_PROXIES=127.0.0.1", fmt.Sprintf("AIKAGI_ARGON2_MEMORY=%d", cheapHashing.MemoryKiB), "AIKAGI_ARGON2_ITERATIONS=1",
	}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	own := fleet.NewBrowser(s.Base, nil)
	own.Address = fleet.AnyAddress()
	marked := fleet.LoginID(s.unusedMember())
	if err := signInAccepted(own, marked, oldPassword); err != nil {
		return err
	}
	begun := time.Now()
	victim := fleet.LoginID(s.unusedMember())
	through := s.tries(victim, 2*throttle.SignInsByLoginID[0].Burst)
	answers := &tally{}
	recovered, err := s.recoverWhile(func() error {
		s.sendNames(c.names, answers)
		return nil
	})
	if err != nil {
		return err
	}
	figure("login IDs, each from a network of its own", "%d in %.0f s, %.0f /s: %s",
		c.names, time.Since(begun).Seconds(), float64(c.names)/time.Since(begun).Seconds(), answers)
	now, most := s.MemoryMB()
	figure("memory", "%.0f MiB at the end, %.0f MiB at most", now, most)
	if err := c.reportRedis(on); err != nil {
		return err
	}
	c.bound(answers.of("no answer") == 0, "every try is answered")
	c.bound(most <= memoryBound, "memory stays under %d MiB", memoryBound)
	c.judgeRecoveries(recovered, stepBound)
	c.judgeLimits(s, begun, victim, through)
	err = signInAccepted(own, marked, oldPassword)
	c.bound(err == nil, "a browser that the member used before can still sign in (%v)", err)
	c.judgeServing(s)
	return nil
}

// sendNames tries count unknown login IDs, once each.
func (s *server) sendNames(count int, answers *tally) {
	loginIDs := &numbers{end: count}
	s.runClients(nameClients, func(browser *fleet.Browser) {
		for n := range loginIDs.taken() {
			browser.Address = fmt.Sprintf("2001:db8:%x:%x::1", n>>16&0xffff, n&0xffff)
			answers.add(answerName(signIn(browser, fmt.Sprintf("nobody%d", n), wrongPassword)))
		}
	})
}

// tries signs in count times with a wrong password, and returns how many tries no limit refused.
func (s *server) tries(loginID string, count int) (through int) {
	browser := fleet.NewBrowser(s.Base, nil)
	for range count {
		browser.Address = fleet.AnyAddress()
		if got, err := signIn(browser, loginID, wrongPassword); err == nil && got.Status == http.StatusUnauthorized {
			through++
		}
	}
	return through
}

// judgeLimits tries a login ID that was tried before the flood, login IDs that were not, and members. before is the number of
// tries that no limit refused before the flood.
func (c *check) judgeLimits(s *server, begun time.Time, victim string, before int) {
	limit := throttle.SignInsByLoginID[0]
	through := before + s.tries(victim, 3*limit.Burst)
	allowed := limit.Burst + int(time.Since(begun)/limit.Every) + 1
	c.bound(through <= allowed, "a login ID that was tried before gets no new tries (%d, allowed are %d)", through, allowed)

	begun, most := time.Now(), 0
	for n := range newNames {
		most = max(most, s.tries(fmt.Sprintf("somebody%d", n), 2*limit.Burst))
	}
	allowed = limit.Burst + int(time.Since(begun)/limit.Every) + 1
	c.bound(most <= allowed, "a login ID that was not gets the limit's tries at most (%d, allowed are %d)", most, allowed)

	answers := &tally{}
	for range newMembers {
		browser := fleet.NewBrowser(s.Base, nil)
		browser.Address = fleet.AnyAddress()
		answers.add(answerName(signIn(browser, fleet.LoginID(s.unusedMember()), oldPassword)))
	}
	figure("members who sign in in a new browser", "%s", answers)
	c.bound(answers.of("200") >= newMembersBound, "nearly every member can sign in (%d of %d)", answers.of("200"), newMembers)
}

// reportRedis prints the memory of Redis. Redis itself has to bound it.
func (c *check) reportRedis(on string) error {
	if on != "mariadb" {
		return nil
	}
	options, err := redis.ParseURL(c.redis.URL())
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	memory, err := client.InfoMap(context.Background(), "memory").Result()
	figure("memory of Redis", "%s at the end, %s at most", memory["Memory"]["used_memory_human"], memory["Memory"]["used_memory_peak_human"])
	return err
}
