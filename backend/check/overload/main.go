// Command overload attacks the built program with floods of requests and connections. It checks that the program answers what it
// refuses, that its memory is bounded, and that members can recover during the flood. Each part prints its figures and compares
// them with bounds. The exit code is 1 when a bound is broken.
//
//	npm run check:overload
//	npm run check:overload -- -part decoys -decoys 1000000 -on mariadb
//
// The floods run on the same cores as the program, so absolute times mean little and the bounds are wide.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"aikagi/backend/testkit/fleet"
)

// check is one run: its options, its database servers, and the number of broken bounds.
type check struct {
	*fleet.Fleet
	decoys      int
	names       int
	rushing     int
	connections int
	lasts       time.Duration

	mariadb *fleet.MariaDB
	redis   *fleet.Redis
	broken  int
}

// parts run in this order, each against its own program and database.
var parts = []struct {
	name string
	run  func(c *check, on string) error
}{
	{"sign-ins", (*check).signIns},
	{"limits", (*check).limits},
	{"names", (*check).floodOfNames},
	{"decoys", (*check).floodOfDecoys},
	{"rush", (*check).runRush},
	{"slow", (*check).slowClients},
	{"idle", (*check).idleConnections},
	{"files", (*check).fewFiles},
}

func main() {
	part := flag.String("part", "", "run the parts whose name matches this regular expression: sign-ins, limits, names, decoys, rush, slow, idle, files")
	on := flag.String("on", "sqlite,mariadb", "databases to run on; MariaDB comes with Redis")
	c := &check{}
	flag.IntVar(&c.decoys, "decoys", 200_000, "asks with login IDs that do not exist")
	flag.IntVar(&c.names, "names", 1_000_000, "login IDs that are tried, each from its own network")
	flag.IntVar(&c.rushing, "rush", 100_000, "known members who ask within two minutes")
	flag.IntVar(&c.connections, "connections", 10_000, "idle connections")
	flag.DurationVar(&c.lasts, "lasts", 30*time.Second, "how long a flood of sign-ins or of slow clients lasts")
	flag.Parse()
	if err := c.runAll(*part, *on); err != nil {
		fmt.Fprintln(os.Stderr, "overload:", err)
		os.Exit(1)
	}
}

func (c *check) runAll(part, on string) (err error) {
	chosen, err := regexp.Compile(part)
	if err != nil {
		return err
	}
	if c.Fleet, err = fleet.New(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	for _, database := range strings.Split(on, ",") {
		for _, p := range parts {
			if !chosen.MatchString(p.name) {
				continue
			}
			fmt.Printf("\n%s, on %s\n", p.name, database)
			if err := p.run(c, database); err != nil {
				return fmt.Errorf("%s, on %s: %w", p.name, database, err)
			}
		}
	}
	if c.broken > 0 {
		return fmt.Errorf("%d bounds are broken", c.broken)
	}
	return nil
}

// figure prints a measurement.
func figure(name, format string, values ...any) {
	fmt.Printf("  %-44s %s\n", name, fmt.Sprintf(format, values...))
}

// bound prints whether a bound holds, and counts the broken ones.
func (c *check) bound(holds bool, format string, values ...any) {
	verdict := "holds "
	if !holds {
		verdict = "BROKEN"
		c.broken++
	}
	fmt.Printf("  %s  %s\n", verdict, fmt.Sprintf(format, values...))
}
