package store

import (
	"context"
	"errors"
	"fmt"
)

// mostDamages bounds how many places SQLite names in a damaged file.
const mostDamages = 5

// Whole reads the whole of SQLite's file, and returns what is damaged in it, or nil.
func (s *Store) Whole(ctx context.Context) error {
	var found []string
	err := s.q.read.WithContext(ctx).Raw(fmt.Sprintf("PRAGMA integrity_check(%d)", mostDamages)).Scan(&found).Error
	if err != nil {
		return fmt.Errorf("the file is not whole: %w", err)
	}
	var damages []error
	for _, line := range found {
		if line != "ok" {
			damages = append(damages, errors.New("the file is not whole: "+line))
		}
	}
	return errors.Join(damages...)
}
