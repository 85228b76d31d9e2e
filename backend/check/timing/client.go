package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// patience is how long one answer may take.
const patience = 20 * time.Second

// client is one connection that is kept, and spoken to by bare system calls: Go's own client, with its goroutines and
// its poller, adds more noise than what is looked for.
type client struct {
	file   *os.File
	socket int
	buffer [8 << 10]byte
}

func dial(address string) (*client, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	tcp, _ := conn.(*net.TCPConn)
	file, err := tcp.File()
	if err := errors.Join(err, tcp.Close()); err != nil {
		return nil, err
	}
	c := &client{file: file, socket: int(file.Fd())} // a blocking one from here on
	limit := syscall.NsecToTimeval(patience.Nanoseconds())
	if err := syscall.SetsockoptTimeval(c.socket, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *client) close() error { return c.file.Close() }

// call sends one whole request and reads one whole answer. The body holds until the next call.
func (c *client) call(request []byte) (status int, body []byte, took time.Duration, err error) {
	begun := time.Now()
	if _, err := syscall.Write(c.socket, request); err != nil {
		return 0, nil, 0, fmt.Errorf("send a request: %w", err)
	}
	length := 0
	for {
		n, err := syscall.Read(c.socket, c.buffer[length:])
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || n == 0 {
			return 0, nil, 0, fmt.Errorf("read an answer: %d bytes came, then %w", length, errors.Join(err, net.ErrClosed))
		}
		length += n
		if status, body = parseAnswer(c.buffer[:length]); body != nil {
			return status, body, time.Since(begun), nil
		}
	}
}

// parseAnswer gives status and body of a whole HTTP/1.1 answer, and no body while there is more to come.
func parseAnswer(came []byte) (status int, body []byte) {
	head, rest, whole := bytes.Cut(came, []byte("\r\n\r\n"))
	if !whole {
		return 0, nil
	}
	_, after, _ := bytes.Cut(head, []byte("\r\nContent-Length: "))
	number, _, _ := bytes.Cut(after, []byte("\r\n"))
	length, err := strconv.Atoi(string(number))
	if err != nil || len(rest) < length || len(head) < len("HTTP/1.1 200") {
		return 0, nil
	}
	status, _ = strconv.Atoi(string(head[len("HTTP/1.1 "):len("HTTP/1.1 200")]))
	return status, rest
}

// from says that a request comes from the n-th IPv6 network; a server that trusts no proxy does not listen.
func from(n int, request []byte) []byte {
	line, rest, _ := bytes.Cut(request, []byte("\r\n"))
	return fmt.Appendf(nil, "%s\r\nX-Forwarded-For: 2001:db8:%04x:%04x::1\r\n%s", line, n>>16, n&0xffff, rest)
}

// get and post write whole requests, as long as each other for names as long as each other.
func get(path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: support.example.jp\r\n\r\n")
}

// post takes the body's members in pairs of name and value, which must need no escape in JSON.
func post(path string, members ...string) []byte {
	body := "{"
	for i := 0; i < len(members); i += 2 {
		if i > 0 {
			body += ","
		}
		body += `"` + members[i] + `":"` + members[i+1] + `"`
	}
	body += "}"
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: support.example.jp\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		path, len(body), body)
}
