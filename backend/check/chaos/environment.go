package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

const (
	members = 100_000
	// clients ask at random times, each once in `between` on average.
	clients = 4
	between = 20 * time.Millisecond
	// settleWithin is longer than the longest wait between two tries to send a letter.
	settleWithin = 12 * time.Minute
	// completed is how many recoveries are completed at the end.
	completed = 50
)

// environment is one program with its database, and a mail server that a gate can make unreachable.
type environment struct {
	program *fleet.Program
	opened  *store.Store
	mails   *sink.Server
	gate    *fleet.Gate
	ledger  *fleet.Ledger
}

// newEnvironment migrates and fills a database, and starts the program on it.
func newEnvironment(f *fleet.Fleet, where store.Settings, settings fleet.Settings) (*environment, error) {
	s := &environment{ledger: fleet.NewLedger()}
	var err error
	if s.mails, err = sink.Start(time.Now); err != nil {
		return nil, err
	}
	if s.gate, err = fleet.NewGate(s.mails.SMTPPort); err != nil {
		return nil, err
	}
	settings.SMTP = fmt.Sprintf("smtp://127.0.0.1:%d", s.gate.Port)
	settings.More = append([]string{"AIKAGI_TRUSTED_PROXIES=127.0.0.1"}, fleet.CheapHashing...)
	if s.program, err = f.NewProgram("aikagi", settings); err != nil {
		return nil, err
	}
	if err := s.program.Migrate(); err != nil {
		return nil, err
	}
	if s.opened, err = fleet.OpenStore(where); err != nil {
		return nil, err
	}
	hash, err := fleet.Hash()
	if err != nil {
		return nil, err
	}
	return s, errors.Join(fleet.Enrol(s.opened, members, hash), s.program.Start())
}

// disturbMailServer chooses by chance how the mail server behaves: it works, is slow, refuses letters, breaks connections during or
// after a letter, or is unreachable.
func (s *environment) disturbMailServer() error {
	s.mails.SetMode(sink.Mode{})
	if err := s.gate.Open(); err != nil {
		return err
	}
	switch rand.N(7) {
	case 0:
		s.mails.SetMode(sink.Mode{Delay: 200})
	case 1:
		s.mails.SetMode(sink.Mode{Refuse: 451, At: []string{"mail", "rcpt", "data"}[rand.N(3)]})
	case 2:
		s.mails.SetMode(sink.Mode{Drop: "data", Times: 2})
	case 3:
		s.mails.SetMode(sink.Mode{Drop: "answer", Times: 2})
	case 4:
		s.gate.Shut()
	}
	return nil
}

// newOnSQLite is newEnvironment with a new SQLite file in a folder.
func newOnSQLite(f *fleet.Fleet, folder string) (*environment, error) {
	file := filepath.Join(folder, "aikagi.db")
	return newEnvironment(f, store.Settings{Dialect: store.SQLite, Path: file}, fleet.Settings{Database: "sqlite:" + file})
}

// newOnMariaDB is newEnvironment with a new MariaDB server. The settings name further dependencies.
func newOnMariaDB(f *fleet.Fleet, settings fleet.Settings) (*environment, *fleet.MariaDB, error) {
	mariadb, err := f.NewMariaDB("mariadb")
	if err != nil {
		return nil, nil, err
	}
	if err := errors.Join(mariadb.Start(), mariadb.CreateDatabase("aikagi")); err != nil {
		return nil, nil, err
	}
	settings.Database = fleet.URL("aikagi", mariadb)
	s, err := newEnvironment(f, fleet.Where("aikagi", mariadb), settings)
	return s, mariadb, err
}

// finish restores the mail server, waits until all work is done, and checks what the members got.
func (s *environment) finish() error {
	s.mails.SetMode(sink.Mode{})
	if err := s.gate.Open(); err != nil {
		return err
	}
	err := s.ledger.Conclude(s.opened, s.mails, settleWithin, completed, s.program)
	s.gate.Shut()
	return errors.Join(err, s.opened.Close(), s.mails.Close())
}
