package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"

	"gorm.io/gorm"
)

// Statement is what GORM has sent to the database.
type Statement struct {
	SQL    string
	Values []any
}

// Record calls record with each statement that is sent from now on.
func (s *Store) Record(record func(Statement)) error {
	sent := func(db *gorm.DB) {
		if text := db.Statement.SQL.String(); text != "" {
			record(Statement{text, append([]any(nil), db.Statement.Vars...)})
		}
	}
	for _, db := range []*gorm.DB{s.q.write, s.q.read} {
		callbacks := db.Callback()
		for _, register := range []func(string, func(*gorm.DB)) error{
			callbacks.Create().Replace, callbacks.Query().Replace, callbacks.Update().Replace, callbacks.Raw().Replace, callbacks.Row().Replace,
		} {
			if err := register("test:record", sent); err != nil {
				return err
			}
		}
	}
	return nil
}

// OnBegin calls tell with the result of each start of a write transaction.
func (s *Store) OnBegin(tell func(error)) error {
	pool, err := s.q.write.DB()
	if err != nil {
		return err
	}
	watched := watchedPool{pool, tell}
	s.q.write.ConnPool, s.q.write.Statement.ConnPool = watched, watched
	return nil
}

type watchedPool struct {
	*sql.DB
	tell func(error)
}

// BeginTx begins a transaction and calls tell.
func (p watchedPool) BeginTx(ctx context.Context, options *sql.TxOptions) (*sql.Tx, error) {
	tx, err := p.DB.BeginTx(ctx, options)
	p.tell(err)
	return tx, err
}

// GetDBConn returns the pool; gorm.DB.DB calls it.
func (p watchedPool) GetDBConn() (*sql.DB, error) { return p.DB, nil }

// LoseNextCommit makes the next commit succeed but return an error, as if the answer was lost.
func (s *Store) LoseNextCommit() error {
	pool, err := s.q.write.DB()
	if err != nil {
		return err
	}
	losing := &losingPool{DB: pool}
	s.q.write.ConnPool, s.q.write.Statement.ConnPool = losing, losing
	return nil
}

type losingPool struct {
	*sql.DB
	lost bool
}

// BeginTx returns a transaction whose commit may seem lost.
func (p *losingPool) BeginTx(ctx context.Context, options *sql.TxOptions) (gorm.ConnPool, error) {
	tx, err := p.DB.BeginTx(ctx, options)
	return &losingTx{tx, p}, err
}

// GetDBConn returns the pool; gorm.DB.DB calls it.
func (p *losingPool) GetDBConn() (*sql.DB, error) { return p.DB, nil }

type losingTx struct {
	*sql.Tx
	pool *losingPool
}

// Commit commits, and returns an error if the answer is to be lost.
func (tx *losingTx) Commit() error {
	err := tx.Tx.Commit()
	if err == nil && !tx.pool.lost {
		tx.pool.lost = true
		return driver.ErrBadConn
	}
	return err
}

// DisableBusyWait makes SQLite return busy at once instead of after five seconds.
func (s *Store) DisableBusyWait() error {
	return s.q.write.Exec("PRAGMA busy_timeout = 0").Error
}

// MigrationFiles are the embedded migrations.
var MigrationFiles = migrations

// WaitForLock is how a migrate waits for another one.
var WaitForLock = waitForLock

// AwaitStatement waits until another connection runs a statement on a table or waits for a lock in it. For SQLite it
// returns at once: there is only one connection that writes.
func (s *Store) AwaitStatement(ctx context.Context, table string) error {
	if s.dialect == SQLite {
		return nil
	}
	for {
		var running int64
		err := s.q.read.WithContext(ctx).Raw(`SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE()
			AND id <> CONNECTION_ID() AND command = 'Query' AND info LIKE ?`, "%"+table+"%").Scan(&running).Error
		if err != nil || running > 0 {
			return err
		}
	}
}

// BacklogUpTo does what Backlog does, with another bound than maxCounted.
func (s *Store) BacklogUpTo(ctx context.Context, atMost int) (Backlog, error) {
	return s.backlog(ctx, atMost)
}

// CountLettersAtMost does what CountLetters does, with another bound than maxCounted.
func (s *Members) CountLettersAtMost(ctx context.Context, which LetterFilter, atMost int) (total int, exact bool, err error) {
	return s.countLetters(ctx, which, atMost)
}

// WaitingAsks counts the asks that no writer has taken yet.
func (s *Store) WaitingAsks() int {
	s.q.asks.mu.Lock()
	defer s.q.asks.mu.Unlock()
	return len(s.q.asks.waiting)
}

// UseOneAskWriter limits asks to one writer, as for SQLite, and removes the timeout of its statements.
func (s *Store) UseOneAskWriter() { s.q.asks.maxWriting, s.q.asks.timeout = 1, time.Hour }

// EndAskStatements lets the writers' statements time out at once.
func (s *Store) EndAskStatements() { s.q.asks.timeout = 0 }

// LiftAskTimeout removes the timeout of the writers' statements, so that a test can block them.
func (s *Store) LiftAskTimeout() { s.q.asks.timeout = time.Hour }

// IsWritingAsks reports whether asks are being written.
func (s *Store) IsWritingAsks() bool {
	s.q.asks.mu.Lock()
	defer s.q.asks.mu.Unlock()
	return s.q.asks.writing > 0
}
