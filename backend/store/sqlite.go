package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	sqlitedriver "modernc.org/sqlite"
	sqlitecode "modernc.org/sqlite/lib"
)

// openSQLite opens a file with one connection that writes and a pool of readers: with sixteen writers it was four times
// slower. With synchronous=FULL an answered request survives a power cut.
func openSQLite(path string, mustExist bool) (queries, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return queries{}, err
	}
	if err := prepareSQLiteFile(absolute, mustExist); err != nil {
		return queries{}, err
	}
	write, err := openSQLiteWriter(absolute)
	if err != nil {
		return queries{}, err
	}
	read, err := openSQLitePool(absolute, max(2, runtime.GOMAXPROCS(0)), "deferred")
	return queries{write: write, read: read}, err
}

func openSQLitePool(path string, connections int, transactions string) (*gorm.DB, error) {
	options := url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "foreign_keys(1)"},
		"_txlock": {transactions},
		// Times are stored as text, which sorts correctly only if all have the same zone.
		"_time_format": {"sqlite"},
		"_timezone":    {"UTC"},
	}
	where := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}
	pool, err := sql.Open("sqlite", where.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	db, err := gorm.Open(&sqlite.Dialector{Conn: pool}, gormConfig())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, explainSQLite(err)), pool.Close())
	}
	return db, nil
}

// explainSQLite adds what an operator can do about an error for which SQLite has few words, such as "disk I/O error (4874)".
func explainSQLite(err error) error {
	switch {
	case hasSQLiteCode(err, sqlitecode.SQLITE_FULL):
		return fmt.Errorf("%w; make space on the disk, or raise this user's quota", err)
	case hasSQLiteCode(err, sqlitecode.SQLITE_IOERR):
		return fmt.Errorf("%w; the disk may be full: make space; or it may be broken: the system's log says so", err)
	case isSQLiteUnavailable(err):
		return fmt.Errorf("%w; this user must be able to read and write the file and its folder", err)
	}
	return err
}

// isSQLiteBusy reports whether another process has locked the file.
func isSQLiteBusy(err error) bool { return hasSQLiteCode(err, sqlitecode.SQLITE_BUSY) }

// isSQLiteUnavailable reports whether the file cannot be read or written: the disk is full, broken or read-only.
func isSQLiteUnavailable(err error) bool {
	return hasSQLiteCode(err, sqlitecode.SQLITE_FULL, sqlitecode.SQLITE_IOERR, sqlitecode.SQLITE_READONLY, sqlitecode.SQLITE_CANTOPEN)
}

// hasSQLiteCode compares the primary code, without the bits of the extended code.
func hasSQLiteCode(err error, codes ...int) bool {
	var failed *sqlitedriver.Error
	return errors.As(err, &failed) && slices.Contains(codes, failed.Code()&0xff)
}

func isSQLiteDuplicate(err error) bool {
	var failed *sqlitedriver.Error
	return errors.As(err, &failed) &&
		(failed.Code() == sqlitecode.SQLITE_CONSTRAINT_UNIQUE || failed.Code() == sqlitecode.SQLITE_CONSTRAINT_PRIMARYKEY)
}
