package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// traceKey is the key of the function that ends a statement's span.
const traceKey = "aikagi:trace"

// Trace makes the store call begin before each statement, and after the statement the function that begin has returned.
// That function gets the operation (SELECT, INSERT, UPDATE, DELETE or "other") and the table (or "other"), but never the
// statement itself. begin may return nil. Call Trace before the first statement.
func (s *Store) Trace(begin func(ctx context.Context, system string) func(operation, table string, failed bool)) error {
	tables, err := wantedTables()
	if err != nil {
		return fmt.Errorf("trace the database: %w", err)
	}
	names := make([]string, len(tables))
	for i, table := range tables {
		names[i] = table.name
	}
	before := func(db *gorm.DB) {
		if end := begin(db.Statement.Context, string(s.dialect)); end != nil {
			db.InstanceSet(traceKey, end)
		}
	}
	after := func(db *gorm.DB) {
		end, traced := db.InstanceGet(traceKey)
		if !traced {
			return
		}
		operation, table := summary(db.Statement.SQL.String(), names)
		failed := db.Error != nil && !errors.Is(db.Error, gorm.ErrRecordNotFound)
		end.(func(operation, table string, failed bool))(operation, table, failed)
	}
	var failed []error
	for _, db := range slices.Compact([]*gorm.DB{s.q.write, s.q.read}) {
		callbacks := db.Callback()
		for _, register := range []func(string, func(*gorm.DB)) error{
			callbacks.Create().Before("*").Register, callbacks.Query().Before("*").Register, callbacks.Update().Before("*").Register,
			callbacks.Delete().Before("*").Register, callbacks.Row().Before("*").Register, callbacks.Raw().Before("*").Register,
		} {
			failed = append(failed, register("aikagi:trace_begin", before))
		}
		for _, register := range []func(string, func(*gorm.DB)) error{
			callbacks.Create().After("*").Register, callbacks.Query().After("*").Register, callbacks.Update().After("*").Register,
			callbacks.Delete().After("*").Register, callbacks.Row().After("*").Register, callbacks.Raw().After("*").Register,
		} {
			failed = append(failed, register("aikagi:trace_end", after))
		}
	}
	return errors.Join(failed...)
}

// summary returns the operation of a statement and the first table in it, both from closed sets.
func summary(statement string, tables []string) (operation, table string) {
	const other = "other"
	operation, table = other, other
	for word := range strings.FieldsFuncSeq(statement, func(r rune) bool { return strings.ContainsRune(" \t\n(),`\".", r) }) {
		if operation == other {
			if !slices.Contains([]string{"SELECT", "INSERT", "UPDATE", "DELETE"}, word) {
				return other, other
			}
			operation = word
			continue
		}
		if slices.Contains(tables, word) {
			return operation, word
		}
	}
	return operation, table
}
