package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// ErrNewerSchema is returned when a later version of this program has migrated the tables. Migrations keep the tables
// usable for the version before, so this program can go on serving during an upgrade.
var ErrNewerSchema = errors.New("the tables are of a newer version than this program")

// Version is the version of the tables and that of the program, as numbers of migrations.
type Version struct {
	// Tables is the last migration that was run; 0 for a database without tables. Program is the last one that this
	// program has.
	Tables, Program int64
}

// Pending reports whether migrations have to be run.
func (v Version) Pending() bool { return v.Tables < v.Program }

// Newer returns [ErrNewerSchema] with both numbers if the tables are newer than the program, or nil.
func (v Version) Newer() error {
	if v.Tables <= v.Program {
		return nil
	}
	return fmt.Errorf("%w: they are at migration %d, the program knows %d", ErrNewerSchema, v.Tables, v.Program)
}

// Version reads the version of the tables. It writes nothing, so it also works before the first migration and for a
// user who may only read.
func (s *Store) Version(ctx context.Context) (Version, error) {
	known, err := s.migrationNumbers()
	if err != nil {
		return Version{}, err
	}
	tables, err := s.lastMigration(ctx)
	return Version{Tables: tables, Program: known[len(known)-1]}, err
}

func (s *Store) pending(ctx context.Context) (bool, error) {
	version, err := s.Version(ctx)
	return version.Pending(), err
}

// noSuchTable is MySQL's error number.
const noSuchTable = 1146

func (s *Store) lastMigration(ctx context.Context) (number int64, err error) {
	read := s.q.read.WithContext(ctx)
	if s.dialect == SQLite {
		var tables int64
		err := read.Raw("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'").Scan(&tables).Error
		if err != nil || tables == 0 {
			return 0, err
		}
	}
	err = read.Raw("SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version").Scan(&number).Error
	if hasMySQLNumber(err, noSuchTable) {
		return 0, nil
	}
	return number, err
}

// migrationNumbers returns the numbers of the migrations, in order.
func (s *Store) migrationNumbers() ([]int64, error) {
	files, err := fs.ReadDir(migrations, "migrations/"+string(s.dialect))
	if err != nil {
		return nil, err
	}
	numbers := make([]int64, len(files))
	for i, file := range files { // sorted by their names, which have leading zeros
		digits, _, _ := strings.Cut(file.Name(), "_")
		if numbers[i], err = strconv.ParseInt(digits, 10, 64); err != nil {
			return nil, fmt.Errorf("the migration %s has no number: %w", file.Name(), err)
		}
	}
	return numbers, nil
}
