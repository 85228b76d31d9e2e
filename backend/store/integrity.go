package store

import (
	"context"
	"errors"
	"fmt"
)

// maxDamages bounds how many damaged places are reported.
const maxDamages = 5

// CheckIntegrity reads the whole SQLite file and returns what is damaged in it, or nil.
func (s *Store) CheckIntegrity(ctx context.Context) error {
	var found []string
	err := s.q.read.WithContext(ctx).Raw(fmt.Sprintf("PRAGMA integrity_check(%d)", maxDamages)).Scan(&found).Error
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
