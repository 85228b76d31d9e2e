package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"aikagi/backend/recovery"
)

const (
	// setSize bounds the rows that one transaction changes, so that no other waits long for a lock.
	setSize = 500
	// setLasts bounds the time of one set.
	setLasts = 10 * time.Second
)

// keyed is a row with a primary key. A statement that finds a row by its primary key locks nothing else, so it cannot
// deadlock with a statement that uses another index.
type keyed interface {
	TableName() string
	key() (column string, value any)
}

// inSets runs a DELETE or an UPDATE without its WHERE on all rows that match, one set after the other. The change must
// make the rows no longer match. Rows that another transaction has locked stay unchanged.
func inSets[row keyed](ctx context.Context, q queries, statement string, values []any, where string, matching ...any) error {
	for {
		found, changed, err := changeSet[row](ctx, q, statement, values, where, matching)
		if err != nil || found < setSize || changed == 0 {
			return err
		}
	}
}

// changeSet changes one set, and returns how many rows it found and changed. If the set cannot be locked, it changes
// each row by itself: for a long IN, InnoDB reads the whole of a small table, and a DELETE then waits for locked rows
// that it would not delete.
func changeSet[row keyed](ctx context.Context, q queries, statement string, values []any, where string, matching []any) (found, changed int, err error) {
	ctx, cancel := context.WithTimeout(ctx, setLasts)
	defer cancel()
	column, _ := (*new(row)).key()
	var rows []row
	err = q.read.WithContext(ctx).Select(column).Where(where, matching...).Limit(setSize).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, 0, err
	}
	change := func(some []row) error {
		n, err := changeUnlocked(ctx, q, some, statement, values, where, matching)
		changed += n
		return err
	}
	if err = change(rows); !errors.Is(err, recovery.ErrLocked) {
		return len(rows), changed, err
	}
	for _, alone := range rows {
		if err := change([]row{alone}); err != nil && !errors.Is(err, recovery.ErrLocked) {
			return len(rows), changed, err
		}
	}
	return len(rows), changed, nil
}

// changeUnlocked changes the rows that no other transaction has locked and that still match. A second SELECT checks the
// condition after the rows are locked: a SELECT with SKIP LOCKED could also skip rows that the subqueries of the
// condition look for.
func changeUnlocked[row keyed](ctx context.Context, q queries, rows []row, statement string, values []any, where string, matching []any) (changed int, err error) {
	column, _ := rows[0].key()
	byKey := column + " IN ?"
	err = q.transact(ctx, func(tx queries) error {
		changed = 0
		var locked, still []row
		err := tx.locking(recovery.SkipLocked).WithContext(ctx).Select(column).Where(byKey, keysOf(rows)).Find(&locked).Error
		if err != nil || len(locked) == 0 {
			return err
		}
		err = tx.read.WithContext(ctx).Select(column).Where(byKey, keysOf(locked)).Where(where, matching...).Find(&still).Error
		if err != nil || len(still) == 0 {
			return err
		}
		n, err := tx.exec(ctx, statement+" WHERE "+byKey, append(slices.Clone(values), keysOf(still))...)
		changed = int(n)
		return err
	})
	if err != nil {
		return 0, err
	}
	return changed, nil
}

func keysOf[row keyed](rows []row) []any {
	keys := make([]any, len(rows))
	for i, row := range rows {
		_, keys[i] = row.key()
	}
	return keys
}
