package store

import (
	"context"
	"time"

	"aikagi/backend/recovery"
)

// claimRows claims up to limit free rows, in the given order. free is the condition for a row that may be claimed, with
// its values. claimRows skips rows that another transaction has locked.
func claimRows[row keyed](ctx context.Context, q queries, claim string, until time.Time, free string, values []any, order string, limit int) ([]row, error) {
	table := (*new(row)).TableName()
	// Without this query an idle worker would begin a transaction every second, which takes SQLite's only writer.
	var some []string
	err := q.read.WithContext(ctx).Table(table).Where(free, values...).Order(order).Limit(1).Pluck("id", &some).Error
	if err != nil || len(some) == 0 {
		return nil, err
	}
	var rows []row
	err = q.transact(ctx, func(tx queries) error {
		rows = nil
		err := tx.locking(recovery.SkipLocked).WithContext(ctx).Where(free, values...).Order(order).Limit(limit).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		column, _ := rows[0].key()
		_, err = tx.exec(ctx, "UPDATE "+table+" SET claimed_by = ?, claimed_until = ? WHERE "+column+" IN ?", claim, until, keysOf(rows))
		return err
	})
	return rows, err
}
