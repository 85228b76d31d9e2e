package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"gorm.io/gorm"
)

//go:embed migrations
var migrations embed.FS

func (s *Store) migrator(over *gorm.DB) (*goose.Provider, error) {
	pool, err := over.DB()
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(migrations, "migrations/"+string(s.dialect))
	if err != nil {
		return nil, err
	}
	dialect := map[Dialect]database.Dialect{MySQL: database.DialectMySQL, SQLite: database.DialectSQLite3}[s.dialect]
	return goose.NewProvider(dialect, pool, files)
}

// Migrate brings the tables to this version's form. Each migration works while the former version still serves.
// It returns the names of those that were run.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	provider, err := s.migrator(s.q.write)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	results, err := provider.Up(ctx)
	var run []string
	for _, result := range results {
		run = append(run, result.Source.Path)
	}
	if err != nil {
		return run, fmt.Errorf("migrate: %w", err)
	}
	return run, nil
}

// pending says whether migrations are waiting to be run.
func (s *Store) pending(ctx context.Context) (bool, error) {
	provider, err := s.migrator(s.q.read)
	if err != nil {
		return false, err
	}
	return provider.HasPending(ctx)
}
