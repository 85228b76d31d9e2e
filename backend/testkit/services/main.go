// Command services runs a MariaDB and a Redis for tests (package fleet). When both are ready, it prints their settings as one
// line of JSON:
//
//	{"AIKAGI_TEST_MYSQL":"mysql://root@127.0.0.1:11001/","AIKAGI_TEST_REDIS":"redis://127.0.0.1:11002"}
//
// It ends when its standard input is closed, so that it cannot outlive the script that started it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"aikagi/backend/testkit/fleet"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "services:", err)
		os.Exit(1)
	}
}

func run(stdin io.Reader, stdout io.Writer) (err error) {
	servers, err := fleet.New()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, servers.Close()) }()
	mariadb, err := servers.NewMariaDB("mariadb")
	if err != nil {
		return err
	}
	// Tests that run in parallel use different databases.
	redis, err := servers.NewRedis("redis", "--databases", "1024")
	if err != nil {
		return err
	}
	if err := errors.Join(mariadb.Launch(), redis.Launch()); err != nil {
		return err
	}
	if err := errors.Join(mariadb.AwaitReady(), redis.AwaitReady()); err != nil {
		return err
	}
	err = json.NewEncoder(stdout).Encode(map[string]string{
		"AIKAGI_TEST_MYSQL": fleet.URL("", mariadb),
		"AIKAGI_TEST_REDIS": redis.URL(),
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, stdin)
	return err
}
