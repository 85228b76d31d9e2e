// Command timing checks with statistics that answer times do not show who is a member. It compares known members with unknown login
// IDs, with known members and a wrong address, and with suspended members. It calls bin/aikagi over HTTP, on SQLite and on MariaDB.
// It fails when one test of one comparison finds a difference. As a control it compares known members with known members of the
// same run: a difference there means that the measurement is wrong.
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

// groups are scenarios that run on the same server one after the other, with the rows of the scenarios before.
var groups = []struct {
	scenarios []string
	run       func(*check, *database) error
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
	// Garbage is not collected below 1 GiB: the collector would take the cores from the server.
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
		d, err := newDatabase(f, name)
		if err != nil {
			return err
		}
		if err := c.runOn(d); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return c.conclude()
}

func (c *check) runOn(d *database) error {
	c.heading(d.name)
	for _, group := range groups {
		if !slices.ContainsFunc(group.scenarios, c.wanted.MatchString) {
			continue
		}
		begun := time.Now()
		if err := group.run(c, d); err != nil {
			return fmt.Errorf("%s: %w", group.scenarios[0], err)
		}
		fmt.Printf("  (%s)\n", time.Since(begun).Round(time.Second))
	}
	return nil
}
