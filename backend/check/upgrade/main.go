// Command upgrade replaces the program of two servers behind nginx, and then their keys, while clients ask for recovery. MariaDB
// has a million members and two million recoveries. No ask may be refused, and each must have its letter.
//
//	npm run check:upgrade
//	npm run check:upgrade -- -former PATH      upgrades from the program of an earlier release
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
	// minMembers is more than the clients ask for in all, with 20 asks a second each.
	minMembers = 20_000
	// pause is how long both servers run between two restarts.
	pause        = 3 * time.Second
	stopsWithin  = 20 * time.Second
	settleWithin = 5 * time.Minute
	completed    = 20 // recoveries that are completed at the end
)

func main() {
	former := flag.String("former", "", "the former program; by default one is built from the same sources")
	members := flag.Int("members", 1_000_000, fmt.Sprintf("members in the database, at least %d: each is asked for at most once", minMembers))
	recoveries := flag.Int("recoveries", 2_000_000, "old recoveries in the database")
	flag.Parse()
	if *members < minMembers {
		fmt.Fprintf(os.Stderr, "upgrade: -members %d: right would be %d or more\n", *members, minMembers)
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

// site holds all processes, and what the members were promised and got.
type site struct {
	fleet   *fleet.Fleet
	servers [2]*fleet.Program
	front   *fleet.Program // nginx; only its address is used
	opened  *store.Store
	mails   *sink.Server
	ledger  *fleet.Ledger
}

func run(f *fleet.Fleet, former string, members, recoveries int) error {
	former, err := buildFormer(f, former)
	if err != nil {
		return err
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
	endLoad := s.ledger.Load(clients, between, s.front)
	time.Sleep(pause)
	failed := s.restartWith([]change{
		{"the new program", next, nil},
		{"the new key last", next, []string{"AIKAGI_KEYS=" + oldKey + "," + newKey}},
		{"the new key first", next, []string{"AIKAGI_KEYS=" + newKey + "," + oldKey}},
	})
	endLoad()
	fmt.Printf("the clients asked for %s\n", time.Since(begun).Round(time.Second))
	if refused, lost := s.ledger.NotAccepted(); refused+lost > 0 {
		failed = errors.Join(failed, fmt.Errorf("%d asks were refused, %d had no answer", refused, lost))
	}
	concluded := s.ledger.Conclude(s.opened, s.mails, settleWithin, completed, s.front)
	return errors.Join(failed, concluded, s.opened.Close(), s.mails.Close())
}

// buildFormer returns the path of the former program. It builds one from the same sources when none is given.
func buildFormer(f *fleet.Fleet, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	path := filepath.Join(f.Folder(), "former")
	build := exec.Command("go", "build", "-ldflags", "-X aikagi/backend/cli.version=former", "-o", path, ".")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the former program: %w\n%s", err, output)
	}
	return path, nil
}

// change is made on one server after the other: it gets a program and further environment variables, and is restarted.
type change struct {
	name, program string
	environ       []string
}

// restartWith makes the changes, and prints for how long no ask was accepted meanwhile.
func (s *site) restartWith(changes []change) error {
	for _, change := range changes {
		if _, err := s.servers[0].RunAs(change.program, "migrate"); err != nil {
			return err
		}
		for _, server := range s.servers {
			s.ledger.Gap()
			took, err := server.Stop(stopsWithin)
			if err != nil {
				return err
			}
			server.Become(change.program, change.environ...)
			begun := time.Now()
			if err := server.Start(); err != nil {
				return err
			}
			started := time.Since(begun)
			time.Sleep(pause)
			fmt.Printf("%s on %s: stopped in %s, ready after %s; the longest time without an accepted ask was %s\n", change.name, server.Name,
				took.Round(100*time.Millisecond), started.Round(10*time.Millisecond), s.ledger.Gap().Round(time.Millisecond))
		}
	}
	return nil
}
