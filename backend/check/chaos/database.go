package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	"aikagi/backend/testkit/fleet"
)

// breakDatabase kills, restarts and freezes MariaDB under load. The program must keep running.
func breakDatabase(f *fleet.Fleet, rounds int) error {
	s, mariadb, err := newOnMariaDB(f, fleet.Settings{})
	if err != nil {
		return err
	}
	endLoad := s.ledger.Load(clients, between, s.program)
	var killed, restarted, frozen int
	for range max(3, rounds/10) {
		time.Sleep(time.Second + rand.N(time.Second))
		switch rand.N(3) {
		case 0:
			mariadb.Kill()
			killed++
		case 1:
			if _, err := mariadb.Stop(time.Minute); err != nil {
				return err
			}
			restarted++
		default:
			mariadb.Signal(syscall.SIGSTOP)
			time.Sleep(3 * time.Second)
			mariadb.Signal(syscall.SIGCONT)
			frozen++
			continue
		}
		if err := mariadb.Start(); err != nil {
			return err
		}
		s.ledger.Receive(s.mails.Take())
	}
	endLoad()
	fmt.Printf("MariaDB killed %d times, restarted %d times, frozen %d times\n", killed, restarted, frozen)
	if !s.program.Runs() {
		return errors.New("the program ended with its database")
	}
	return s.finish()
}
