// Command chaos breaks the program and its dependencies at random times under load. Afterwards it checks that every accepted ask
// has its letter, that no letter differs between two tries, that no ask and no letter is stuck, and that every temporary password
// works, once.
//
//	npm run check:chaos -- [-part kill|database|redis|disk] [-rounds 150] [-on sqlite|mariadb]
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"time"

	"aikagi/backend/testkit/fleet"
)

// part is one kind of fault on one database.
type part struct {
	name, on string
	run      func(f *fleet.Fleet, rounds int) error
}

var parts = []part{
	{"kill", "sqlite", killOnSQLite},
	{"kill", "mariadb", killOnMariaDB},
	{"database", "mariadb", breakDatabase},
	{"redis", "mariadb", breakRedis},
	{"disk", "sqlite", fillDisk},
}

func main() {
	name := flag.String("part", ".", "which parts, as an expression: kill, database, redis, disk")
	on := flag.String("on", ".", "on which database, as an expression: sqlite, mariadb")
	rounds := flag.Int("rounds", 150, "how often the server is killed; the other parts cause a tenth as many faults")
	flag.Parse()
	if err := run(regexp.MustCompile(*name), regexp.MustCompile(*on), *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func run(name, on *regexp.Regexp, rounds int) error {
	var failed []error
	for _, p := range parts {
		if !name.MatchString(p.name) || !on.MatchString(p.on) {
			continue
		}
		fmt.Printf("\n%s on %s\n", p.name, p.on)
		begun := time.Now()
		f, err := fleet.New()
		if err != nil {
			return err
		}
		err = p.run(f, rounds)
		if err != nil {
			err = fmt.Errorf("%s on %s: %w", p.name, p.on, err)
			fmt.Println("FAILED", err)
		}
		failed = append(failed, err, f.Close())
		fmt.Printf("took %s\n", time.Since(begun).Round(time.Second))
	}
	return errors.Join(failed...)
}
