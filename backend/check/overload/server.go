package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"aikagi/backend/password"
	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

const (
	// members is more than any part uses: each recovery and each ask takes a member that nothing else has used.
	members = 20_000
	// oldPassword is the password of every member at first.
	oldPassword   = "Xq7-vLm2Rt"
	newPassword   = "Zk4_hWp9Nd"
	wrongPassword = "Wrong-pass1"
)

// server is a running program with its mail server, and connections to its database.
type server struct {
	*fleet.Program
	store *store.Store
	rows  *sql.DB
	mails *sink.Server
	used  atomic.Int64 // the number of members that were used
}

// serve starts the program on a new database with members.
func (c *check) serve(on, name string, settings fleet.Settings) (*server, error) {
	return c.serveHashing(on, name, password.DefaultParams, settings)
}

// serveHashing is serve with hashes of another cost than in production.
func (c *check) serveHashing(on, name string, cost password.Params, settings fleet.Settings) (s *server, err error) {
	s = &server{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	where, err := c.database(on, name, &settings)
	if err != nil {
		return s, err
	}
	if s.mails, err = sink.Start(time.Now); err != nil {
		return s, err
	}
	settings.SMTP = s.mails.SMTP()
	settings.More = append(settings.More, "AIKAGI_LOG_LEVEL=error")
	if s.Program, err = c.NewProgram(name+"-on-"+on, settings); err != nil {
		return s, err
	}
	if err = s.Migrate(); err != nil {
		return s, err
	}
	if s.store, err = fleet.OpenStore(where); err != nil {
		return s, err
	}
	hash, err := password.NewHasher(cost, 1, time.Minute).
		Hash(context.Background(), password.MemberLane, password.NewPlain(oldPassword))
	if err != nil {
		return s, err
	}
	if err = fleet.Enrol(s.store, members, hash); err != nil {
		return s, err
	}
	if s.rows, err = openRows(where); err != nil {
		return s, err
	}
	return s, s.Start()
}

// database creates an empty database and sets it in the settings. It starts the database servers when they are first needed.
func (c *check) database(on, name string, settings *fleet.Settings) (where store.Settings, err error) {
	switch on {
	case "sqlite":
		file := filepath.Join(c.Folder(), name+".db")
		settings.Database = "sqlite:" + file
		return store.Settings{Dialect: store.SQLite, Path: file}, nil
	case "mariadb":
		if err := c.startServers(); err != nil {
			return where, err
		}
		schema := "overload_" + fmt.Sprintf("%x", name)
		settings.Database, settings.Redis = fleet.URL(schema, c.mariadb), c.redis.URL()
		return fleet.Where(schema, c.mariadb), c.mariadb.CreateDatabase(schema)
	}
	return where, fmt.Errorf("there is no database %q: sqlite and mariadb are known", on)
}

func (c *check) startServers() (err error) {
	if c.mariadb != nil {
		return nil
	}
	if c.mariadb, err = c.NewMariaDB("mariadb"); err != nil {
		return err
	}
	if err := c.mariadb.Start(); err != nil {
		return err
	}
	if c.redis, err = c.NewRedis("redis"); err != nil {
		return err
	}
	return c.redis.Start()
}

func openRows(where store.Settings) (*sql.DB, error) {
	if where.Dialect == store.SQLite {
		return sql.Open("sqlite", "file:"+where.Path+"?_pragma=busy_timeout(30000)")
	}
	return sql.Open("mysql", "root@tcp("+where.Hosts[0]+")/"+where.Name)
}

// count counts recoveries.
func (s *server) count(condition string) (count int, err error) {
	err = s.rows.QueryRow("SELECT COUNT(*) FROM recoveries WHERE " + condition).Scan(&count)
	return count, err
}

// unusedMember gives the number of a member that nothing has used.
func (s *server) unusedMember() int { return int(s.used.Add(1)) - 1 }

func (s *server) stop() error {
	var failed []error
	if s.Program != nil {
		s.Kill()
	}
	if s.mails != nil {
		failed = append(failed, s.mails.Close())
	}
	if s.store != nil {
		failed = append(failed, s.store.Close())
	}
	if s.rows != nil {
		failed = append(failed, s.rows.Close())
	}
	return errors.Join(failed...)
}

// judgeServing checks that the program runs and is ready.
func (c *check) judgeServing(s *server) {
	_, err := fleet.NewBrowser(s.Base, nil).Want(200, "GET", "/readyz")
	c.bound(err == nil, "the program serves afterwards (%v)", err)
	if err != nil {
		fmt.Println(s.Tail())
	}
}
