// Command timing asks by statistics whether answer times tell who is a member: known members against unknown login
// IDs, known ones with another address, and suspended members, over the wire, against bin/aikagi on SQLite and on
// MariaDB. It fails when one test of one comparison tells them apart; a control, known members against known members
// of the same run, says whether the measurement itself can be trusted.
//
//	npm run check:timing
//	npm run check:timing -- -on sqlite -scenario sign-in -pairs 5000
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"time"

	"aikagi/backend/testkit/fleet"
)

func main() {
	c := &check{}
	flag.IntVar(&c.pairs, "pairs", 20_000, "how many `pairs` of calls a comparison has")
	scenario := flag.String("scenario", "", "only the scenarios that this `regexp` matches")
	on := flag.String("on", "", "only on this `database`: sqlite or mariadb")
	flag.Parse()
	var err error
	if c.wanted, err = regexp.Compile(*scenario); err == nil {
		err = run(c, *on)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "timing:", err)
		os.Exit(1)
	}
}

// groups are scenarios that share one server, one after the other on the rows that the former left.
var groups = []struct {
	scenarios []string
	run       func(*check, *place) error
}{
	{[]string{"recovery", "letter", "state", "redemption"}, (*check).asks},
	{[]string{"recovery-smtp-down", "letter-smtp-down"}, (*check).asksWithoutMail},
	{[]string{"second-state", "second-recovery"}, (*check).secondCalls},
	{[]string{"sign-in-argon2id"}, (*check).signInsArgon2id},
	{[]string{"sign-in-bcrypt"}, (*check).signInsBcrypt},
	{[]string{"sign-in-sha512-crypt"}, (*check).signInsSHACrypt},
	{[]string{"sign-in-mixed"}, (*check).signInsMixed},
	{[]string{"sign-in-limits"}, (*check).signInsLimited},
}

func run(c *check, on string) error {
	// What is garbage here is left lying while there is room: collecting it would take the machine's cores from the
	// server.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(1 << 30)
	f, err := fleet.New()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for _, name := range []string{"sqlite", "mariadb"} {
		if on != "" && on != name {
			continue
		}
		p, err := newPlace(f, name)
		if err != nil {
			return err
		}
		if err := c.runOn(p); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return c.conclude()
}

func (c *check) runOn(p *place) error {
	c.heading(p.name)
	for _, group := range groups {
		if !slices.ContainsFunc(group.scenarios, c.wanted.MatchString) {
			continue
		}
		begun := time.Now()
		if err := group.run(c, p); err != nil {
			return fmt.Errorf("%s: %w", group.scenarios[0], err)
		}
		fmt.Printf("  (%s)\n", time.Since(begun).Round(time.Second))
	}
	return nil
}
