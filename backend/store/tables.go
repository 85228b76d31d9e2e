package store

import (
	"fmt"
	"strings"
	"sync"

	"gorm.io/gorm/schema"
)

// wantedTable is a table as the program needs it.
type wantedTable struct {
	name    string
	columns []wantedColumn
}

type wantedColumn struct {
	name         string
	unique, time bool
}

// wantedTables reads the types of the rows, so that a new column is checked without any change here.
func wantedTables() ([]wantedTable, error) {
	rows := []schema.Tabler{memberRow{}, recoveryRow{}, issuanceRow{}, letterRow{}, activityRow{}, breachRow{}, breachMemberRow{}, leaseRow{}}
	tables := make([]wantedTable, len(rows))
	for i, row := range rows {
		parsed, err := schema.Parse(row, new(sync.Map), schema.NamingStrategy{})
		if err != nil {
			return nil, err
		}
		tables[i].name = row.TableName()
		for _, field := range parsed.Fields {
			tables[i].columns = append(tables[i].columns, wantedColumn{
				name: field.DBName, unique: field.PrimaryKey || field.Unique, time: field.DataType == schema.Time,
			})
		}
	}
	return tables, nil
}

// timePrecision is the number of decimal places of a second that times need.
const timePrecision = 6

// faults returns what is wrong with a table in the database.
func (t wantedTable) faults(found foundTable) (faults []error) {
	if found.columns == nil {
		return []error{fmt.Errorf("the table %s is missing", t.name)}
	}
	fault := func(column wantedColumn, wrong string) {
		faults = append(faults, fmt.Errorf("the column %s.%s %s", t.name, column.name, wrong))
	}
	for _, column := range t.columns {
		there, is := found.columns[column.name]
		if !is {
			fault(column, "is missing")
			continue
		}
		if !there.comparesBytes() {
			fault(column, "has the collation "+there.Collation+"; right would be one that compares bytes, as the migration sets it")
		}
		if column.time && there.Precision < timePrecision {
			fault(column, fmt.Sprintf("keeps %d decimal places of a second; right would be %d", there.Precision, timePrecision))
		}
		if column.unique && !found.unique[column.name] {
			fault(column, "has no unique index")
		}
	}
	return faults
}

// rightStatements returns statements that need each right on each column and match no row.
func (t wantedTable) rightStatements() []string {
	names, nothing, same := make([]string, len(t.columns)), make([]string, len(t.columns)), make([]string, len(t.columns))
	for i, column := range t.columns {
		names[i], nothing[i], same[i] = column.name, "NULL", column.name+" = "+column.name
	}
	all := strings.Join(names, ", ")
	return []string{
		"SELECT " + all + " FROM " + t.name + " WHERE 1 = 0",
		"INSERT INTO " + t.name + " (" + all + ") SELECT " + strings.Join(nothing, ", ") + " FROM (SELECT 1) AS one WHERE 1 = 0",
		"UPDATE " + t.name + " SET " + strings.Join(same, ", ") + " WHERE 1 = 0",
		"DELETE FROM " + t.name + " WHERE 1 = 0",
	}
}
