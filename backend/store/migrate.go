package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// migrations are SQL files for each dialect, numbered without gaps. The first file of each says how a migration must be
// written, so that one that was cut off can be run again.
//
//go:embed migrations
var migrations embed.FS

// Migrate brings the tables to this version's form and returns the names of the migrations that it has run. It can be
// stopped at any point, or run by several processes at once, and be run again; see [migrationLock]. It does not change
// tables of a newer version: [ErrNewerSchema].
//
// Each migration works while servers of the former version still run.
func (s *Store) Migrate(ctx context.Context) (run []string, err error) {
	version, err := s.Version(ctx)
	if err == nil {
		err = version.Newer()
	}
	if err == nil && version.Pending() {
		run, err = s.migrate(ctx)
	}
	if err != nil {
		return run, fmt.Errorf("migrate: %w", err)
	}
	return run, nil
}

func (s *Store) migrate(ctx context.Context) (run []string, err error) {
	pool, closePool, err := s.migrationPool()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closePool()) }()
	numbers, err := s.migrationNumbers()
	if err != nil {
		return nil, err
	}
	for _, number := range numbers {
		name, err := s.runMigration(ctx, pool, number)
		if err != nil {
			return run, err
		}
		if name != "" {
			run = append(run, name)
		}
	}
	version, err := s.Version(ctx) // the process that held the lock may be a newer version
	return run, errors.Join(err, version.Newer())
}

// migrationPool returns one connection, which holds the lock and runs the migrations. For MySQL it is a separate
// connection without a limit on the time of an answer: changing a large table can take hours.
func (s *Store) migrationPool() (pool *sql.DB, closePool func() error, err error) {
	if s.dialect == SQLite {
		pool, err = s.q.write.DB()
		return pool, func() error { return nil }, err
	}
	settings := s.settings
	settings.Connections = 1
	settings.Options = maps.Clone(settings.Options)
	if settings.Options == nil {
		settings.Options = make(map[string]string)
	}
	settings.Options["readTimeout"] = "240h"
	own, err := openMySQL(settings)
	if err != nil {
		return nil, nil, err
	}
	pool, err = own.write.DB()
	return pool, pool.Close, err
}

// runMigration runs one migration under the lock and returns its name; empty if it was run before. It does not use
// goose's Up, which makes the table of versions before it takes the lock.
func (s *Store) runMigration(ctx context.Context, pool *sql.DB, number int64) (name string, err error) {
	files, err := fs.Sub(migrations, "migrations/"+string(s.dialect))
	if err != nil {
		return "", err
	}
	dialect := map[Dialect]database.Dialect{MySQL: database.DialectMySQL, SQLite: database.DialectSQLite3}[s.dialect]
	provider, err := goose.NewProvider(dialect, pool, files, goose.WithSessionLocker(migrationLock{s.dialect, number, s.q.log}))
	if err != nil {
		return "", err
	}
	result, err := provider.ApplyVersion(ctx, number, true)
	if errors.Is(err, goose.ErrAlreadyApplied) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return result.Source.Path, nil
}

const (
	// migrationLockTimeout bounds the wait for another process that migrates.
	migrationLockTimeout = 5 * time.Minute
	migrationLockPause   = 200 * time.Millisecond
	// migrationLockReport is how often the log says that the process still waits.
	migrationLockReport = 10 * time.Second
)

// errMigrationHeld is returned when the wait for the lock was in vain.
var errMigrationHeld = fmt.Errorf("another migrate has held the lock for %s; let it end, or end its connection, then run aikagi migrate again", migrationLockTimeout)

// migrationLock lets only one process migrate a database.
//
// On MySQL and MariaDB it is a named lock of the server (GET_LOCK), which ends with its connection. On a Galera cluster
// it holds on one node only, and MySQL commits after each statement that changes a table. So each statement of a
// migration must be repeatable.
//
// On SQLite it is a write transaction: a migration and its version are committed together or not at all.
type migrationLock struct {
	dialect Dialect
	number  int64 // of the migration to run
	log     *slog.Logger
}

// SessionLock waits for the lock. Then it makes goose's table of versions with row 0, because goose can only make it if
// nothing of it exists.
func (l migrationLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	if err := waitForLock(ctx, l.log, func(ctx context.Context) (bool, error) { return l.try(ctx, conn) }); err != nil {
		return fmt.Errorf("lock the migrations: %w", err)
	}
	for _, statement := range versionTable[l.dialect] {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("make the table of versions: %w", err), l.SessionUnlock(context.WithoutCancel(ctx), conn))
		}
	}
	return nil
}

// waitForLock tries to take the lock until it succeeds, for migrationLockTimeout at most.
func waitForLock(ctx context.Context, log *slog.Logger, try func(context.Context) (taken bool, err error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, migrationLockTimeout, errMigrationHeld)
	defer cancel()
	report := time.NewTicker(migrationLockReport)
	defer report.Stop()
	for first := true; ; first = false {
		taken, err := try(ctx)
		if taken || err != nil {
			return err
		}
		if first {
			log.Warn("another migrate is under way; waiting for its end", "at_most", migrationLockTimeout.String())
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-report.C:
			log.Warn("still waiting for the end of another migrate")
		case <-time.After(migrationLockPause):
		}
	}
}

// migrationLockName has at most 64 characters. It contains the database's name, because the lock is one of the whole
// server.
const migrationLockName = `CONCAT('aikagi migrate ', SHA1(DATABASE()))`

func (l migrationLock) try(ctx context.Context, conn *sql.Conn) (taken bool, err error) {
	if l.dialect == SQLite {
		_, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE")
		if isSQLiteBusy(err) {
			return false, nil
		}
		return err == nil, err
	}
	var answer sql.NullBool
	err = conn.QueryRowContext(ctx, "SELECT GET_LOCK("+migrationLockName+", 0)").Scan(&answer)
	return answer.Bool, err
}

// versionTable has the statements that make goose's table, also if a part of it exists already.
var versionTable = map[Dialect][]string{
	MySQL: {`CREATE TABLE IF NOT EXISTS goose_db_version (
		id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, version_id BIGINT NOT NULL, is_applied BOOLEAN NOT NULL,
		tstamp DATETIME NULL DEFAULT CURRENT_TIMESTAMP)`, addVersion0},
	SQLite: {`CREATE TABLE IF NOT EXISTS goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now')))`, addVersion0},
}

const addVersion0 = `INSERT INTO goose_db_version (version_id, is_applied) SELECT first.id, 1 FROM (SELECT 0 AS id) AS first
	WHERE NOT EXISTS (SELECT 1 FROM goose_db_version WHERE version_id = 0)`

// SessionUnlock releases the lock. On SQLite it commits a complete migration and rolls any other back.
func (l migrationLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	if l.dialect == MySQL {
		// If this fails, the connection is lost and the lock with it.
		_, _ = conn.ExecContext(ctx, "DO RELEASE_LOCK("+migrationLockName+")")
		return nil
	}
	var complete bool
	err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM goose_db_version WHERE version_id = ?)", l.number).Scan(&complete)
	if err == nil && complete {
		_, err = conn.ExecContext(ctx, "COMMIT")
		return err
	}
	_, _ = conn.ExecContext(ctx, "ROLLBACK") // fails if SQLite has rolled the transaction back by itself
	return err
}
