package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"aikagi/backend/testkit/fleet"
)

// Constants of the part with slow and greedy clients.
const (
	slowConnections   = 4000
	unreadConnections = 1000 // each fills buffers of the kernel with answers
	greedyConnections = 200
	// slowBound is how long a connection may live without a whole request. The program reads or writes for ten seconds; a busy
	// machine may be late.
	slowBound = 15 * time.Second
	// releasedWithin is how soon after the clients the program must have closed all connections.
	releasedWithin = 20 * time.Second
	// spareFiles is how many more files the program may open for itself meanwhile: database, Redis, mail server.
	spareFiles = 64
)

// slowKind is a kind of connection that a client tries to keep open.
type slowKind struct {
	name   string
	count  int
	status string // of the answers; empty: the connections are closed without an answer
	use    func(ctx context.Context, conn *net.TCPConn) string
}

const startOfPost = "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

var slowKinds = []slowKind{
	{"headers byte by byte", slowConnections, "400", sendSlowly("GET / HTTP/1.1\r\nX: ", "x")},
	{"bodies byte by byte", slowConnections, "400", sendSlowly(startOfPost+"Content-Length: 8000\r\n\r\n{", " ")},
	{"half a body, then silence", slowConnections, "400", sendSlowly(startOfPost+"Content-Length: 100\r\n\r\n{", "")},
	{"answers that nobody reads", unreadConnections, "", readNothing(strings.Repeat("GET /api/openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n", 200))},
	{"huge headers", greedyConnections, "431", sendAtOnce("GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n")},
	{"long bodies", greedyConnections, "413", sendAtOnce(startOfPost + "Content-Length: 900000\r\n\r\n" + strings.Repeat("x", 900_000))},
}

// slowClients keeps connections open for as long as the program allows, in several ways.
func (c *check) slowClients(on string) error {
	if err := raiseFileLimit(slowConnections + 1000); err != nil {
		return err
	}
	s, err := c.serve(on, "slow", fleet.Settings{More: []string{"AIKAGI_RATE_LIMITS=off"}})
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }()
	for _, kind := range slowKinds {
		if err := c.keepConnections(s, kind); err != nil {
			return err
		}
	}
	_, most := s.MemoryMB()
	figure("memory at most (VmHWM)", "%.0f MiB", most)
	c.bound(most <= memoryBound, "memory stays under %d MiB", memoryBound)
	c.judgeServing(s)
	return nil
}

// keepConnections keeps connections of one kind open, while members recover.
func (c *check) keepConnections(s *server, kind slowKind) error {
	before := openFiles(s.Process)
	kept := &connections{use: kind.use}
	used, begun := cpuTime(s.Process), time.Now()
	most := 0
	recovered, err := s.recoverWhile(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), c.lasts)
		defer cancel()
		time.AfterFunc(c.lasts/2, func() { most = openFiles(s.Process) })
		kept.run(ctx, s, kind.count)
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Printf("  %s, %d connections\n", kind.name, kind.count)
	figure("open in the program", "%d files", most)
	figure("CPU of the program", "%.0f %% of one core", percentOfCore(cpuTime(s.Process)-used, time.Since(begun)))
	figure("a connection lives", "%s", &kept.lived)
	figure("it is answered", "%s", &kept.answers)
	recovered.report("a recovery meanwhile")
	c.judgeConnections(s, kept, kind.status, before)
	c.judgeRecoveries(recovered, stepBound)
	return nil
}

// judgeConnections checks the connections of one kind. status is that of the answers; without answers it is empty.
func (c *check) judgeConnections(s *server, kept *connections, status string, before int) {
	wanted := "answered " + status + ", or closed"
	if status == "" {
		status, wanted = "closed", "closed without an answer"
	}
	c.bound(kept.lived.count() > 0 && kept.lived.longest() <= slowBound, "the program closes each within %s", slowBound)
	c.bound(kept.answers.of(status) > 0 && kept.answers.others(status, "closed") == 0, "each is %s", wanted)
	released := time.Now()
	for openFiles(s.Process) > before+spareFiles && time.Since(released) < releasedWithin {
		time.Sleep(50 * time.Millisecond)
	}
	left := openFiles(s.Process)
	c.bound(left <= before+spareFiles, "all are released afterwards (%d files before, %d after %.1f s)", before, left, time.Since(released).Seconds())
}
