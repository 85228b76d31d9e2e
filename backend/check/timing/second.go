package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"aikagi/backend/testkit/fleet"
)

// soon is how long after an ask its commits must not be felt in the next calls; late is looked at and not judged: then
// the resolver works, and on a server that has nothing else to do that can be felt.
var (
	soon = span{0, 20 * time.Millisecond}
	late = span{20 * time.Millisecond, 120 * time.Millisecond}
)

type span struct{ from, to time.Duration }

func (s span) random() time.Duration { return s.from + rand.N(s.to-s.from) }

// A pair of these takes some thirty milliseconds, most of it waiting, and gives two times of each kind. So they get
// half of the pairs that other scenarios have, and the late ones, which take ten times as long, a twentieth.
const (
	soonShare = 2
	lateShare = 20
)

// secondCalls asks for a member or for nobody, and then times two other calls, each at a random time of its own: the
// state of that recovery, and an ask for nobody.
func (c *check) secondCalls(p *place) (err error) {
	soonPairs, latePairs := max(2, c.pairs/soonShare), max(2, c.pairs/lateShare)
	s, err := p.serve(conditions{members: crowd(soonPairs + latePairs)})
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

// secondCalls asks for count of the crowd from first on, half known and half unknown, in random order.
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

// second is a call that follows an ask.
type second struct {
	after time.Duration
	call  call
	into  samples
}
