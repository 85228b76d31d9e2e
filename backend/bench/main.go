// Command bench measures the built program: bin/aikagi serves as in production, a mail sink stands beside it, and each
// figure is printed beside its ceiling of the same run. The machine is noisy: compare ratios, not bare times.
//
//	npm run bench
//	npm run bench -- -part asks -on mariadb
//	npm run bench -- -part asks -on mariadb -write
//
// A run of everything writes the values to results.json and the measured part of RESULTS.md, with its plots, in this folder.
// A run of some parts prints; with -write it replaces the values of these parts and keeps all others.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"aikagi/backend/testkit/fleet"
)

const program = "bin/aikagi"

func main() {
	if len(os.Args) == 5 && os.Args[1] == ceilingCommand {
		fmt.Fprintln(os.Stderr, "bench:", serveCeiling(os.Args[2], os.Args[3], os.Args[4]))
		os.Exit(1)
	}
	b := &bench{}
	names := flag.String("part", "", "what is measured, by default everything: "+partNames())
	on := flag.String("on", "sqlite,mariadb", "databases to measure on")
	flag.IntVar(&b.rounds, "rounds", 5, "how often each way is measured")
	flag.DurationVar(&b.lasts, "lasts", time.Second, "how long a round of a way lasts where it is measured by time")
	write := flag.Bool("write", false, "write the values of these parts to results.json and RESULTS.md, as a run of everything does")
	flag.Parse()
	if err := b.run(*names, *on, *write); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is what all parts share.
type bench struct {
	*fleet.Fleet
	rounds  int
	lasts   time.Duration
	mariadb *fleet.MariaDB // nil until it is first needed
	schemas int
}

func (b *bench) run(names, on string, write bool) (err error) {
	chosen, databases, err := choose(names, on)
	if err != nil {
		return err
	}
	if b.rounds < 1 || b.lasts <= 0 || flag.NArg() > 0 {
		return errors.New("want at least one round of some length, and no arguments but flags")
	}
	version, err := exec.Command(program, "version").Output()
	if err != nil {
		return fmt.Errorf("%w; npm run build makes it", err)
	}
	here, err := thisMachine()
	if err != nil {
		return err
	}
	isWhole := names == "" && len(databases) == 2
	all := results{Machine: here, Parts: map[string]outcome{}}
	if write && !isWhole {
		if all, err = load(folder); err != nil {
			return err
		}
		if all.Machine != here && len(all.Parts) > 0 {
			return fmt.Errorf("the kept results are of another machine or other versions: measure everything\n  kept: %+v\n  here: %+v", all.Machine, here)
		}
		all.Machine = here
	}
	if b.Fleet, err = fleet.New(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	begun := time.Now()
	var failed []error
	for _, p := range chosen {
		for _, database := range p.on {
			if database != nowhere && !slices.Contains(databases, database) {
				continue
			}
			o, err := b.measure(p, database)
			if err != nil { // the other parts are measured nevertheless
				failed = append(failed, err)
				fmt.Println(" ", err)
				continue
			}
			o.Day, o.Program = begun.UTC().Format(time.DateOnly), strings.TrimSpace(string(version))
			all.Parts[p.name+"/"+database] = o
		}
	}
	fmt.Printf("\nmeasured in %s\n", time.Since(begun).Round(time.Second))
	if write || isWhole {
		failed = append(failed, all.save(folder))
	}
	return errors.Join(failed...)
}

// measure measures one part and prints its rows.
func (b *bench) measure(p part, database string) (outcome, error) {
	fmt.Printf("\n%s%s\n", p.name, onText(database))
	o, err := p.measure(b, database)
	if err != nil {
		return o, fmt.Errorf("%s%s: %w", p.name, onText(database), err)
	}
	for _, r := range o.Rows {
		fmt.Println(r)
	}
	return o, nil
}
