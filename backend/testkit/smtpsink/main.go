// Command smtpsink is a mail server for tests: it takes every letter, delivers none, and shows what it took. It
// listens on free ports of the loopback and prints them as one line of JSON:
//
//	{"smtp":40001,"http":40002}
//
// GET /letters lists what it took, newest first; DELETE /letters forgets it. POST /mode tells it to be difficult,
// see Mode. It ends with its standard input, so that it cannot outlive the test that started it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/emersion/go-smtp"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "smtpsink:", err)
		os.Exit(1)
	}
}

func run(stdin io.Reader, stdout io.Writer) error {
	sink := &Sink{Now: time.Now}
	mails, err := listen()
	if err != nil {
		return err
	}
	pages, err := listen()
	if err != nil {
		return err
	}

	mailServer := smtp.NewServer(sink)
	mailServer.Domain = "localhost"
	mailServer.AllowInsecureAuth = true
	pageServer := &http.Server{Handler: sink.Pages(), ReadHeaderTimeout: 5 * time.Second}

	ended := make(chan error, 3)
	go func() { ended <- mailServer.Serve(mails) }()
	go func() { ended <- pageServer.Serve(pages) }()
	go func() {
		_, err := io.Copy(io.Discard, stdin)
		ended <- err
	}()

	ports := map[string]int{"smtp": port(mails), "http": port(pages)}
	if err := json.NewEncoder(stdout).Encode(ports); err != nil {
		return err
	}
	err = <-ended
	return errors.Join(err, mailServer.Close(), pageServer.Close())
}

func listen() (net.Listener, error) {
	return net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens until the process ends
}

func port(listener net.Listener) int {
	address, _ := listener.Addr().(*net.TCPAddr)
	return address.Port
}
