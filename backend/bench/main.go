// Command bench measures the built program: bin/aikagi serves as in production, a mail sink stands beside it, and each
// figure is printed beside its ceiling of the same run. The machine is noisy: compare ratios, not bare times.
//
//	npm run bench
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
)

const program = "bin/aikagi"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	f, err := fleet.New()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if err := measureProgram(); err != nil {
		return err
	}
	mariadb, err := f.NewMariaDB("mariadb")
	if err != nil {
		return err
	}
	if err := errors.Join(mariadb.Start(), mariadb.CreateDatabase("bench")); err != nil {
		return err
	}
	file := filepath.Join(f.Folder(), "aikagi.db")
	return errors.Join(
		measureOn(f, "sqlite:"+file, store.Settings{Dialect: store.SQLite, Path: file}, 3000, nil),
		measureOn(f, fleet.URL("bench", mariadb), fleet.Where("bench", mariadb), 9100, mariadb.Statements),
	)
}

// measureOn measures one server on one database, with a burst of so many members.
func measureOn(f *fleet.Fleet, database string, where store.Settings, burst int, statements func() (int64, error)) error {
	s, err := startServer(f, "on-"+string(where.Dialect), database, where, letters+burst)
	if err != nil {
		return fmt.Errorf("%s: %w", where.Dialect, err)
	}
	defer s.stop()
	if statements != nil {
		s.statements = statements
	}
	memory, _ := s.program.MemoryMB()
	fmt.Printf("\n%s\n", where.Dialect)
	fmt.Printf("  start to ready                  %8.1f ms\n", ms(s.startedIn))
	fmt.Printf("  memory idle (RSS)               %8.1f MB\n", memory)
	if err := s.measureLetters(); err != nil {
		return err
	}
	if err := s.measureAsks(); err != nil {
		return err
	}
	return s.measureBurst(burst)
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
