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

// database is one kind of database. Each group of scenarios gets a new database of this kind.
type database struct {
	name    string
	fleet   *fleet.Fleet
	mariadb *fleet.MariaDB // nil: SQLite
	redis   *fleet.Redis   // nil until it is needed, and with SQLite
	served  int            // the number of servers so far
}

func newDatabase(f *fleet.Fleet, name string) (*database, error) {
	d := &database{name: name, fleet: f}
	if name == "sqlite" {
		return d, nil
	}
	var err error
	if d.mariadb, err = f.NewMariaDB(name); err != nil {
		return nil, err
	}
	return d, d.mariadb.Start()
}

// fresh creates a database, and names it for the program and for the store.
func (d *database) fresh() (setting string, where store.Settings, err error) {
	d.served++
	name := fmt.Sprintf("timing%d", d.served)
	if d.mariadb == nil {
		file := filepath.Join(d.fleet.Folder(), name+".db")
		return "sqlite:" + file, store.Settings{Dialect: store.SQLite, Path: file}, nil
	}
	return fleet.URL(name, d.mariadb), fleet.Where(name, d.mariadb), d.mariadb.CreateDatabase(name)
}

// startRedis gives the setting for Redis; empty when none is needed.
func (d *database) startRedis(isNeeded bool) (setting string, err error) {
	if !isNeeded || d.mariadb == nil {
		return "", nil
	}
	if d.redis == nil {
		if d.redis, err = d.fleet.NewRedis("redis"); err != nil {
			return "", err
		}
		if err := d.redis.Start(); err != nil {
			return "", err
		}
	}
	return d.redis.URL(), nil
}

// server is a running program, its mail server, a store on its database, and the connection over which it is measured.
type server struct {
	*client
	program *fleet.Program
	store   *store.Store
	mails   *sink.Server // nil: the mail server is down
}

// conditions are the conditions under which a server is started.
type conditions struct {
	members  []member.Member
	mailDown bool
	redis    bool // beside MariaDB
	more     []string
}

// serve starts a server on a new database with the members of the conditions.
func (d *database) serve(with conditions) (s *server, err error) {
	s = &server{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	setting, where, err := d.fresh()
	if err != nil {
		return s, err
	}
	smtp, err := s.startMailServer(with.mailDown)
	if err != nil {
		return s, err
	}
	redis, err := d.startRedis(with.redis)
	if err != nil {
		return s, err
	}
	s.program, err = d.fleet.NewProgram(fmt.Sprintf("%s-%d", d.name, d.served), fleet.Settings{
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

// startMailServer gives the address for letters. The mail server discards them unparsed: parsing takes a millisecond of the cores on
// which the program is timed. When it is down, nothing listens at the address.
func (s *server) startMailServer(down bool) (string, error) {
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

// awaitIdle waits until every ask is resolved and, unless the mail server is down, every letter is sent.
func (s *server) awaitIdle() error {
	// Each check takes half a millisecond of the cores that the program shares.
	const longest, interval = 10 * time.Minute, 10 * time.Millisecond
	for begun := time.Now(); time.Since(begun) < longest; time.Sleep(interval) {
		if working, err := s.hasWork(); err != nil || !working {
			return err
		}
	}
	return fmt.Errorf("asks or letters still wait after %s", longest)
}

func (s *server) hasWork() (bool, error) {
	if s.mails == nil {
		waiting, err := s.store.Recoveries().Unresolved(context.Background(), 1)
		return len(waiting) > 0, err
	}
	return s.store.Members().HasWork(context.Background())
}
