package main

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"aikagi/backend/testkit/fleet"
)

const (
	// calm is how long the load continues after a fault: longer than Galera takes to exclude a node (5 s).
	calm = 12 * time.Second
	// freeze is how long a node is frozen: longer than every deadline of the servers' calls, also than the read timeout of their
	// connections (90 s). A worker without a deadline would hang until the end of it, or for ever.
	freeze = 100 * time.Second
	// leavesWithin is how long a node may take to find that the others have excluded it.
	leavesWithin = 30 * time.Second
	// lettersAfter is how much longer than the asks the letters may pause: the ten seconds of a claim, and some more.
	lettersAfter = 15 * time.Second
)

// fault is the failure of one process.
type fault struct {
	name          string
	breaks, mends func() error
	longestWait   time.Duration // the longest time without an accepted ask
	lasts         time.Duration // from breaks to mends
}

// faults are the faults in their order. The first is none, for comparison.
func (s *site) faults() []fault {
	first, last := s.nodes.Nodes[0], s.nodes.Nodes[2]
	nothing := func() error { return nil }
	return []fault{
		{"nothing", nothing, nothing, 5 * time.Second, calm},
		{"the database node in use is killed", killed(first.Process), s.rejoined(first), 30 * time.Second, calm},
		{"another database node is killed", killed(last.Process), s.rejoined(last), 30 * time.Second, calm},
		{"the database node in use is stopped", stopped(first.Process), s.rejoined(first), 30 * time.Second, calm},
		{"the database node in use freezes", frozen(first.Process), s.thawed(first), 30 * time.Second, freeze},
		{"the Redis in use is killed", killed(s.redis.Servers[0].Process), s.redis.Servers[0].Start, 5 * time.Second, calm},
		{"a Sentinel is killed", killed(s.redis.Watch[0].Process), s.redis.Watch[0].Start, 5 * time.Second, calm},
		{"a server is killed", killed(s.servers[0].Process), s.servers[0].Start, 5 * time.Second, calm},
		{"a server is stopped", stopped(s.servers[1].Process), s.servers[1].Start, 5 * time.Second, calm},
	}
}

// failEachInTurn lets one process of each kind fail, and starts it again. It prints for how long no server accepted an ask, and for
// how long no letter came.
func (s *site) failEachInTurn() error {
	for _, fault := range s.faults() {
		s.ledger.Receive(s.mails.Take())
		// Starts both measurements.
		s.ledger.Gap()
		s.ledger.Silence()
		if err := fault.breaks(); err != nil {
			return fmt.Errorf("%s: %w", fault.name, err)
		}
		time.Sleep(fault.lasts)
		gap := s.ledger.Gap()
		s.ledger.Receive(s.mails.Take())
		silence := s.ledger.Silence()
		session, err := s.untilSignedIn()
		if err != nil {
			return fmt.Errorf("%s: %w", fault.name, err)
		}
		fmt.Printf("%-40s no ask was accepted for %6s, and no letter came for %6s; a sign-in and a request of the session succeeded within %s\n",
			fault.name, gap.Round(10*time.Millisecond), silence.Round(10*time.Millisecond), session.Round(10*time.Millisecond))
		if err := fault.mends(); err != nil {
			return fmt.Errorf("%s, mended: %w", fault.name, err)
		}
		s.ledger.Receive(s.mails.Take())
		if gap > fault.longestWait {
			return fmt.Errorf("%s: no ask was accepted for %s, want %s at most", fault.name, gap, fault.longestWait)
		}
		if silence > fault.longestWait+lettersAfter {
			return fmt.Errorf("%s: no letter came for %s, want %s at most", fault.name, silence, fault.longestWait+lettersAfter)
		}
	}
	return nil
}

func killed(p *fleet.Process) func() error {
	return func() error {
		p.Kill()
		return nil
	}
}

func stopped(p *fleet.Process) func() error {
	return func() error {
		_, err := p.Stop(time.Minute)
		return err
	}
}

func frozen(p *fleet.Process) func() error {
	return func() error {
		p.Signal(syscall.SIGSTOP)
		return nil
	}
}

// rejoined starts a node again and waits until the cluster has three nodes.
func (s *site) rejoined(node *fleet.MariaDB) func() error {
	return func() error { return errors.Join(node.Start(), s.nodes.AwaitSize(3)) }
}

// thawed lets a frozen node run again. The others have excluded it, so it ends itself, and is started again as by a service manager.
func (s *site) thawed(node *fleet.MariaDB) func() error {
	return func() error {
		node.Signal(syscall.SIGCONT)
		for deadline := time.Now().Add(leavesWithin); node.Runs() && time.Now().Before(deadline); {
			time.Sleep(100 * time.Millisecond)
		}
		node.Kill()
		return s.rejoined(node)()
	}
}
