package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"aikagi/backend/testkit/fleet"
)

// Of idle connections.
const (
	// idleBound is how long one may stay after its request: the program keeps it for a minute.
	idleBound = 75 * time.Second
	// dialers open connections side by side.
	dialers = 64
	// eachBound is the memory of one, in KiB.
	eachBound = 32
	// fewFilesLimit is how many files the program may open where they are few.
	fewFilesLimit = 400
)

// idleConnections holds many that asked once and then say nothing, and as many that never say anything.
func (c *check) idleConnections(on string) error {
	if err := raiseFileLimit(uint64(c.connections) + 1000); err != nil {
		return fmt.Errorf("make room for %d connections: %w", c.connections, err)
	}
	s, err := c.serve(on, "idle", fleet.Settings{More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	s.walkTimes(5).report("a recovery before")
	for _, kind := range []struct {
		name     string
		request  string
		patience time.Duration
	}{
		{"that asked once", "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", idleBound},
		{"that never ask", "", slowBound},
	} {
		fmt.Printf("  %d connections %s\n", c.connections, kind.name)
		before, opened := files(s.Process), time.Now()
		without, _ := s.MemoryMB()
		held, err := s.hold(c.connections, kind.request)
		if err != nil {
			return errors.Join(err, closeAll(held))
		}
		with, _ := s.MemoryMB()
		each := (with - without) * 1024 / float64(len(held))
		figure("opened", "in %.1f s; %d files open in the program", time.Since(opened).Seconds(), files(s.Process))
		figure("memory", "%.0f MiB without, %.0f MiB with: %.1f KiB each", without, with, each)
		c.bound(each <= eachBound, "an idle connection takes less than %d KiB", eachBound)
		walked := s.walkTimes(5)
		walked.report("a recovery meanwhile")
		c.judge(walked, stepBound)

		ended := awaitEnds(held, kind.patience)
		figure("ended by the program", "%s after they were opened", ended)
		c.bound(ended.count() == len(held), "the program ends all of them within %s (%d of %d)", kind.patience, ended.count(), len(held))
		if err := closeAll(held); err != nil {
			return err
		}
		left := files(s.Process)
		after, _ := s.MemoryMB()
		c.bound(left <= before+spareFiles, "all are released (%d files before, %d after)", before, left)
		figure("memory afterwards", "%.0f MiB", after)
	}
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

// fewFiles opens more connections than the program may have files, for a while, and looks that it neither ends nor
// spins, serves a member meanwhile, and is itself again afterwards.
func (c *check) fewFiles(on string) error {
	s, err := c.serve(on, "files", fleet.Settings{Files: fewFilesLimit, More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	s.walkTimes(5).report("a recovery before")
	const patience = 5 * time.Second
	var all []held
	used, begun := time.Duration(0), time.Now()
	walked, err := s.meanwhile(func() (err error) {
		all, err = s.hold(3*fewFilesLimit, "")
		used, begun = cpu(s.Process), time.Now()
		time.Sleep(patience)
		return err
	})
	if err != nil {
		figure("not all connections could be opened", "%v", err)
	}
	burnt := share(cpu(s.Process)-used, time.Since(begun))
	figure("connections opened", "%d; %d files open in the program, allowed are %d", len(all), files(s.Process), fewFilesLimit)
	figure("CPU of the program meanwhile", "%.0f %% of one core", burnt)
	c.bound(s.Runs(), "the program goes on")
	c.bound(burnt < 80, "it does not spin")
	walked.report("a recovery meanwhile")
	c.judge(walked, slowBound)
	if err := closeAll(all); err != nil {
		return err
	}
	after := s.walkTimes(5)
	after.report("a recovery afterwards")
	c.judge(after, stepBound)
	c.running(s)
	return nil
}
