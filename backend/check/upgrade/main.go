// Command upgrade changes two servers behind nginx from a former program to the new one, and their keys after that, while
// clients ask. MariaDB holds a million members and two million recoveries. No ask may be refused, and each must have its
// letter.
//
//	npm run check:upgrade
//	npm run check:upgrade -- -former PATH      with a program of an earlier release
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

const (
	clients = 16
	between = 50 * time.Millisecond
	// leastMembers is more than the clients ask for in all, at 20 asks a second each.
	leastMembers = 20_000
	// rests is how long both servers serve between two exchanges.
	rests        = 3 * time.Second
	stopsWithin  = 20 * time.Second
	settleWithin = 5 * time.Minute
	walkedOn     = 20
)

func main() {
	former := flag.String("former", "", "the former program; by default one is built from the same sources")
	members := flag.Int("members", 1_000_000, fmt.Sprintf("members in the database, at least %d: each is asked for at most once", leastMembers))
	recoveries := flag.Int("recoveries", 2_000_000, "old recoveries in the database")
	flag.Parse()
	if *members < leastMembers {
		fmt.Fprintf(os.Stderr, "upgrade: -members %d: right would be %d or more\n", *members, leastMembers)
		os.Exit(2)
	}
	f, err := fleet.New()
	if err == nil {
		err = errors.Join(run(f, *former, *members, *recoveries), f.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "upgrade:", err)
		os.Exit(1)
	}
}

// site is everything that runs.
type site struct {
	fleet   *fleet.Fleet
	servers [2]*fleet.Program
	front   *fleet.Program // nginx, as a server that is asked
	opened  *store.Store
	mails   *sink.Server
	ledger  *fleet.Ledger
}

func run(f *fleet.Fleet, former string, members, recoveries int) error {
	if former == "" {
		former = filepath.Join(f.Folder(), "former")
		build := exec.Command("go", "build", "-ldflags", "-X aikagi/backend/cli.version=former", "-o", former, ".")
		if said, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build the former program: %w\n%s", err, said)
		}
	}
	next, err := filepath.Abs("bin/aikagi")
	if err != nil {
		return err
	}
	oldKey, err := fleet.NewNamedKey("old")
	if err != nil {
		return err
	}
	newKey, err := fleet.NewNamedKey("new")
	if err != nil {
		return err
	}
	s := &site{fleet: f, ledger: fleet.NewLedger()}
	begun := time.Now()
	if err := s.build(former, oldKey, members, recoveries); err != nil {
		return err
	}
	fmt.Printf("MariaDB with %d members and %d recoveries, Redis, nginx, 2 servers: up after %s\n", members, recoveries, time.Since(begun).Round(time.Second))

	begun = time.Now()
	stop := make(chan struct{})
	load := s.ledger.Load(clients, between, stop, s.front)
	time.Sleep(rests)
	failed := s.exchangeAll([]exchange{
		{"the new program", next, nil},
		{"the new key last", next, []string{"AIKAGI_KEYS=" + oldKey + "," + newKey}},
		{"the new key first", next, []string{"AIKAGI_KEYS=" + newKey + "," + oldKey}},
	})
	close(stop)
	load.Wait()
	took := time.Since(begun)
	settled, err := s.ledger.Settle(s.opened, s.mails, settleWithin)
	if err != nil {
		return errors.Join(failed, err)
	}
	said, broken := s.ledger.Account()
	fmt.Printf("%s, in %s; at rest after %s\n", said, took.Round(time.Second), settled.Round(time.Millisecond))
	if refused, lost := s.ledger.NotAccepted(); refused+lost > 0 {
		failed = errors.Join(failed, fmt.Errorf("%d asks were refused, %d had no answer", refused, lost))
	}
	walked, err := s.ledger.WalkOn(s.front, walkedOn)
	fmt.Printf("%d temporary passwords were redeemed, each once\n", walked)
	return errors.Join(failed, broken, err, s.opened.Close(), s.mails.Close())
}

// exchange is what is changed on one server after the other.
type exchange struct {
	name, binary string
	environ      []string
}

func (s *site) exchangeAll(all []exchange) error {
	for _, change := range all {
		if _, err := s.servers[0].RunAs(change.binary, "migrate"); err != nil {
			return err
		}
		for _, server := range s.servers {
			s.ledger.Gap()
			took, err := server.Stop(stopsWithin)
			if err != nil {
				return err
			}
			server.Become(change.binary, change.environ...)
			begun := time.Now()
			if err := server.Start(); err != nil {
				return err
			}
			started := time.Since(begun)
			time.Sleep(rests)
			fmt.Printf("%s on %s: stopped in %s, ready after %s; the longest time without an accepted ask was %s\n", change.name, server.Name,
				took.Round(100*time.Millisecond), started.Round(10*time.Millisecond), s.ledger.Gap().Round(time.Millisecond))
		}
	}
	return nil
}
