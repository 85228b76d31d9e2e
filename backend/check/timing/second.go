package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"aikagi/backend/testkit/fleet"
)

// soon is the time after an ask in which the work for it must not slow down other calls. late is the time of the resolver's work: on
// a server without other work it does slow them down. That is printed, and does not fail the check.
var (
	soon = span{0, 20 * time.Millisecond}
	late = span{20 * time.Millisecond, 120 * time.Millisecond}
)

type span struct{ from, to time.Duration }

func (s span) random() time.Duration { return s.from + rand.N(s.to-s.from) }

// A pair of second calls takes some 30 ms, most of it waiting, and gives two times of each kind. So these scenarios have half of the
// pairs of the others. The late ones, which take ten times as long, have a twentieth.
const (
	soonShare = 2
	lateShare = 20
)

// secondCalls asks for a member or for an unknown login ID, and then times two calls, each at a random time: the state of that
// recovery, and an ask for another unknown login ID.
func (c *check) secondCalls(d *database) (err error) {
	soonPairs, latePairs := max(2, c.pairs/soonShare), max(2, c.pairs/lateShare)
	s, err := d.serve(conditions{members: membersOfEachKind(soonPairs + latePairs)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	state, second, err := s.secondCalls(0, soonPairs, soon)
	if err != nil {
		return err
	}
	c.report("second-state", state, unknown)
	c.report("second-recovery", second, unknown)
	if state, second, err = s.secondCalls(soonPairs, latePairs, late); err != nil {
		return err
	}
	show("(20 to 120 ms after,", "state: unknown", state[known], state[unknown])
	fmt.Println()
	show(" not judged)", "recovery: unknown", second[known], second[unknown])
	fmt.Println()
	return nil
}

// secondCalls makes count asks of members and count of unknown login IDs in random order, from the number first on, and times the two
// calls after each of them.
func (s *server) secondCalls(first, count int, after span) (states, asks samples, err error) {
	states, asks = make(samples), make(samples)
	for i, each := range rand.Perm(2 * count) {
		k, n := []kind{known, unknown}[each%2], first+each/2
		status, body, _, err := s.call(ask(k, n))
		if err == nil && status != http.StatusAccepted {
			err = fmt.Errorf("asked and got %d %s", status, body)
		}
		if err != nil {
			return nil, nil, err
		}
		answered := time.Now()
		path, err := pathOf(body)
		if err != nil {
			return nil, nil, err
		}
		nobody := fmt.Sprintf("nobody%d", first+i)
		seconds := []second{
			{after.random(), call{k, get(path), http.StatusOK}, states},
			{after.random(), call{k, post("/api/recoveries", "login_id", nobody, "mail_address", fleet.MailAddress(n)), http.StatusAccepted}, asks},
		}
		if seconds[0].after > seconds[1].after {
			seconds[0], seconds[1] = seconds[1], seconds[0]
		}
		for _, one := range seconds {
			time.Sleep(time.Until(answered.Add(one.after)))
			if err := s.time(one.call, one.into, nil); err != nil {
				return nil, nil, err
			}
		}
	}
	return states, asks, nil
}

// second is a call that follows an ask after some time.
type second struct {
	after time.Duration
	call  call
	into  samples
}
