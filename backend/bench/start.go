package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"aikagi/backend/testkit/fleet"
)

const (
	// idleFor is how long a server rests before its idle memory is read.
	idleFor    = 4 * time.Second
	idleRounds = 3
	readyPoll  = 500 * time.Microsecond
	startLimit = 30 * time.Second
)

// measureStart times a start on a migrated database until /readyz answers 200, beside a command of the program that only
// prints, and reads the idle memory, beside a process that holds Fiber and a connection to the same database.
func measureStart(b *bench, on string) (o outcome, err error) {
	s, err := b.prepare(on, 1000)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	ready := &way{name: "start", round: func() (float64, error) {
		took, err := s.startAndTime()
		s.Kill()
		return ms(took), err
	}}
	prints := &way{name: "the program printing its version", round: func() (float64, error) {
		begun := time.Now()
		err := exec.Command(program, "version").Run()
		return ms(time.Since(begun)), err
	}}
	if err := takeTurns(2*b.rounds, ready, prints); err != nil {
		return o, err
	}
	idle := &way{name: "idle", round: func() (float64, error) {
		if _, err := s.startAndTime(); err != nil {
			return 0, err
		}
		defer s.Kill()
		time.Sleep(idleFor)
		now, _ := fleet.MemoryMB(s.ID())
		return now, nil
	}}
	bare := &way{name: "a Fiber process with the database's driver", round: func() (float64, error) {
		c, err := startCeiling(s.where)
		if err != nil {
			return 0, err
		}
		time.Sleep(time.Second)
		now, _ := fleet.MemoryMB(c.command.Process.Pid)
		return now, c.stop()
	}}
	if err := takeTurns(min(b.rounds, idleRounds), idle, bare); err != nil {
		return o, err
	}
	o.Rows = []row{
		compare("start to ready", "ms", ready, prints, atMost(70)),
		compare("memory idle", "MiB", idle, bare, atMost(26)),
	}
	for i := range o.Rows {
		o.Rows[i].Generator = 0
	}
	return o, nil
}

// startAndTime starts the program and returns how long it took until it was ready.
func (s *server) startAndTime() (time.Duration, error) {
	client := &fasthttp.HostClient{Addr: strings.TrimPrefix(s.Base, "http://"), MaxConns: 1}
	begun := time.Now()
	if err := s.Launch(); err != nil {
		return 0, err
	}
	for time.Since(begun) < startLimit {
		if status, _, err := client.Get(nil, s.Base+"/readyz"); err == nil && status == 200 {
			return time.Since(begun), nil
		}
		time.Sleep(readyPoll)
	}
	return 0, fmt.Errorf("the program is not ready:\n%s", s.Tail())
}

// measureSize reads the size of the one static file.
func measureSize(*bench, string) (o outcome, err error) {
	info, err := os.Stat(program)
	if err != nil {
		return o, err
	}
	size := float64(info.Size()) / 1e6
	o.Rows = []row{{Name: "program", Unit: "MB", Own: summary{size, size, size}, Goal: atMost(32)}}
	return o, nil
}
