package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"aikagi/backend/password"
	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

// memberPassword is every member's.
const memberPassword = "Xq7-vLm2Rt"

// server is a running program with its mail sink, and a handle of our own on its database.
type server struct {
	*fleet.Program
	store *store.Store
	where store.Settings
	mails *sink.Server
}

// database makes an empty one. MariaDB is started when it is first needed.
func (b *bench) database(on string) (url string, where store.Settings, err error) {
	b.schemas++
	name := fmt.Sprintf("bench%d", b.schemas)
	if on != onMariaDB {
		file := filepath.Join(b.Folder(), name+".db")
		return "sqlite:" + file, store.Settings{Dialect: store.SQLite, Path: file}, nil
	}
	if b.mariadb == nil {
		if b.mariadb, err = b.NewMariaDB("mariadb"); err != nil {
			return "", where, err
		}
		if err := b.mariadb.Start(); err != nil {
			return "", where, err
		}
	}
	return fleet.URL(name, b.mariadb), fleet.Where(name, b.mariadb), b.mariadb.CreateDatabase(name)
}

// prepare makes a server on a new database with so many members, whose hashes cost what they cost in production. Start
// starts it.
func (b *bench) prepare(on string, members int) (s *server, err error) {
	s = &server{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	url, where, err := b.database(on)
	if err != nil {
		return s, err
	}
	s.where = where
	if s.mails, err = sink.Start(time.Now); err != nil {
		return s, err
	}
	s.Program, err = b.NewProgram(fmt.Sprintf("server%d", b.schemas), fleet.Settings{
		Database: url, SMTP: s.mails.SMTP(), More: []string{"AIKAGI_RATE_LIMITS=off", "AIKAGI_LOG_LEVEL=error"},
	})
	if err != nil {
		return s, err
	}
	if err = s.Migrate(); err != nil {
		return s, err
	}
	if s.store, err = fleet.OpenStore(where); err != nil {
		return s, err
	}
	hash, err := password.NewHasher(password.DefaultParams, 1, time.Minute).
		Hash(context.Background(), password.MemberLane, password.NewPlain(memberPassword))
	if err != nil {
		return s, err
	}
	return s, fleet.Enrol(s.store, members, hash)
}

// serve is prepare, and waits until the server is ready.
func (b *bench) serve(on string, members int) (*server, error) {
	s, err := b.prepare(on, members)
	if err != nil {
		return nil, err
	}
	if err := s.Start(); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *server) stop() error {
	if s.Program != nil {
		s.Kill()
	}
	var failed []error
	if s.mails != nil {
		failed = append(failed, s.mails.Close())
	}
	if s.store != nil {
		failed = append(failed, s.store.Close())
	}
	return errors.Join(failed...)
}

const (
	settlePatience = 2 * time.Minute
	settlePoll     = 5 * time.Millisecond
)

// settle waits until no ask waits to be resolved and no letter to be sent.
func (s *server) settle() error {
	for begun := time.Now(); ; time.Sleep(settlePoll) {
		works, err := s.store.Members().HasWork(context.Background())
		if err != nil || !works {
			return err
		}
		if time.Since(begun) > settlePatience {
			return fmt.Errorf("after %s there is still work to do", settlePatience)
		}
	}
}

// asker returns a client that asks for recovery: for the member that next names, or for nobody when it is nil.
func (s *server) asker(next func() int) opener {
	return func() (func() error, func(), error) {
		c := newCaller(s.Base)
		return func() error {
			if next == nil {
				return c.ask(-1)
			}
			return c.ask(next())
		}, c.leave, nil
	}
}

// ask asks for recovery for a member, or, below 0, for nobody.
func (c *caller) ask(n int) error {
	loginID, address := "nobody", "nobody@xxx.mm-m.ne.jp"
	if n >= 0 {
		loginID, address = fleet.LoginID(n), fleet.MailAddress(n)
	}
	_, err := c.call("POST", "/api/recoveries", `{"login_id":"`+loginID+`","mail_address":"`+address+`"}`, 202)
	return err
}
