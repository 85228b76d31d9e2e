package store

import (
	"context"
	"fmt"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// Retention is how long rows are kept.
type Retention struct {
	Recoveries, Letters, Activities time.Duration
}

// decoysKept is how long asks that matched no active member are kept, for the help desk's questions.
const decoysKept = 48 * time.Hour

// sweepAtOnce rows are deleted by one statement, so that nobody waits long for a lock.
const sweepAtOnce = 500

// Sweep deletes what is kept no longer, in small batches. Nothing depends on it for safety.
func (s *Store) Sweep(ctx context.Context, now time.Time, keep Retention) error {
	resolved := "outcome = ? AND asked_at < ? AND unresolved_since IS NULL"
	for _, old := range []struct {
		table, where string
		values       []any
	}{
		{"recoveries", resolved, []any{string(recovery.UnknownLoginID), now.Add(-decoysKept)}},
		{"recoveries", resolved, []any{string(recovery.AddressDiffers), now.Add(-decoysKept)}},
		{"recoveries", resolved, []any{string(recovery.NotActive), now.Add(-decoysKept)}},
		{"recoveries", resolved, []any{string(recovery.LetterSent), now.Add(-keep.Recoveries)}},
		{"recoveries", resolved, []any{string(recovery.TooSoon), now.Add(-keep.Recoveries)}},
		{"recoveries", resolved, []any{string(recovery.TooMany), now.Add(-keep.Recoveries)}},
		{"recoveries", resolved, []any{"", now.Add(-keep.Recoveries)}}, // a letter's own
		{"issuances", "created_at < ? AND live_member_id IS NULL", []any{now.Add(-keep.Recoveries)}},
		{"letters", "created_at < ? AND state <> ?", []any{now.Add(-keep.Letters), string(mail.Waiting)}},
		{"activities", "at < ?", []any{now.Add(-keep.Activities)}},
	} {
		if err := s.sweepTable(ctx, old.table, old.where, old.values); err != nil {
			return fmt.Errorf("sweep %s: %w", old.table, err)
		}
	}
	return nil
}

func (s *Store) sweepTable(ctx context.Context, table, where string, values []any) error {
	for {
		var ids []string
		if err := s.q.read.WithContext(ctx).Table(table).Where(where, values...).Limit(sweepAtOnce).Pluck("id", &ids).Error; err != nil {
			return err
		}
		if len(ids) == 0 {
			return nil
		}
		if _, err := s.q.exec(ctx, "DELETE FROM "+table+" WHERE id IN ?", ids); err != nil {
			return err
		}
		if len(ids) < sweepAtOnce {
			return nil
		}
	}
}
