package main

import (
	"errors"
	"fmt"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

// served is a running server with its mail sink and a database handle of our own beside it.
type served struct {
	program *fleet.Program
	store   *store.Store
	mails   *sink.Server
	base    string
	// statements counts those that the database has answered, where it counts them; else it gives 0.
	statements func() (int64, error)
	startedIn  time.Duration
}

// startServer migrates and fills the database, then starts the program and waits until it is ready.
func startServer(f *fleet.Fleet, name, database string, where store.Settings, members int) (s *served, err error) {
	s = &served{statements: func() (int64, error) { return 0, nil }}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	if s.mails, err = sink.Start(time.Now); err != nil {
		return s, err
	}
	s.program, err = f.NewProgram(name, fleet.Settings{
		Database: database, SMTP: s.mails.SMTP(), More: []string{"AIKAGI_RATE_LIMITS=off", "AIKAGI_LOG_LEVEL=error"},
	})
	if err != nil {
		return s, err
	}
	s.base = s.program.Base
	if err := s.program.Migrate(); err != nil {
		return s, err
	}
	if s.store, err = fleet.OpenStore(where); err != nil {
		return s, err
	}
	if err := fleet.Enrol(s.store, members, ""); err != nil {
		return s, err
	}
	begun := time.Now()
	err = s.program.Start()
	s.startedIn = time.Since(begun)
	return s, err
}

func (s *served) stop() {
	if s.program != nil {
		s.program.Kill()
	}
	var failed []error
	if s.mails != nil {
		failed = append(failed, s.mails.Close())
	}
	if s.store != nil {
		failed = append(failed, s.store.Close())
	}
	if err := errors.Join(failed...); err != nil {
		fmt.Println("  at the end:", err)
	}
}
