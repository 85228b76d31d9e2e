package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
)

// scripted is a mail server whose answers a test defines byte by byte. The test sets its fields before the first
// letter.
type scripted struct {
	// answers are by command (greeting, EHLO, MAIL, … and . for the letter). With an empty answer the server closes the
	// connection. Without an entry it answers as a common server does.
	answers map[string]string
	// answer, if set, is called first, with the number of the connection, from 1. If it returns "-", answers counts. It is
	// called by one connection at a time.
	answer func(connection int, command string) string
	// certificate is used after STARTTLS, or from the first byte with implicit.
	certificate *tls.Certificate
	implicit    bool

	mu          sync.Mutex
	connections int
	lines       []string // as they came, without line end; those after a handshake begin with "TLS "
	letters     []string
}

var usualAnswers = map[string]string{
	"greeting": "220 scripted.example ESMTP\r\n",
	"EHLO":     "250-scripted.example\r\n250 8BITMIME\r\n",
	"DATA":     "354 go on\r\n",
	"STARTTLS": "220 go on\r\n",
	"AUTH":     "235 2.7.0 welcome\r\n",
	"QUIT":     "221 bye\r\n",
}

// reply returns the answer to a command.
func (s *scripted) reply(connection int, command string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer != nil {
		if answer := s.answer(connection, command); answer != "-" {
			return answer
		}
	}
	if answer, written := s.answers[command]; written {
		return answer
	}
	if answer, usual := usualAnswers[command]; usual {
		return answer
	}
	return "250 ok\r\n"
}

// dial connects a client to the server over a pipe, which also works in a bubble of [testing/synctest].
func (s *scripted) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go s.serve(server)
	return client, nil
}

// listen serves on loopback until the test ends, and returns the port.
func (s *scripted) listen(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	return listener.Addr().(*net.TCPAddr).Port
}

// serve handles one connection until its end.
func (s *scripted) serve(conn net.Conn) {
	s.mu.Lock()
	s.connections++
	connection := s.connections
	s.mu.Unlock()
	defer func() { _ = conn.Close() }()
	secret := ""
	if s.implicit {
		conn, secret = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*s.certificate}, MinVersion: tls.VersionTLS12}), "TLS "
	}
	reader := bufio.NewReader(conn)
	command, inLetter := "greeting", false
	for {
		answer := s.reply(connection, command)
		if answer == "" {
			return
		}
		if _, err := conn.Write([]byte(answer)); err != nil || command == "QUIT" {
			return
		}
		if command == "STARTTLS" && strings.HasPrefix(answer, "220") {
			conn, secret = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*s.certificate}, MinVersion: tls.VersionTLS12}), "TLS "
			reader = bufio.NewReader(conn)
		}
		inLetter = strings.HasPrefix(answer, "354")
		letter := ""
		for {
			line, err := reader.ReadString('\n')
			if err != nil {
				return
			}
			line = strings.TrimSuffix(line, "\r\n")
			if inLetter && line != "." {
				letter += line + "\r\n"
				continue
			}
			s.keep(secret+line, letter)
			command, _, _ = strings.Cut(line, " ")
			break
		}
	}
}

func (s *scripted) keep(line, letter string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
	if letter != "" {
		s.letters = append(s.letters, letter)
	}
}

// said returns the lines that the server has read.
func (s *scripted) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n") + "\n"
}

// count returns the number of letters and of connections.
func (s *scripted) count() (letters, connections int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.letters), s.connections
}

// transportTo makes a transport to the scripted server over loopback.
func transportTo(t *testing.T, s *scripted, change ...func(*SMTPSettings)) *SMTP {
	t.Helper()
	checkLeaks(t)
	port := s.listen(t)
	return newTransport(t, &sink{port: port}, change...)
}

// wantUnreached checks that a try ended before RCPT was answered, and with which codes.
func wantUnreached(t *testing.T, err error, code int, enhanced string) {
	t.Helper()
	var unreached *UnreachedError
	if !errors.As(err, &unreached) {
		t.Errorf("got %v, want an UnreachedError", err)
		return
	}
	if unreached.Code != code || unreached.Enhanced != enhanced {
		t.Errorf("got %v with %d %q, want %d %q", err, unreached.Code, unreached.Enhanced, code, enhanced)
	}
}
