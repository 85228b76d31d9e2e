package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"aikagi/backend/recovery"
)

const (
	// setSize rows are changed by one transaction, so that nobody waits long for a lock.
	setSize = 500
	// setLasts bounds one set. The next one has a budget of its own.
	setLasts = 10 * time.Second
)

// keyed is a row with a primary key. A statement that finds the row by it locks nothing else, so it cannot meet in a
// deadlock one that comes by another index.
type keyed interface {
	TableName() string
	key() (column string, value any)
}

// inSets runs a DELETE or an UPDATE without its WHERE on all rows that match, set by set. It is for rows that do not
// match any more once they are changed. Rows that another transaction has locked are left.
func inSets[row keyed](ctx context.Context, q queries, statement string, values []any, where string, matching ...any) error {
	for {
		found, changed, err := changeSet[row](ctx, q, statement, values, where, matching)
		if err != nil || found < setSize || changed == 0 {
			return err
		}
	}
}

// changeSet changes one set, and returns how many rows it found and changed. InnoDB reads the whole of a small table for
// a long IN, and a DELETE then waits for locked rows that it would not delete: then each row is changed alone.
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
		n, err := changeFree(ctx, q, some, statement, values, where, matching)
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

// changeFree changes those of the rows that no other transaction has locked and that still match. They are looked at
// once more after they were locked, by another SELECT: one that skips locked rows could skip those too that the
// condition's subqueries look for.
func changeFree[row keyed](ctx context.Context, q queries, rows []row, statement string, values []any, where string, matching []any) (changed int, err error) {
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

// byID is an SQL expression with a value for each row of a set, by the row's id.
type byID struct {
	sql    string
	values []any
}

// newByID makes the expression for a set; set then gives the value of each row.
func newByID[row any](rows []row) *byID {
	return &byID{sql: "CASE id" + strings.Repeat(" WHEN ? THEN ?", len(rows)) + " END"}
}

func (b *byID) set(id string, value any) { b.values = append(b.values, id, value) }
