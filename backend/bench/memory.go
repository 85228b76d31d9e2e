package main

import (
	"errors"
	"fmt"
	"regexp"

	"aikagi/backend/testkit/fleet"
)

// The load under which memory is measured.
const (
	memoryClients = 64
	memoryRounds  = 3
)

// measureMemory reads how much memory the program takes at most while many clients ask, look and fetch, and nobody signs in.
func measureMemory(b *bench, on string) (o outcome, err error) {
	s, err := b.prepare(on, 1000)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	most := &way{name: "memory", round: func() (float64, error) {
		if err := s.Start(); err != nil {
			return 0, err
		}
		defer s.Kill()
		if _, err := perSecond(memoryClients, 3*b.lasts, s.visitor()); err != nil {
			return 0, err
		}
		_, most := fleet.MemoryMB(s.ID())
		return most, nil
	}}
	if err := takeTurns(min(b.rounds, memoryRounds), most); err != nil {
		return o, err
	}
	o.Rows = []row{alone(fmt.Sprintf("memory at most, %d clients, no sign-ins", memoryClients), "MiB", most, atMost(64))}
	return o, nil
}

var recoveryID = regexp.MustCompile(`"id":"([^"]+)"`)

// visitor returns a client that opens the page, asks, and looks at the recovery.
func (s *server) visitor() opener {
	return func() (func() error, func(), error) {
		c := newCaller(s.Base)
		return func() error {
			if _, err := c.call("GET", "/", "", 200); err != nil {
				return err
			}
			answer, err := c.call("POST", "/api/recoveries", `{"login_id":"nobody","mail_address":"nobody@xxx.mm-m.ne.jp"}`, 202)
			if err != nil {
				return err
			}
			id := recoveryID.FindSubmatch(answer)
			if id == nil {
				return fmt.Errorf("the answer has no id: %s", answer)
			}
			_, err = c.call("GET", "/api/recoveries/"+string(id[1]), "", 200)
			return err
		}, c.leave, nil
	}
}
