package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"aikagi/backend/testkit/fleet"
)

func killOnSQLite(f *fleet.Fleet, rounds int) error {
	s, err := newOnSQLite(f, f.Folder())
	if err != nil {
		return err
	}
	return s.killRepeatedly(rounds)
}

func killOnMariaDB(f *fleet.Fleet, rounds int) error {
	s, _, err := newOnMariaDB(f, fleet.Settings{})
	if err != nil {
		return err
	}
	return s.killRepeatedly(rounds)
}

// killRepeatedly ends the program at random times under load, with SIGKILL or with SIGTERM by chance, and starts it again.
func (s *environment) killRepeatedly(rounds int) error {
	endLoad := s.ledger.Load(clients, between, s.program)
	killed, stopped, slowest := 0, 0, time.Duration(0)
	var failed []error
	for range rounds {
		failed = append(failed, s.disturbMailServer())
		time.Sleep(rand.N(500 * time.Millisecond))
		if rand.N(2) == 0 {
			s.program.Kill()
			killed++
		} else {
			took, err := s.program.Stop(15 * time.Second)
			slowest = max(slowest, took)
			failed = append(failed, err)
			stopped++
		}
		if err := s.program.Start(); err != nil {
			return errors.Join(append(failed, err)...)
		}
		s.ledger.Receive(s.mails.Take())
	}
	endLoad()
	fmt.Printf("killed %d times, stopped %d times (the slowest stop took %s)\n", killed, stopped, slowest.Round(time.Millisecond))
	return errors.Join(append(failed, s.finish())...)
}
