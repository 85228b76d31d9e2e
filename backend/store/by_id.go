package store

import "strings"

// byID is an SQL expression that has a different value for each row of a set: CASE id WHEN 'a' THEN 1 WHEN 'b' THEN 2 END.
// With it one UPDATE can change all rows.
type byID struct {
	sql    string
	values []any // id, value, id, value …
}

// newByID makes the expression for a set. The caller then calls set for each row.
func newByID[row any](rows []row) *byID {
	return &byID{sql: "CASE id" + strings.Repeat(" WHEN ? THEN ?", len(rows)) + " END"}
}

func (b *byID) set(id, value any) { b.values = append(b.values, id, value) }

// valuesOf returns the values of expressions in the order in which a statement has them.
func valuesOf(each ...*byID) (values []any) {
	for _, one := range each {
		values = append(values, one.values...)
	}
	return values
}
