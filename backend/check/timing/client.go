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

// patience is the timeout of an answer.
const patience = 20 * time.Second

// client is one open connection that is used with system calls. Go's HTTP client, with its goroutines and its poller, would add
// more noise than the differences that this check looks for.
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
	c := &client{file: file, socket: int(file.Fd())} // File makes the socket blocking
	limit := syscall.NsecToTimeval(patience.Nanoseconds())
	if err := syscall.SetsockoptTimeval(c.socket, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *client) close() error { return c.file.Close() }

// call sends a request and reads the answer. The body is valid until the next call.
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
			return 0, nil, 0, fmt.Errorf("read an answer: after %d bytes: %w", length, errors.Join(err, net.ErrClosed))
		}
		length += n
		if status, body = parseAnswer(c.buffer[:length]); body != nil {
			return status, body, time.Since(begun), nil
		}
	}
}

// parseAnswer gives the status and the body of an HTTP/1.1 answer; a nil body while the answer is incomplete.
func parseAnswer(received []byte) (status int, body []byte) {
	head, rest, whole := bytes.Cut(received, []byte("\r\n\r\n"))
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

// from adds the header of a proxy that says that the request comes from the n-th IPv6 network. A server that trusts no proxy ignores
// it.
func from(n int, request []byte) []byte {
	line, rest, _ := bytes.Cut(request, []byte("\r\n"))
	return fmt.Appendf(nil, "%s\r\nX-Forwarded-For: 2001:db8:%04x:%04x::1\r\n%s", line, n>>16, n&0xffff, rest)
}

// get is a whole request. Requests with names of the same length have the same length.
func get(path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: support.example.jp\r\n\r\n")
}

// post is a whole request. The fields of its body are pairs of a name and a value that JSON does not escape.
func post(path string, fields ...string) []byte {
	body := "{"
	for i := 0; i < len(fields); i += 2 {
		if i > 0 {
			body += ","
		}
		body += `"` + fields[i] + `":"` + fields[i+1] + `"`
	}
	body += "}"
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: support.example.jp\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		path, len(body), body)
}
