package main

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"
)

// raiseFileLimit makes room for our own ends of the connections. Go has raised the soft limit to the hard one at
// start, in the program too; as root the hard one can be raised.
func raiseFileLimit(want uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	if limit.Cur >= want {
		return nil
	}
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: want, Max: max(want, limit.Max)})
}

// dial connects to the program.
func (s *served) dial() (*net.TCPConn, error) {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(s.Base, "http://"), 20*time.Second)
	if err != nil {
		return nil, err
	}
	tcp, _ := conn.(*net.TCPConn)
	return tcp, nil
}

// crowd is many connections of one kind. For each that the program ends, a new one comes.
type crowd struct {
	// behave uses a connection until the program ends it, or ctx ends.
	behave func(ctx context.Context, conn *net.TCPConn) (answer string)

	lived   times
	answers tally
}

// run keeps so many connections until ctx ends.
func (w *crowd) run(ctx context.Context, s *served, count int) {
	var all sync.WaitGroup
	for range count {
		all.Go(func() {
			for ctx.Err() == nil {
				w.one(ctx, s)
			}
		})
	}
	all.Wait()
}

func (w *crowd) one(ctx context.Context, s *served) {
	conn, err := s.dial()
	if err != nil {
		w.answers.add("not connected")
		time.Sleep(100 * time.Millisecond)
		return
	}
	defer func() { _ = conn.Close() }()
	begun := time.Now()
	answer := w.behave(ctx, conn)
	if ctx.Err() != nil {
		return // it was we who ended it
	}
	w.lived.add(time.Since(begun))
	w.answers.add(answer)
}

// trickle sends a beginning and then a byte every second, without an end. It gives the status that it is answered.
func trickle(beginning, drop string) func(ctx context.Context, conn *net.TCPConn) string {
	return func(ctx context.Context, conn *net.TCPConn) string {
		if _, err := io.WriteString(conn, beginning); err != nil {
			return "closed"
		}
		for ctx.Err() == nil {
			answer, err := readWithin(conn, time.Second)
			if answer != "" || !isTimeout(err) {
				return statusOf(answer)
			}
			if _, err := io.WriteString(conn, drop); err != nil {
				return "closed"
			}
		}
		return ""
	}
}

// blurt sends all of a request, and gives the status that it is answered.
func blurt(request string) func(ctx context.Context, conn *net.TCPConn) string {
	return func(_ context.Context, conn *net.TCPConn) string {
		_, _ = io.WriteString(conn, request) // the answer may come before the request's end
		answer, _ := readWithin(conn, 20*time.Second)
		return statusOf(answer)
	}
}

// turnAway asks for much and reads nothing. That the program has closed shows when writing fails.
func turnAway(request string) func(ctx context.Context, conn *net.TCPConn) string {
	return func(ctx context.Context, conn *net.TCPConn) string {
		_ = conn.SetReadBuffer(4 << 10)
		for next := request; ctx.Err() == nil; next = "G" {
			_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
			if _, err := io.WriteString(conn, next); err != nil && !isTimeout(err) {
				return "closed"
			}
			time.Sleep(time.Second)
		}
		return ""
	}
}

// awaitEnd reads until the program ends the connection.
func awaitEnd(conn *net.TCPConn, patience time.Duration) error {
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	_, err := io.Copy(io.Discard, conn)
	if errors.Is(err, syscall.ECONNRESET) {
		return nil
	}
	return err
}

func readWithin(conn *net.TCPConn, patience time.Duration) (string, error) {
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	answer := make([]byte, 4<<10)
	n, err := conn.Read(answer)
	return string(answer[:n]), err
}

func isTimeout(err error) bool {
	var failed net.Error
	return errors.As(err, &failed) && failed.Timeout()
}

// statusOf is the status of an answer, or that there was none.
func statusOf(answer string) string {
	_, after, found := strings.Cut(answer, " ")
	if !found {
		return "closed"
	}
	status, _, _ := strings.Cut(after, " ")
	return status
}
