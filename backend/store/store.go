// Package store keeps members, recoveries, issuances, letters and activities in MySQL, MariaDB or SQLite. It is
// the only package that knows GORM. The packages that decide declare what they need as an interface; Recoveries, Letters
// and Logins implement these interfaces over the same tables.
//
// What must be atomic alone is one guarded UPDATE whose RowsAffected is checked. What must hold together is one
// transaction that the deciding package may repeat. No statement holds a value as text.
package store

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"aikagi/backend/recovery"
	"aikagi/backend/secret"
)

// Dialect is a kind of database.
type Dialect string

// The dialects. MariaDB speaks MySQL.
const (
	MySQL  Dialect = "mysql"
	SQLite Dialect = "sqlite"
)

// Store is an open database.
type Store struct {
	dialect  Dialect
	settings Settings
	q        queries
	attempts attempts
	lock     *serverLock
	// clockOffset is how far the database's clock was ahead of this machine's when Ready last looked, in nanoseconds.
	clockOffset atomic.Int64
}

// Settings say where the database is.
type Settings struct {
	Dialect Dialect
	// Path is SQLite's file. MustExist refuses to make it: a command that only looks leaves no file behind. ForServer
	// makes Open refuse it with [ErrServed] while another store has it open so.
	Path                 string
	MustExist, ForServer bool

	// The rest is MySQL's.

	User     string
	Password secret.Value[string]
	Hosts    []string // host:port, tried in this order
	Name     string
	Options  map[string]string // of the driver: tls, timeout, readTimeout, writeTimeout
	RootCAs  *x509.CertPool    // what verifies the server with tls=true; nil: the system's
	// Connections bounds the open connections to MySQL.
	Connections int
}

// Open prepares the database's handle. To MySQL it connects when first used, so that a server which is away is a
// state and not a crash; Ready tells. SQLite's file is opened at once.
func Open(settings Settings, log *slog.Logger) (*Store, error) {
	var q queries
	var err error
	switch settings.Dialect {
	case MySQL:
		q, err = openMySQL(settings)
	case SQLite:
		q, err = openSQLite(settings.Path, settings.MustExist)
	default:
		err = fmt.Errorf("unknown dialect %q", settings.Dialect)
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	q.log = log
	q.asks = &askWriter{q: q, most: askWriters, lasts: askSetLasts}
	if settings.Dialect == SQLite { // has one writer
		q.asks.most = 1
	} else if settings.Connections > 0 {
		q.asks.most = max(1, min(askWriters, settings.Connections/2))
	}
	s := &Store{dialect: settings.Dialect, settings: settings, q: q}
	if settings.Dialect == SQLite && settings.ForServer {
		if s.lock, err = lockServer(settings.Path); err != nil {
			return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
		}
	}
	return s, nil
}

// Close closes all connections.
func (s *Store) Close() error {
	s.attempts.end()
	var failed []error
	for _, db := range []*gorm.DB{s.q.write, s.q.read} {
		pool, err := db.DB()
		if err == nil {
			err = pool.Close()
		}
		failed = append(failed, err)
	}
	return errors.Join(append(failed, s.lock.release())...)
}

// Recoveries answers what the five steps need.
func (s *Store) Recoveries() *Recoveries { return &Recoveries{s.q} }

// Letters answers what the Postman needs.
func (s *Store) Letters() *Letters { return &Letters{s.q} }

// Logins answers what sign-in and the member page need.
func (s *Store) Logins() *Logins { return &Logins{s.q} }

// Members answers what an operator's commands need.
func (s *Store) Members() *Members { return &Members{s.q} }

// Breaches is what the breach command and its worker need.
func (s *Store) Breaches() *Breaches { return &Breaches{s.q, s.dialect} }

// queries is a handle on the database, or on one transaction in it. Embedded SQLite has one writer connection
// beside a pool of readers; elsewhere both are the same pool.
type queries struct {
	write, read *gorm.DB
	asks        *askWriter // nil in a transaction
	inTx        bool
	log         *slog.Logger
	// hangUp gives up all connections, so that new ones find a host that serves, and says whether that may help at
	// once. Nil for SQLite, and in a transaction.
	hangUp func() bool
}

// gormConfig is the same for both dialects. Statements are logged by nobody: errors come back as errors, and no
// value must reach a log.
func gormConfig() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		Logger:                 logger.Discard,
		NowFunc:                func() time.Time { return time.Time{} }, // no row has a time that GORM fills in
		DisableAutomaticPing:   true,
	}
}

// exec runs one statement that writes and says how many rows its WHERE matched. It is repeated when it certainly
// changed nothing; a statement whose answer was lost is not, for a count would be taken twice.
func (q queries) exec(ctx context.Context, statement string, values ...any) (rows int64, err error) {
	err = q.repeat(ctx, isUndone, func() error {
		result := q.write.WithContext(ctx).Exec(statement, values...)
		rows = result.RowsAffected
		return result.Error
	})
	return rows, err
}

// guarded runs one UPDATE that must match exactly one row or none.
func (q queries) guarded(ctx context.Context, statement string, values ...any) (bool, error) {
	rows, err := q.exec(ctx, statement, values...)
	return rows == 1, err
}

// find reads one row, or recovery.ErrNotFound.
func find[row any](ctx context.Context, q queries, where string, values ...any) (found row, err error) {
	err = q.repeat(ctx, isPassing, func() error {
		found = *new(row)
		return q.read.WithContext(ctx).Where(where, values...).Take(&found).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return found, recovery.ErrNotFound
	}
	return found, err
}

// add inserts one row.
func add[row any](ctx context.Context, q queries, r *row) error {
	return addOnce(ctx, q, func() error { return q.write.WithContext(ctx).Create(r).Error })
}

// addOnce runs an INSERT of one row. A row that is there already is the same one: its id was chosen before the first try,
// so an INSERT whose answer was lost is recognised when it is repeated.
func addOnce(ctx context.Context, q queries, insert func() error) error {
	err := q.repeat(ctx, isPassingInsert, insert)
	if !q.inTx && isDuplicate(err) {
		return nil
	}
	return err
}

// addAll inserts rows in one statement, inside a transaction: there the whole is repeated.
func addAll[row any](ctx context.Context, q queries, rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	return q.write.WithContext(ctx).Create(&rows).Error
}
