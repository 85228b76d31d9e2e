package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

// place is a kind of database, on which each group of scenarios gets a new one.
type place struct {
	name    string
	fleet   *fleet.Fleet
	mariadb *fleet.MariaDB // nil: SQLite
	redis   *fleet.Redis   // nil until it is needed, and with SQLite
	served  int
}

func newPlace(f *fleet.Fleet, name string) (*place, error) {
	p := &place{name: name, fleet: f}
	if name == "sqlite" {
		return p, nil
	}
	var err error
	if p.mariadb, err = f.NewMariaDB(name); err != nil {
		return nil, err
	}
	return p, p.mariadb.Start()
}

// fresh makes a database.
func (p *place) fresh() (setting string, where store.Settings, err error) {
	p.served++
	name := fmt.Sprintf("timing%d", p.served)
	if p.mariadb == nil {
		file := filepath.Join(p.fleet.Folder(), name+".db")
		return "sqlite:" + file, store.Settings{Dialect: store.SQLite, Path: file}, nil
	}
	return fleet.URL(name, p.mariadb), fleet.Where(name, p.mariadb), p.mariadb.CreateDatabase(name)
}

// startRedis gives the setting of a Redis, empty when none is needed.
func (p *place) startRedis(isNeeded bool) (setting string, err error) {
	if !isNeeded || p.mariadb == nil {
		return "", nil
	}
	if p.redis == nil {
		if p.redis, err = p.fleet.NewRedis("redis"); err != nil {
			return "", err
		}
		if err := p.redis.Start(); err != nil {
			return "", err
		}
	}
	return p.redis.URL(), nil
}

// server is a program that serves, its mail sink, a handle of our own on its database, and our connection to it.
type server struct {
	*client
	program *fleet.Program
	store   *store.Store
	mails   *sink.Server // nil: nobody listens where the letters should go
}

// conditions are what a server is started with.
type conditions struct {
	members  []member.Member
	mailDown bool
	redis    bool // beside MariaDB
	more     []string
}

// serve starts a server on a new database with these members in it.
func (p *place) serve(with conditions) (s *server, err error) {
	s = &server{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	setting, where, err := p.fresh()
	if err != nil {
		return s, err
	}
	smtp, err := s.receive(with.mailDown)
	if err != nil {
		return s, err
	}
	redis, err := p.startRedis(with.redis)
	if err != nil {
		return s, err
	}
	s.program, err = p.fleet.NewProgram(fmt.Sprintf("%s-%d", p.name, p.served), fleet.Settings{
		Database: setting, Redis: redis, SMTP: smtp,
		More: append([]string{"AIKAGI_RATE_LIMITS=off", "AIKAGI_LOG_LEVEL=error"}, with.more...),
	})
	if err != nil {
		return s, err
	}
	if err := s.program.Migrate(); err != nil {
		return s, err
	}
	if s.store, err = fleet.OpenStore(where); err != nil {
		return s, err
	}
	if err := fleet.EnrolAll(s.store, with.members); err != nil {
		return s, err
	}
	if err := s.program.Start(); err != nil {
		return s, err
	}
	s.client, err = dial(strings.TrimPrefix(s.program.Base, "http://"))
	return s, err
}

// receive gives an address for letters: that of a sink, which throws them away unread (parsing them takes a
// millisecond of the cores that the server is timed on), or one where nobody listens.
func (s *server) receive(down bool) (string, error) {
	if down {
		port, err := fleet.FreePort()
		return fmt.Sprintf("smtp://127.0.0.1:%d", port), err
	}
	var err error
	if s.mails, err = sink.Start(time.Now); err != nil {
		return "", err
	}
	s.mails.SetMode(sink.Mode{Discard: true})
	return s.mails.SMTP(), nil
}

func (s *server) stop() error {
	var failed []error
	if s.client != nil {
		failed = append(failed, s.close())
	}
	if s.program != nil {
		s.program.Kill()
	}
	if s.mails != nil {
		failed = append(failed, s.mails.Close())
	}
	if s.store != nil {
		failed = append(failed, s.store.Close())
	}
	return errors.Join(failed...)
}

// rest waits until every ask is resolved and, unless the mail server is down, every letter gone.
func (s *server) rest() error {
	// Each look takes half a millisecond of the cores that everything here shares.
	const longest, poll = 10 * time.Minute, 10 * time.Millisecond
	for begun := time.Now(); time.Since(begun) < longest; time.Sleep(poll) {
		if works, err := s.works(); err != nil || !works {
			return err
		}
	}
	return fmt.Errorf("asks or letters still wait after %s", longest)
}

func (s *server) works() (bool, error) {
	if s.mails == nil {
		waiting, err := s.store.Recoveries().Unresolved(context.Background(), 1)
		return len(waiting) > 0, err
	}
	return s.store.Members().HasWork(context.Background())
}
