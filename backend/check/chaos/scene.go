package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

const (
	members = 100_000
	clients = 4
	between = 20 * time.Millisecond
	// settleWithin is longer than the longest wait between two tries at a letter.
	settleWithin = 12 * time.Minute
	walkedOn     = 50
)

// scene is one server with its database, and a mail server behind a gate.
type scene struct {
	program *fleet.Program
	opened  *store.Store
	mails   *sink.Server
	gate    *fleet.Gate
	ledger  *fleet.Ledger
}

// newScene starts the server on a database, which is migrated and filled first.
func newScene(f *fleet.Fleet, where store.Settings, settings fleet.Settings) (*scene, error) {
	s := &scene{ledger: fleet.NewLedger()}
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

// trouble makes the mail server slow, refusing, dying in the middle of a letter, or vanish; or leaves it in peace.
func (s *scene) trouble() error {
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

// finish ends the trouble, waits until all is done, and accounts.
func (s *scene) finish() error {
	s.mails.SetMode(sink.Mode{})
	if err := s.gate.Open(); err != nil {
		return err
	}
	took, err := s.ledger.Settle(s.opened, s.mails, settleWithin)
	if err != nil {
		return err
	}
	said, broken := s.ledger.Account()
	fmt.Printf("  %s; at rest after %s\n", said, took.Round(time.Second))
	walked, err := s.ledger.WalkOn(s.program, walkedOn)
	fmt.Printf("  %d temporary passwords were redeemed, each once\n", walked)
	s.gate.Shut()
	return errors.Join(broken, err, s.opened.Close(), s.mails.Close())
}
