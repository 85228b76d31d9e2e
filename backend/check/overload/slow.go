package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"aikagi/backend/testkit/fleet"
)

// Of slow and greedy clients.
const (
	slowConnections   = 4000
	unreadConnections = 1000 // each fills the kernel's buffers with answers
	greedyConnections = 200
	// slowBound is how long a connection may live without a whole request: the program reads or writes for ten
	// seconds, and a machine that is full of clients tells late.
	slowBound = 15 * time.Second
	// releasedWithin is how soon afterwards all connections are gone from the program.
	releasedWithin = 20 * time.Second
	// spareFiles are what a program opens or keeps open for itself in the meantime: database, Redis, mail server.
	spareFiles = 64
)

// slowClients holds connections as long as the program lets, in every way that is known.
func (c *check) slowClients(on string) error {
	if err := raiseFileLimit(slowConnections + 1000); err != nil {
		return err
	}
	s, err := c.serve(on, "slow", fleet.Settings{More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	const post = "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for _, kind := range []struct {
		name   string
		count  int
		status string // that every one is answered; empty: none, it is closed
		behave func(ctx context.Context, conn *net.TCPConn) string
	}{
		{"headers byte by byte", slowConnections, "400", trickle("GET / HTTP/1.1\r\nX: ", "x")},
		{"bodies byte by byte", slowConnections, "400", trickle(post+"Content-Length: 8000\r\n\r\n{", " ")},
		{"half a body, then silence", slowConnections, "400", trickle(post+"Content-Length: 100\r\n\r\n{", "")},
		{"answers that nobody reads", unreadConnections, "", turnAway(strings.Repeat("GET /api/openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n", 200))},
		{"huge headers", greedyConnections, "431", blurt("GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n")},
		{"long bodies", greedyConnections, "413", blurt(post + "Content-Length: 900000\r\n\r\n" + strings.Repeat("x", 900_000))},
	} {
		before := files(s.Process)
		kept := &crowd{behave: kind.behave}
		used, begun := cpu(s.Process), time.Now()
		most := 0
		walked, err := s.meanwhile(func() error {
			ctx, cancel := context.WithTimeout(context.Background(), c.lasts)
			defer cancel()
			time.AfterFunc(c.lasts/2, func() { most = files(s.Process) })
			kept.run(ctx, s, kind.count)
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Printf("  %s, %d connections\n", kind.name, kind.count)
		figure("open in the program", "%d files", most)
		figure("CPU of the program", "%.0f %% of one core", share(cpu(s.Process)-used, time.Since(begun)))
		figure("a connection lives", "%s", &kept.lived)
		figure("it is answered", "%s", &kept.answers)
		walked.report("a recovery meanwhile")
		c.judgeCrowd(s, kept, kind.status, before)
		c.judge(walked, stepBound)
	}
	_, most := s.MemoryMB()
	figure("memory at most (VmHWM)", "%.0f MiB", most)
	c.bound(most <= memoryBound, "memory stays under %d MiB", memoryBound)
	c.running(s)
	return nil
}

func (c *check) judgeCrowd(s *served, kept *crowd, status string, before int) {
	if status == "" {
		status = "closed"
	}
	c.bound(kept.lived.count() > 0 && kept.lived.longest() <= slowBound, "the program ends each within %s", slowBound)
	c.bound(kept.answers.of(status) > 0 && kept.answers.others(status, "closed") == 0, "each is answered %s, or closed", status)
	released := time.Now()
	for files(s.Process) > before+spareFiles && time.Since(released) < releasedWithin {
		time.Sleep(50 * time.Millisecond)
	}
	left := files(s.Process)
	c.bound(left <= before+spareFiles, "all are released afterwards (%d files before, %d after %.1f s)", before, left, time.Since(released).Seconds())
}
