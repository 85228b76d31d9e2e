package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	callPatience = 30 * time.Second
	jsonType     = "application/json"
	busy         = 503
)

// errBusy is the answer that tells a client to come again.
var errBusy = errors.New("got 503: the program is busy")

// caller makes calls over one connection that it keeps. One goroutine may use it.
type caller struct {
	base     string
	client   fasthttp.HostClient
	request  fasthttp.Request
	response fasthttp.Response
}

func newCaller(base string) *caller {
	return &caller{
		base: base,
		client: fasthttp.HostClient{
			Addr: strings.TrimPrefix(base, "http://"), MaxConns: 1, ReadTimeout: callPatience, WriteTimeout: callPatience,
			MaxIdleConnDuration: callPatience,
		},
	}
}

// call makes one call and wants this status. The answer's body is valid until the next call.
func (c *caller) call(method, path, body string, want int) ([]byte, error) {
	c.request.Reset()
	c.request.Header.SetMethod(method)
	c.request.SetRequestURI(c.base + path)
	if body != "" {
		c.request.Header.SetContentType(jsonType)
		c.request.SetBodyString(body)
	}
	if err := c.client.Do(&c.request, &c.response); err != nil {
		return nil, err
	}
	if got := c.response.StatusCode(); got != want {
		if got == busy {
			return nil, errBusy
		}
		return nil, fmt.Errorf("%s %s: got %d %s, want %d", method, path, got, c.response.Body(), want)
	}
	return c.response.Body(), nil
}

func (c *caller) leave() { c.client.CloseIdleConnections() }

// fetcher reads one address again and again over one connection. After the first answer it knows how many bytes each one
// has, so that reading costs this process as little as it can.
type fetcher struct {
	conn    net.Conn
	request []byte
	answer  []byte
}

// newFetcher makes the first request. The client takes brotli.
func newFetcher(base, path string) (*fetcher, error) {
	host := strings.TrimPrefix(base, "http://")
	conn, err := net.DialTimeout("tcp", host, callPatience)
	if err != nil {
		return nil, err
	}
	f := &fetcher{conn: conn, request: []byte("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept-Encoding: br\r\n\r\n")}
	if err := f.first(); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func (f *fetcher) first() error {
	if err := f.send(); err != nil {
		return err
	}
	var got []byte
	buffer := make([]byte, 64<<10)
	for {
		n, err := f.conn.Read(buffer)
		got = append(got, buffer[:n]...)
		if head, _, found := bytes.Cut(got, []byte("\r\n\r\n")); found {
			length, known := contentLength(head)
			if !known {
				return fmt.Errorf("the answer has no length:\n%s", head)
			}
			f.answer = make([]byte, len(head)+4+length)
			_, err := io.ReadFull(f.conn, f.answer[:len(f.answer)-len(got)])
			return err
		}
		if err != nil {
			return err
		}
	}
}

func (f *fetcher) send() error {
	if err := f.conn.SetDeadline(time.Now().Add(callPatience)); err != nil {
		return err
	}
	_, err := f.conn.Write(f.request)
	return err
}

// fetch reads one answer, which must be 200 and as long as the first.
func (f *fetcher) fetch() error {
	if err := f.send(); err != nil {
		return err
	}
	if _, err := io.ReadFull(f.conn, f.answer); err != nil {
		return err
	}
	if !bytes.HasPrefix(f.answer, []byte("HTTP/1.1 200 ")) {
		line, _, _ := bytes.Cut(f.answer, []byte("\r\n"))
		return fmt.Errorf("got %s, want 200", line)
	}
	return nil
}

func (f *fetcher) leave() { _ = f.conn.Close() }

func contentLength(head []byte) (length int, known bool) {
	for line := range strings.SplitSeq(string(head), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, "Content-Length") {
			length, err := strconv.Atoi(strings.TrimSpace(value))
			return length, err == nil
		}
	}
	return 0, false
}
