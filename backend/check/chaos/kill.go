package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
)

func killOnSQLite(f *fleet.Fleet, rounds int) error {
	file := filepath.Join(f.Folder(), "aikagi.db")
	s, err := newScene(f, store.Settings{Dialect: store.SQLite, Path: file}, fleet.Settings{Database: "sqlite:" + file})
	if err != nil {
		return err
	}
	return s.killOften(rounds)
}

func killOnMariaDB(f *fleet.Fleet, rounds int) error {
	mariadb, err := f.NewMariaDB("mariadb")
	if err != nil {
		return err
	}
	if err := errors.Join(mariadb.Start(), mariadb.CreateDatabase("aikagi")); err != nil {
		return err
	}
	s, err := newScene(f, fleet.Where("aikagi", mariadb), fleet.Settings{Database: fleet.URL("aikagi", mariadb)})
	if err != nil {
		return err
	}
	return s.killOften(rounds)
}

// killOften ends the server at random instants under load, by SIGKILL and by SIGTERM in turns of chance.
func (s *scene) killOften(rounds int) error {
	stop := make(chan struct{})
	load := s.ledger.Load(clients, between, stop, s.program)
	killed, stopped, slowest := 0, 0, time.Duration(0)
	var failed []error
	for range rounds {
		failed = append(failed, s.trouble())
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
	close(stop)
	load.Wait()
	fmt.Printf("  killed %d times, stopped %d times (the slowest stop took %s)\n", killed, stopped, slowest.Round(time.Millisecond))
	return errors.Join(append(failed, s.finish())...)
}
