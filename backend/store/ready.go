package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNotMigrated is returned when the tables are of an older version than the program.
var ErrNotMigrated = errors.New("the database is not migrated: run aikagi migrate")

// Ready returns why the database cannot serve, or nil: it cannot be reached, its tables are not migrated, or its clock
// differs.
func (s *Store) Ready(ctx context.Context, now func() time.Time) error {
	pool, err := s.q.read.DB()
	if err == nil {
		err = pool.PingContext(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", unreached(err), err)
	}
	pending, err := s.pending(ctx)
	if err != nil {
		return fmt.Errorf("the database's version cannot be read: %w", err)
	}
	if pending {
		return ErrNotMigrated
	}
	if s.dialect == SQLite {
		return nil // SQLite uses this machine's clock
	}
	var there time.Time
	if err := s.q.read.WithContext(ctx).Raw("SELECT NOW(6)").Scan(&there).Error; err != nil {
		return fmt.Errorf("the database's clock cannot be read: %w", err)
	}
	offset := there.Sub(now())
	s.clockOffset.Store(int64(offset))
	apart := offset.Abs()
	if apart > MaxClockDifference {
		return fmt.Errorf("the database's clock is %s apart from this machine's (at most %s)", apart.Round(time.Second), MaxClockDifference)
	}
	return nil
}

// unreached says why there is no connection: the server may have answered and refused it.
func unreached(err error) string {
	switch {
	case hasMySQLNumber(err, accessDenied):
		return "the database refuses this user or this password"
	case hasMySQLNumber(err, databaseDenied):
		return "the user has no right to this database"
	case hasMySQLNumber(err, noSuchDatabase):
		return "the server has no database of this name"
	case hasMySQLNumber(err, refusalErrors...):
		return "the database refuses this user"
	}
	return "the database cannot be reached"
}

// ClockOffset returns how far the database's clock was ahead of this machine's when Ready last read it. It is 0 before
// that, and for SQLite.
func (s *Store) ClockOffset() time.Duration { return time.Duration(s.clockOffset.Load()) }
