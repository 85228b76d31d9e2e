// Command bench measures the built program: bin/aikagi serves as in production, a mail sink stands beside it, and each
// figure is printed beside its ceiling of the same run. The machine is noisy: compare ratios, not bare times.
//
//	npm run bench
package main

import (
	"fmt"
	"os"

	"aikagi/backend/store"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	folder, err := os.MkdirTemp("", "aikagi-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := measureProgram(); err != nil {
		return err
	}
	mysql, err := newDatabase(os.Getenv("AIKAGI_TEST_MYSQL"))
	if err != nil {
		return err
	}
	defer mysql.drop()
	for _, where := range []store.Settings{
		{Dialect: store.SQLite, Path: folder + "/aikagi.db"},
		mysql.settings,
	} {
		if err := measureOn(where); err != nil {
			return fmt.Errorf("%s: %w", where.Dialect, err)
		}
	}
	return nil
}

// measureOn measures one server on one database.
func measureOn(where store.Settings) error {
	s, err := startServer(where)
	if err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("\n%s\n", where.Dialect)
	fmt.Printf("  start to ready                  %8.1f ms\n", ms(s.startedIn))
	fmt.Printf("  memory idle (RSS)               %8.1f MB\n", s.memory())
	if err := s.measureLetters(); err != nil {
		return err
	}
	return s.measureAsks()
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
