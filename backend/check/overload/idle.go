package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"aikagi/backend/testkit/fleet"
)

// Of idle connections.
const (
	// idleBound is how long one may stay after its request: the program keeps it for 75 s.
	idleBound = 90 * time.Second
	// acceptPatience is how long the program may take to accept them.
	acceptPatience = 9 * time.Second
	// dialers open connections side by side.
	dialers = 64
	// eachBound is the memory of one, in KiB.
	eachBound = 32
)

// idleConnections holds many that asked once and then say nothing, and as many that never say anything.
func (c *check) idleConnections(on string) error {
	if err := raiseFileLimit(uint64(c.connections) + 1000); err != nil {
		return fmt.Errorf("make room for %d connections: %w", c.connections, err)
	}
	for _, kind := range []idle{
		{"that never ask", "", slowBound},
		{"that asked once", "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", idleBound},
	} {
		fmt.Printf("  %d connections %s\n", c.connections, kind.name)
		s, err := c.serve(on, strings.ReplaceAll(kind.name, " ", "-"), fleet.Settings{More: []string{"AIKAGI_RATE_LIMITS=off"}})
		if err != nil {
			return err
		}
		err = c.keepIdle(s, kind)
		if err := errors.Join(err, s.stop()); err != nil {
			return err
		}
	}
	return nil
}

// idle is a kind of idle connection.
type idle struct {
	name     string
	request  string // the only one; empty: none
	patience time.Duration
}

func (c *check) keepIdle(s *served, kind idle) error {
	s.walkTimes(5).report("a recovery before")
	before, begun := files(s.Process), time.Now()
	without, _ := s.MemoryMB()
	all, err := s.hold(c.connections, kind.request)
	if err != nil {
		return errors.Join(err, closeAll(all))
	}
	for files(s.Process) < before+len(all) && time.Since(begun) < acceptPatience {
		time.Sleep(10 * time.Millisecond) // the last ones wait to be accepted
	}
	with, _ := s.MemoryMB()
	each := (with - without) * 1024 / float64(len(all))
	figure("opened", "in %.1f s; %d files open in the program", time.Since(begun).Seconds(), files(s.Process))
	figure("memory", "%.0f MiB without, %.0f MiB with: %.1f KiB each", without, with, each)
	c.bound(each <= eachBound, "an idle connection takes less than %d KiB", eachBound)
	walked := s.walkTimes(5)
	walked.report("a recovery meanwhile")
	c.judge(walked, stepBound)

	ended := awaitEnds(all, kind.patience)
	figure("ended by the program", "%s after they were opened", ended)
	c.bound(ended.count() == len(all), "the program ends all of them within %s (%d of %d)", kind.patience, ended.count(), len(all))
	if err := closeAll(all); err != nil {
		return err
	}
	left := files(s.Process)
	after, most := s.MemoryMB()
	c.bound(left <= before+spareFiles, "all are released (%d files before, %d after)", before, left)
	figure("memory afterwards", "%.0f MiB, %.0f MiB at most", after, most)
	c.running(s)
	return nil
}

// held is a connection that was opened, and when.
type held struct {
	*net.TCPConn
	since time.Time
}

// hold opens connections, makes one request on each if there is one, and keeps them.
func (s *served) hold(count int, request string) ([]held, error) {
	var mu sync.Mutex
	var all []held
	var failed []error
	var working sync.WaitGroup
	for first := range dialers {
		working.Go(func() {
			for i := first; i < count; i += dialers {
				conn, err := s.holdOne(request)
				mu.Lock()
				if err == nil {
					all = append(all, held{conn, time.Now()})
				} else {
					failed = append(failed, err)
				}
				mu.Unlock()
			}
		})
	}
	working.Wait()
	if len(failed) > 0 {
		return all, fmt.Errorf("%d connections could not be opened: %w", len(failed), failed[0])
	}
	return all, nil
}

func (s *served) holdOne(request string) (*net.TCPConn, error) {
	conn, err := s.dial()
	if err != nil || request == "" {
		return conn, err
	}
	if _, err = io.WriteString(conn, request); err == nil {
		_, err = readWithin(conn, 20*time.Second)
	}
	return conn, err
}

// awaitEnds waits until the program has ended them, and gives how long each that was ended had lived.
func awaitEnds(all []held, patience time.Duration) *times {
	ended := &times{}
	var waiting sync.WaitGroup
	for _, one := range all {
		waiting.Go(func() {
			if awaitEnd(one.TCPConn, patience) == nil {
				ended.add(time.Since(one.since))
			}
		})
	}
	waiting.Wait()
	return ended
}

func closeAll(all []held) error {
	var failed []error
	for _, one := range all {
		failed = append(failed, one.Close())
	}
	return errors.Join(failed...)
}
