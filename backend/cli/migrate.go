package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"aikagi/backend/config"
	"aikagi/backend/store"
)

type migrateCommand struct{}

// Run runs the pending migrations. A run that was cut off can be repeated.
func (migrateCommand) Run(p *program) (err error) {
	settings, err := p.load(config.Needs{Database: true})
	if err != nil {
		return err
	}
	s, err := store.Open(storeSettings(settings.Database), slog.New(slog.NewTextHandler(p.stderr, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	run, err := s.Migrate(p.ctx)
	for _, name := range run {
		fmt.Fprintln(p.stdout, "migrated:", name)
	}
	if errors.Is(err, store.ErrNewerSchema) {
		return fmt.Errorf("%w; nothing was changed; use the newer program", err)
	}
	if err != nil {
		return fmt.Errorf("%w; when the cause is repaired, run aikagi migrate again: it continues where it was cut off", err)
	}
	if len(run) == 0 {
		fmt.Fprintln(p.stdout, "nothing to migrate: the tables are of this version")
	}
	return nil
}

// migrateSQLite migrates at the start of a server, so that a server on SQLite needs no migrate command. A newer schema is
// not an error: an upgrade is in progress, and this server goes on until it is replaced.
func migrateSQLite(ctx context.Context, s *store.Store) error {
	_, err := s.Migrate(ctx)
	if errors.Is(err, store.ErrNewerSchema) {
		return nil
	}
	return err
}

// warnOfNewerTables logs that a newer program has migrated the database.
func warnOfNewerTables(ctx context.Context, s *store.Store, log *slog.Logger) error {
	version, err := s.Version(ctx)
	if err != nil {
		return err
	}
	if err := version.Newer(); err != nil {
		log.Warn("an upgrade is under way: "+err.Error(), "tables", version.Tables, "program", version.Program)
	}
	return nil
}
