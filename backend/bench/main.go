// Command bench measures the built program: bin/aikagi serves as in production, a mail sink stands beside it, and each
// figure is printed beside its ceiling of the same run. The machine is noisy: compare ratios, not bare times.
//
//	npm run bench
//	npm run bench -- -part asks -on mariadb
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
)

const program = "bin/aikagi"

func main() {
	if len(os.Args) == 5 && os.Args[1] == ceilingCommand {
		fmt.Fprintln(os.Stderr, "bench:", serveCeiling(os.Args[2], os.Args[3], os.Args[4]))
		os.Exit(1)
	}
	part := flag.String("part", "letters,asks,burst", "what is measured")
	on := flag.String("on", "sqlite,mariadb", "databases to measure on")
	flag.Parse()
	if err := run(strings.Split(*part, ","), strings.Split(*on, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(parts, on []string) error {
	f, err := fleet.New()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if err := measureProgram(); err != nil {
		return err
	}
	for _, name := range on {
		file := filepath.Join(f.Folder(), "aikagi.db")
		database, where := "sqlite:"+file, store.Settings{Dialect: store.SQLite, Path: file}
		burst, statements := 3000, (func() (int64, error))(nil)
		if name == "mariadb" {
			mariadb, err := f.NewMariaDB("mariadb")
			if err != nil {
				return err
			}
			if err := errors.Join(mariadb.Start(), mariadb.CreateDatabase("bench")); err != nil {
				return err
			}
			database, where = fleet.URL("bench", mariadb), fleet.Where("bench", mariadb)
			burst, statements = 9100, mariadb.Statements
		}
		if err := measureOn(f, parts, database, where, burst, statements); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// measureOn measures one server on one database.
func measureOn(f *fleet.Fleet, parts []string, database string, where store.Settings, burst int, statements func() (int64, error)) error {
	s, err := startServer(f, "on-"+string(where.Dialect), database, where, letters+burst)
	if err != nil {
		return err
	}
	defer s.stop()
	if statements != nil {
		s.statements = statements
	}
	memory, _ := s.program.MemoryMB()
	fmt.Printf("\n%s\n", where.Dialect)
	fmt.Printf("  start to ready                  %8.1f ms\n", ms(s.startedIn))
	fmt.Printf("  memory idle (RSS)               %8.1f MB\n", memory)
	if slices.Contains(parts, "letters") {
		if err := s.measureLetters(); err != nil {
			return err
		}
	}
	if slices.Contains(parts, "asks") {
		if err := s.measureAsks(where); err != nil {
			return err
		}
	}
	if slices.Contains(parts, "burst") {
		return s.measureBurst(burst)
	}
	return nil
}

// measureProgram prints the size of the one static file.
func measureProgram() error {
	info, err := os.Stat(program)
	if err != nil {
		return fmt.Errorf("%w; npm run build makes it", err)
	}
	fmt.Printf("program                           %8.1f MB\n", float64(info.Size())/1e6)
	return nil
}
