// Command smtpsink runs a mail server for tests (package sink) and prints its ports as one line of JSON:
//
//	{"smtp":40001,"http":40002}
//
// GET /letters lists the letters, the newest first. DELETE /letters deletes them. POST /mode sets how letters are refused or
// delayed; see sink.Mode. It ends when its standard input is closed, so that it cannot outlive the test that started it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"aikagi/backend/testkit/sink"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "smtpsink:", err)
		os.Exit(1)
	}
}

func run(stdin io.Reader, stdout io.Writer) error {
	server, err := sink.Start(time.Now)
	if err != nil {
		return err
	}
	closed := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, stdin)
		closed <- err
	}()
	ports := map[string]int{"smtp": server.SMTPPort, "http": server.HTTPPort}
	if err := json.NewEncoder(stdout).Encode(ports); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err = <-closed:
	case err = <-server.Ended():
	}
	return errors.Join(err, server.Close())
}
