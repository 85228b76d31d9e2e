package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/password"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/throttle"
)

// Of the flood of names.
const (
	nameClients = 64
	// newNames are tried after the flood, more often than the limit allows.
	newNames = 20
	// newMembers sign in after the flood, each in a new browser. Nearly all of them must get in.
	newMembers      = 200
	newMembersBound = 190
)

// cheapHashing lets as many sign-ins as possible come as far as the limits.
var cheapHashing = password.Params{MemoryKiB: 8, Iterations: 1, Parallelism: 1}

// floodOfNames tries as many login IDs as it can, each from an IPv6 network of its own, with the limits of production.
// No limit refuses it. It must neither use up the memory, nor make the program forget what it counted before, nor give
// anybody more tries, nor shut members out.
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
	marked := fleet.LoginID(s.member())
	if _, err := own.Want(200, "POST", "/api/session", "login_id", marked, "password", oldPassword); err != nil {
		return err
	}
	begun := time.Now()
	victim := fleet.LoginID(s.member())
	through := s.tries(victim, 2*throttle.SignInsByLoginID[0].Burst)
	answers := &tally{}
	walked, err := s.meanwhile(func() error {
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
	c.judge(walked, stepBound)
	c.judgeLimits(s, begun, victim, through)
	_, err = own.Want(200, "POST", "/api/session", "login_id", marked, "password", oldPassword)
	c.bound(err == nil, "a browser in which the member signed in before still signs in (%v)", err)
	c.running(s)
	return nil
}

// sendNames tries so many login IDs that nobody has, once each.
func (s *served) sendNames(count int, answers *tally) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: nameClients}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var sent atomic.Int64
	var all sync.WaitGroup
	for range nameClients {
		all.Go(func() {
			browser := fleet.NewBrowser(s.Base, client)
			for n := sent.Add(1); n <= int64(count); n = sent.Add(1) {
				browser.Address = fmt.Sprintf("2001:db8:%x:%x::1", n>>16&0xffff, n&0xffff)
				answers.add(nameOf(browser.Call("POST", "/api/session", "login_id", fmt.Sprintf("nobody%d", n), "password", "Wrong-pass1")))
			}
		})
	}
	all.Wait()
}

// tries gives how many of so many wrong sign-ins for a login ID were looked at.
func (s *served) tries(id string, count int) (through int) {
	browser := fleet.NewBrowser(s.Base, nil)
	for range count {
		browser.Address = fleet.AnyAddress()
		if got, err := browser.Call("POST", "/api/session", "login_id", id, "password", "Wrong-pass1"); err == nil && got.Status == http.StatusUnauthorized {
			through++
		}
	}
	return through
}

// judgeLimits tries a login ID that was tried before the flood, others that were not, and members.
func (c *check) judgeLimits(s *served, begun time.Time, victim string, before int) {
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
		answers.add(nameOf(browser.Call("POST", "/api/session", "login_id", fleet.LoginID(s.member()), "password", oldPassword)))
	}
	figure("members who sign in in a new browser", "%s", answers)
	c.bound(answers.of("200") >= newMembersBound, "nearly every member gets in (%d of %d)", answers.of("200"), newMembers)
}

// reportRedis prints what the counts take there; a Redis has to bound that itself.
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
