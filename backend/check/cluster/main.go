// Command cluster runs three servers with a Galera cluster of three nodes and Redis with Sentinel. Clients ask for recovery at all
// servers while one process of each kind fails after the other. Afterwards it checks that every accepted ask has its letter, that
// no letter differs between two tries, that nothing is stuck, and that every server sees at once what another one wrote.
//
//	npm run test:cluster
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

const (
	members = 100_000
	clients = 6
	between = 20 * time.Millisecond
	// settleWithin is longer than the longest wait between two tries to send a letter.
	settleWithin = 12 * time.Minute
	// completed is how many recoveries each server completes at the end.
	completed = 20
)

func main() {
	f, err := fleet.New()
	if err == nil {
		err = errors.Join(run(f), f.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// site holds all processes, and what the members were promised and got.
type site struct {
	fleet    *fleet.Fleet
	nodes    *fleet.Galera
	redis    *fleet.Sentinels
	settings fleet.Settings
	servers  []*fleet.Program
	opened   *store.Store
	mails    *sink.Server
	ledger   *fleet.Ledger
	visitors int // how many members have signed in
}

func run(f *fleet.Fleet) error {
	begun := time.Now()
	s, err := build(f)
	if err != nil {
		return err
	}
	fmt.Printf("3 Galera nodes, Redis with 2 replicas and 3 Sentinels, 3 servers: up after %s\n", time.Since(begun).Round(time.Second))
	if err := s.checkOtherNodes(); err != nil {
		return err
	}
	endLoad := s.ledger.Load(clients, between, s.servers...)
	failed := s.failEachInTurn()
	endLoad()
	concluded := s.ledger.Conclude(s.opened, s.mails, settleWithin, completed, s.servers...)
	return errors.Join(failed, concluded, s.checkOtherNodes(), s.opened.Close(), s.mails.Close())
}

// build starts all processes. All servers prefer the nodes in the same order, as an operator sets it.
func build(f *fleet.Fleet) (*site, error) {
	s := &site{fleet: f, ledger: fleet.NewLedger()}
	var err error
	if s.nodes, err = f.StartGalera(3); err != nil {
		return nil, err
	}
	if s.redis, err = f.StartSentinels(2); err != nil {
		return nil, err
	}
	if s.mails, err = sink.Start(time.Now); err != nil {
		return nil, err
	}
	if err := s.nodes.Nodes[0].CreateDatabase("aikagi"); err != nil {
		return nil, err
	}
	key, err := fleet.NewKey()
	if err != nil {
		return nil, err
	}
	s.settings = fleet.Settings{
		Redis: s.redis.URL(), SMTP: s.mails.SMTP(), Key: key,
		More: append([]string{"AIKAGI_TRUSTED_PROXIES=127.0.0.1"}, fleet.CheapHashing...),
	}
	for n := range 3 {
		server, err := s.newServer(fmt.Sprintf("server%d", n+1), s.nodes.Nodes...)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			if err := s.fill(server); err != nil {
				return nil, err
			}
		}
		if err := server.Start(); err != nil {
			return nil, err
		}
		s.servers = append(s.servers, server)
	}
	return s, nil
}

// newServer makes a server that prefers the nodes in this order.
func (s *site) newServer(name string, nodes ...*fleet.MariaDB) (*fleet.Program, error) {
	settings := s.settings
	settings.Database = fleet.URL("aikagi", nodes...)
	return s.fleet.NewProgram(name, settings)
}

// fill migrates the database and adds the members.
func (s *site) fill(server *fleet.Program) error {
	err := server.Migrate()
	if err != nil {
		return err
	}
	if s.opened, err = fleet.OpenStore(fleet.Where("aikagi", s.nodes.Nodes...)); err != nil {
		return err
	}
	known, err := fleet.Hash()
	if err != nil {
		return err
	}
	return fleet.Enrol(s.opened, members, known)
}
