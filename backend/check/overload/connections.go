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

// raiseFileLimit allows this process so many open files, for its ends of the connections. Go has raised the soft limit to the
// hard limit at start; root may raise the hard limit.
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
func (s *server) dial() (*net.TCPConn, error) {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(s.Base, "http://"), 20*time.Second)
	if err != nil {
		return nil, err
	}
	tcp, _ := conn.(*net.TCPConn)
	return tcp, nil
}

// connections keeps many connections of one kind open: a new one replaces each that the program closes.
type connections struct {
	// use uses a connection until the program closes it or ctx ends. It returns the status of the answer, or "closed".
	use func(ctx context.Context, conn *net.TCPConn) (answer string)

	lived   times
	answers tally
}

// run keeps count connections open until ctx ends.
func (w *connections) run(ctx context.Context, s *server, count int) {
	var all sync.WaitGroup
	for range count {
		all.Go(func() {
			for ctx.Err() == nil {
				w.runOne(ctx, s)
			}
		})
	}
	all.Wait()
}

func (w *connections) runOne(ctx context.Context, s *server) {
	conn, err := s.dial()
	if err != nil {
		w.answers.add("not connected")
		time.Sleep(100 * time.Millisecond)
		return
	}
	defer func() { _ = conn.Close() }()
	begun := time.Now()
	answer := w.use(ctx, conn)
	if ctx.Err() != nil {
		return // this process has closed it
	}
	w.lived.add(time.Since(begun))
	w.answers.add(answer)
}

// sendSlowly sends a beginning, and then a byte every second until the program answers.
func sendSlowly(beginning, drop string) func(ctx context.Context, conn *net.TCPConn) string {
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

// sendAtOnce sends a whole request and reads the answer.
func sendAtOnce(request string) func(ctx context.Context, conn *net.TCPConn) string {
	return func(_ context.Context, conn *net.TCPConn) string {
		_, _ = io.WriteString(conn, request) // the program may answer before it has read everything
		answer, _ := readWithin(conn, 20*time.Second)
		return statusOf(answer)
	}
}

// readNothing sends requests with large answers and reads none of them. Writing fails when the program has closed the connection.
func readNothing(request string) func(ctx context.Context, conn *net.TCPConn) string {
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

// awaitClose reads until the program closes the connection.
func awaitClose(conn *net.TCPConn, patience time.Duration) error {
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

// statusOf is the status of an answer, or "closed" when there is none.
func statusOf(answer string) string {
	_, after, found := strings.Cut(answer, " ")
	if !found {
		return "closed"
	}
	status, _, _ := strings.Cut(after, " ")
	return status
}
