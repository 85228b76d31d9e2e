package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"aikagi/backend/recovery"
)

// queries is a handle on the database or on one transaction. SQLite has one connection that writes and a pool of
// readers; for MySQL both are the same pool.
type queries struct {
	write, read *gorm.DB
	asks        *askWriter // nil in a transaction
	inTx        bool
	log         *slog.Logger
	// dropConnections makes all connections end after their present use, so that new ones find a host that serves. It
	// returns whether an immediate retry may help. Nil for SQLite and in a transaction.
	dropConnections func() bool
}

// gormConfig is the configuration for both dialects. GORM logs nothing: errors are returned, and no value may reach a
// log.
func gormConfig() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		Logger:                 logger.Discard,
		NowFunc:                func() time.Time { return time.Time{} }, // GORM sets no times
		DisableAutomaticPing:   true,
	}
}

// exec runs one statement that writes, and returns how many rows its WHERE matched. It repeats the statement only if it
// certainly had no effect: if the answer was lost, a second run could count twice.
func (q queries) exec(ctx context.Context, statement string, values ...any) (rows int64, err error) {
	err = q.repeat(ctx, hadNoEffect, func() error {
		result := q.write.WithContext(ctx).Exec(statement, values...)
		rows = result.RowsAffected
		return result.Error
	})
	return rows, err
}

// guarded runs one UPDATE that matches one row or none. It returns whether it has changed the row.
func (q queries) guarded(ctx context.Context, statement string, values ...any) (bool, error) {
	rows, err := q.exec(ctx, statement, values...)
	return rows == 1, err
}

// find returns one row, or recovery.ErrNotFound.
func find[row any](ctx context.Context, q queries, where string, values ...any) (found row, err error) {
	err = q.repeat(ctx, isTransient, func() error {
		found = *new(row)
		return q.read.WithContext(ctx).Where(where, values...).Take(&found).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return found, recovery.ErrNotFound
	}
	return found, err
}

// add inserts one row.
func add[row any](ctx context.Context, q queries, r *row) error {
	return addOnce(ctx, q, func() error { return q.write.WithContext(ctx).Create(r).Error })
}

// addOnce runs an INSERT of one row. Outside of a transaction a duplicate key counts as success: the id is chosen
// before the first try, so an earlier try whose answer was lost has inserted the row.
func addOnce(ctx context.Context, q queries, insert func() error) error {
	err := q.repeat(ctx, isTransientInsert, insert)
	if !q.inTx && isDuplicate(err) {
		return nil
	}
	return err
}

// rowsAtOnce keeps a statement below SQLite's limit of 32,766 values and MySQL's limit of the packet.
const rowsAtOnce = 500

// addAll inserts rows in one statement. It is for transactions, which are repeated as a whole.
func addAll[row any](ctx context.Context, q queries, rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	return q.write.WithContext(ctx).Create(&rows).Error
}
