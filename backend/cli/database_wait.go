package cli

import (
	"context"
	"errors"
	"fmt"

	"aikagi/backend/store"
)

// tryDatabaseOnce finds out at the start whether the database can be used, without waiting for it. A database that is not
// migrated is an error, since waiting does not help. If it is away, or its clock is wrong, the server starts unready and
// [server.awaitDatabase] tries again.
func (s *server) tryDatabaseOnce(ctx context.Context) error {
	err := s.tryDatabase(ctx)
	if errors.Is(err, store.ErrNotMigrated) {
		return err
	}
	if err != nil {
		s.log.WarnContext(ctx, "the database cannot be used; the server starts unready and goes on trying", "error", err)
		return nil
	}
	close(s.databaseReady)
	return nil
}

// tryDatabase returns why the database cannot be used, or nil. It logs a warning if the tables are of a newer version.
func (s *server) tryDatabase(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, databaseWithin)
	defer cancel()
	err := s.store.Ready(ctx, s.clock.Now)
	if err == nil {
		err = warnOfNewerTables(ctx, s.store, s.log)
	}
	if err != nil {
		return fmt.Errorf("AIKAGI_DATABASE: %w", err)
	}
	return nil
}

// isDatabaseReady reports whether the database could be used at least once.
func (s *server) isDatabaseReady() bool {
	select {
	case <-s.databaseReady:
		return true
	default:
		return false
	}
}

// awaitDatabase tries the database until it can be used for the first time. If it is not migrated, the server ends, as it
// would have at its start.
func (s *server) awaitDatabase(ctx context.Context) {
	for !s.isDatabaseReady() {
		if !sleep(ctx, databaseEvery) {
			return
		}
		err := s.tryDatabase(ctx)
		switch {
		case err == nil:
			close(s.databaseReady)
		case errors.Is(err, store.ErrNotMigrated):
			s.failed <- err
			return
		}
	}
}

// waitForDatabase returns true when the database can be used for the first time, or false when ctx ends before. Workers
// call it first, so that only one loop tries a database that is away.
func (s *server) waitForDatabase(ctx context.Context) bool {
	select {
	case <-s.databaseReady:
		return true
	case <-ctx.Done():
		return false
	}
}

// logStart logs that the server has started. If the server is not ready yet, it says so, and logs later when it is.
func (s *server) logStart(ctx context.Context, attributes ...any) {
	if s.readiness.IsReady() {
		s.log.Info("ready", attributes...)
		return
	}
	s.log.Info("serving, not ready: the database cannot be used yet", attributes...)
	go func() {
		for !s.readiness.IsReady() {
			if !sleep(ctx, databaseEvery) {
				return
			}
		}
		s.log.Info("ready", attributes...)
	}()
}
