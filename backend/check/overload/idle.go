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

// Constants of the part with idle connections.
const (
	// idleBound is how long a connection may stay open after its request. The program keeps it for 75 s.
	idleBound = 90 * time.Second
	// acceptPatience is how long the program may take to accept all connections.
	acceptPatience = 9 * time.Second
	// dialers is how many goroutines open connections.
	dialers = 64
	// eachBound is the memory of one connection, in KiB.
	eachBound = 32
)

// idleConnections opens many connections that send nothing, and then as many that send one request and nothing more.
func (c *check) idleConnections(on string) error {
	if err := raiseFileLimit(uint64(c.connections) + 1000); err != nil {
		return fmt.Errorf("allow files for %d connections: %w", c.connections, err)
	}
	for _, kind := range []idle{
		{"without a request", "", slowBound},
		{"after one request", "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", idleBound},
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

// idle is a kind of idle connections; patience is how long the program may keep them.
type idle struct {
	name     string
	request  string // empty: none
	patience time.Duration
}

func (c *check) keepIdle(s *server, kind idle) error {
	s.recoverTimes(5).report("a recovery before")
	before, begun := openFiles(s.Process), time.Now()
	without, _ := s.MemoryMB()
	all, err := s.openMany(c.connections, kind.request)
	if err != nil {
		return errors.Join(err, closeAll(all))
	}
	for openFiles(s.Process) < before+len(all) && time.Since(begun) < acceptPatience {
		time.Sleep(10 * time.Millisecond) // the last connections are not accepted yet
	}
	with, _ := s.MemoryMB()
	each := (with - without) * 1024 / float64(len(all))
	figure("opened", "in %.1f s; %d files open in the program", time.Since(begun).Seconds(), openFiles(s.Process))
	figure("memory", "%.0f MiB without, %.0f MiB with: %.1f KiB each", without, with, each)
	c.bound(each <= eachBound, "an idle connection takes less than %d KiB", eachBound)
	recovered := s.recoverTimes(5)
	recovered.report("a recovery meanwhile")
	c.judgeRecoveries(recovered, stepBound)

	closed := awaitCloses(all, kind.patience)
	figure("closed by the program", "%s after they were opened", closed)
	c.bound(closed.count() == len(all), "the program closes all of them within %s (%d of %d)", kind.patience, closed.count(), len(all))
	if err := closeAll(all); err != nil {
		return err
	}
	left := openFiles(s.Process)
	after, most := s.MemoryMB()
	c.bound(left <= before+spareFiles, "all are released (%d files before, %d after)", before, left)
	figure("memory afterwards", "%.0f MiB, %.0f MiB at most", after, most)
	c.judgeServing(s)
	return nil
}

// connection is an open connection, and when it was opened.
type connection struct {
	*net.TCPConn
	since time.Time
}

// openMany opens connections and sends the request on each, if there is one. The caller closes them, also after an error.
func (s *server) openMany(count int, request string) ([]connection, error) {
	var mu sync.Mutex
	var all []connection
	var failed []error
	var working sync.WaitGroup
	for first := range dialers {
		working.Go(func() {
			for i := first; i < count; i += dialers {
				conn, err := s.openOne(request)
				mu.Lock()
				if err == nil {
					all = append(all, connection{conn, time.Now()})
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

func (s *server) openOne(request string) (*net.TCPConn, error) {
	conn, err := s.dial()
	if err != nil || request == "" {
		return conn, err
	}
	if _, err = io.WriteString(conn, request); err == nil {
		_, err = readWithin(conn, 20*time.Second)
	}
	return conn, err
}

// awaitCloses waits until the program has closed the connections, and gives how long each of them was open.
func awaitCloses(all []connection, patience time.Duration) *times {
	closed := &times{}
	var waiting sync.WaitGroup
	for _, one := range all {
		waiting.Go(func() {
			if awaitClose(one.TCPConn, patience) == nil {
				closed.add(time.Since(one.since))
			}
		})
	}
	waiting.Wait()
	return closed
}

func closeAll(all []connection) error {
	var failed []error
	for _, one := range all {
		failed = append(failed, one.Close())
	}
	return errors.Join(failed...)
}
