// Package store keeps members, recoveries, issuances, letters and activities in MySQL, MariaDB or SQLite. It is the only
// package that uses GORM. Package recovery explains what asks, decoys, issuances and grants are.
//
// [Open] returns a [Store]. [Store.Migrate] makes its tables, [Store.Ready] reports whether it can serve, and
// [Store.Inspect] finds faults of an installation. Each package that needs the database declares an interface. A Store has
// a type for each of them, over the same tables: [Recoveries], [Letters], [Logins], [Breaches], and [Members] for the
// operator's commands. All of them embed queries, the handle on the database or on one transaction. Most methods are in
// the file of the rows that they use: a method of Letters about issuances is in issuances.go.
//
// A change that must be atomic by itself is one guarded UPDATE: its WHERE has the condition, and RowsAffected tells
// whether the row was changed. Changes that belong together are made in one transaction. A transaction is repeated after a
// transient failure: a deadlock, a failed certification (a write conflict between nodes of a Galera cluster) or a lost
// connection. An earlier try may have committed although its answer was lost. So ids are chosen before the first try, and
// a later try recognises its own rows by them.
//
// Many rows are changed in sets, each in one transaction with a few statements. Workers claim rows: they write a random
// name and an expiry into a batch of rows, and later statements change only rows that still have this claim. SELECT … FOR
// UPDATE SKIP LOCKED keeps workers and requests from waiting for each other.
//
// If a host fails, the connections to it are dropped and new ones go to the next host. SQLite has one connection that
// writes and a pool of readers. A [Sweeper] deletes old rows. Values are always parameters of statements, never part of
// their text.
package store

import (
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"gorm.io/gorm"

	"aikagi/backend/secret"
)

// Dialect is the kind of a database.
type Dialect string

// The dialects. MariaDB speaks MySQL.
const (
	MySQL  Dialect = "mysql"
	SQLite Dialect = "sqlite"
)

// Store is an open database. Make it with [Open].
type Store struct {
	dialect  Dialect
	settings Settings
	q        queries
	attempts attempts
	lock     *serverLock
	// clockOffset is how far the database's clock was ahead of this machine's when Ready last read it, in nanoseconds.
	clockOffset atomic.Int64
}

// Settings are where the database is and how to connect to it.
type Settings struct {
	Dialect Dialect
	// Path is the file of SQLite. With MustExist, Open does not make it, so that commands that only read leave no file
	// behind. With ForServer, Open returns [ErrServed] while another server uses the file.
	Path                 string
	MustExist, ForServer bool

	// The fields below are for MySQL.

	User     string
	Password secret.Value[string]
	Hosts    []string // host:port, tried in this order
	Name     string
	Options  map[string]string // of the driver: tls, timeout, readTimeout, writeTimeout
	RootCAs  *x509.CertPool    // for tls=true; nil: the system's
	// Connections bounds the open connections.
	Connections int
}

// Open opens a database. It opens SQLite's file at once. It connects to MySQL at the first query, so that the program
// can start while the server is away; [Store.Ready] reports that.
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
	q.asks = &askWriter{q: q, maxWriting: askWriters, timeout: askSetTimeout}
	if settings.Dialect == SQLite { // one writer
		q.asks.maxWriting = 1
	} else if settings.Connections > 0 {
		q.asks.maxWriting = max(1, min(askWriters, settings.Connections/2))
	}
	s := &Store{dialect: settings.Dialect, settings: settings, q: q}
	if settings.Dialect == SQLite && settings.ForServer {
		if s.lock, err = lockServerFile(settings.Path); err != nil {
			return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
		}
	}
	return s, nil
}

// Close closes all connections.
func (s *Store) Close() error {
	s.attempts.wait()
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

// Recoveries returns the store of the five steps and the resolver.
func (s *Store) Recoveries() *Recoveries { return &Recoveries{s.q} }

// Letters returns the store of the Postman.
func (s *Store) Letters() *Letters { return &Letters{s.q} }

// Logins returns the store of the sign-in and the member page.
func (s *Store) Logins() *Logins { return &Logins{s.q} }

// Members returns the store of the operator's commands.
func (s *Store) Members() *Members { return &Members{s.q} }

// Breaches returns the store of the breach command and its worker.
func (s *Store) Breaches() *Breaches { return &Breaches{s.q} }

// Pools returns the connection pools by name, for metrics. MySQL has one. SQLite has one for the writer and one for
// readers.
func (s *Store) Pools() (map[string]*sql.DB, error) {
	write, err := s.q.write.DB()
	if err != nil {
		return nil, fmt.Errorf("the database's pool: %w", err)
	}
	if s.dialect != SQLite {
		return map[string]*sql.DB{"database": write}, nil
	}
	read, err := s.q.read.DB()
	if err != nil {
		return nil, fmt.Errorf("the database's pool: %w", err)
	}
	return map[string]*sql.DB{"database_read": read, "database_write": write}, nil
}
