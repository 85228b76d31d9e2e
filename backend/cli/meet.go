package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"aikagi/backend/store"
)

// meet finds out whether the database can be used, and waits for nothing. One that is not migrated is an error, since
// waiting does not help. One that is away, or whose clock is off, is not: the server starts unready and
// [server.awaitDatabase] goes on trying.
func (s *server) meet(ctx context.Context, now func() time.Time, log *slog.Logger) error {
	err := s.tryDatabase(ctx, now, log)
	if errors.Is(err, store.ErrNotMigrated) {
		return err
	}
	if err != nil {
		s.awaitsDatabase = true
		log.WarnContext(ctx, "the database cannot be used; the server starts unready and goes on trying", "error", err)
		return nil
	}
	close(s.met)
	return nil
}

// onceMet starts a worker when the database could be used for the first time: until then only one loop tries.
func (s *server) onceMet(ctx context.Context, work func()) {
	s.work.Go(func() {
		select {
		case <-s.met:
			work()
		case <-ctx.Done():
		}
	})
}

// tryDatabase says what keeps the database from serving. It logs when the tables are of a newer version.
func (s *server) tryDatabase(ctx context.Context, now func() time.Time, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, databaseWithin)
	defer cancel()
	err := s.store.Ready(ctx, now)
	if err == nil {
		err = warnOfNewerTables(ctx, s.store, log)
	}
	if err != nil {
		return fmt.Errorf("AIKAGI_DATABASE: %w", err)
	}
	return nil
}

// awaitDatabase tries until a database that was away at the start can be used. When it turns out that it is not
// migrated, the server ends, as it would have at its start.
func (s *server) awaitDatabase(ctx context.Context, now func() time.Time, log *slog.Logger) {
	for s.awaitsDatabase {
		select {
		case <-ctx.Done():
			return
		case <-time.After(databaseEvery):
		}
		err := s.tryDatabase(ctx, now, log)
		switch {
		case err == nil:
			close(s.met)
			return
		case errors.Is(err, store.ErrNotMigrated):
			s.failed <- err
			return
		}
	}
}

// startedAs is what the log calls a server that has started.
func (s *server) startedAs() string {
	if s.awaitsDatabase {
		return "serving, not ready: the database cannot be used yet"
	}
	return "ready"
}
