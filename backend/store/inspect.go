package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// Inspect compares the database with what the program needs: tables, columns, text that compares byte by byte, unique
// indexes, and the rights to read, insert, update and delete. On SQLite it also checks that a server could lock the file. It
// returns all faults at once and changes nothing. A warning is a fault that does not stop the program from working.
func (s *Store) Inspect(ctx context.Context) (warnings []string, err error) {
	version, err := s.Version(ctx)
	if err != nil {
		return nil, fmt.Errorf("the tables' version cannot be read: %w", err)
	}
	if newer := version.Newer(); newer != nil {
		warnings = append(warnings, newer.Error())
	}
	var faults []error
	if s.dialect == MySQL {
		if err := s.readOnlyReasons(ctx); err != nil {
			return warnings, err
		}
	} else {
		if open := sqliteFileOpenToOthers(s.settings.Path); open != "" {
			warnings = append(warnings, "other users of this machine can use "+open+"; right would be the mode 0600")
		}
		if err := checkServerFile(s.settings.Path); err != nil {
			faults = append(faults, err)
		}
	}
	wanted, err := wantedTables()
	if err != nil {
		return warnings, err
	}
	found, err := s.readTables(ctx)
	if err != nil {
		return warnings, fmt.Errorf("the tables cannot be looked at: %w", err)
	}
	for _, table := range wanted {
		faults = append(faults, table.faults(found[table.name])...)
	}
	if len(faults) > 0 {
		return warnings, errors.Join(faults...) // the rights are tested with statements that need all columns
	}
	return warnings, s.tryRights(ctx, wanted)
}

// readOnlyReasons returns an error for each setting that makes the server refuse writes. These settings do not bind
// users with special privileges, but the program connects to such a server only if no other host is left.
func (s *Store) readOnlyReasons(ctx context.Context) error {
	var found []struct {
		Name  string `gorm:"column:Variable_name"`
		Value string
	}
	if err := s.q.read.WithContext(ctx).Raw(readOnlySettings).Scan(&found).Error; err != nil {
		return fmt.Errorf("the server's settings cannot be read: %w", err)
	}
	var faults []error
	for _, variable := range found {
		faults = append(faults, fmt.Errorf("the database takes no writes: the server is set to %s=%s", variable.Name, variable.Value))
	}
	return errors.Join(faults...)
}

// tryRights runs statements that match no row, in a transaction that it rolls back. The database refuses them if the
// user lacks the right.
func (s *Store) tryRights(ctx context.Context, tables []wantedTable) error {
	tx := s.q.write.WithContext(ctx).Begin()
	if tx.Error != nil {
		return fmt.Errorf("no transaction can begin: %w", tx.Error)
	}
	defer tx.Rollback()
	denied := make(map[string][]string) // SELECT, INSERT … → tables
	for _, table := range tables {
		for _, statement := range table.rightStatements() {
			err := tx.Exec(statement).Error
			right, isDenied := deniedRight(err)
			switch {
			case isDenied && !slices.Contains(denied[right], table.name):
				denied[right] = append(denied[right], table.name)
			case err != nil && !isDenied:
				return fmt.Errorf("the table %s cannot be used: %w", table.name, err)
			}
		}
	}
	var faults []error
	for _, right := range slices.Sorted(maps.Keys(denied)) {
		faults = append(faults, fmt.Errorf("the database's user has no right to %s on %s", right, strings.Join(denied[right], ", ")))
	}
	return errors.Join(faults...)
}

// deniedRight reads the missing right from MySQL's message, such as "INSERT command denied to user …", because a
// statement can need more than one right.
func deniedRight(err error) (right string, denied bool) {
	var failed *mysqldriver.MySQLError
	if !errors.As(err, &failed) || failed.Number != tableDenied && failed.Number != columnDenied {
		return "", false
	}
	right, _, _ = strings.Cut(failed.Message, " ")
	return right, true
}

// foundTable is a table as it is in the database.
type foundTable struct {
	columns map[string]foundColumn
	unique  map[string]bool // columns with a unique index of their own
}

type foundColumn struct {
	Table, Name, Type string
	Collation         string // of text; empty for other types
	Precision         int    // of times, in decimal places of a second
}

func (s *Store) readTables(ctx context.Context) (map[string]foundTable, error) {
	columns, unique := mysqlColumns, mysqlUnique
	if s.dialect == SQLite {
		columns, unique = sqliteColumns, sqliteUnique
	}
	read := s.q.read.WithContext(ctx)
	tables := make(map[string]foundTable)
	var all []foundColumn
	if err := read.Raw(columns).Scan(&all).Error; err != nil {
		return nil, err
	}
	for _, column := range all {
		if _, known := tables[column.Table]; !known {
			tables[column.Table] = foundTable{make(map[string]foundColumn), make(map[string]bool)}
		}
		tables[column.Table].columns[column.Name] = column
	}
	var single []struct{ Table, Name string }
	if err := read.Raw(unique).Scan(&single).Error; err != nil {
		return nil, err
	}
	for _, index := range single {
		if table, known := tables[index.Table]; known {
			table.unique[index.Name] = true
		}
	}
	return tables, nil
}

const (
	mysqlColumns = "SELECT table_name AS `table`, column_name AS name, data_type AS type, COALESCE(collation_name, '') AS collation, " +
		"COALESCE(datetime_precision, 0) AS `precision` FROM information_schema.columns WHERE table_schema = DATABASE()"
	mysqlUnique = "SELECT MAX(table_name) AS `table`, MAX(column_name) AS name FROM information_schema.statistics " +
		"WHERE table_schema = DATABASE() AND non_unique = 0 GROUP BY table_name, index_name HAVING COUNT(*) = 1 AND MAX(sub_part) IS NULL"

	// SQLite has no collation for a column, only for an index.
	sqliteColumns = `SELECT t.name AS "table", c.name AS name, c.type AS type,
		COALESCE((SELECT MAX(x.coll) FROM pragma_index_list(t.name) AS i, pragma_index_xinfo(i.name) AS x
			WHERE x.key AND x.name = c.name AND x.coll <> 'BINARY'), '') AS collation, 6 AS "precision"
		FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'`
	sqliteUnique = `SELECT t.name AS "table", MAX(x.name) AS name FROM sqlite_master AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS x
			WHERE t.type = 'table' AND i."unique" AND NOT i.partial GROUP BY t.name, i.name HAVING COUNT(*) = 1 UNION ALL
		SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND c.pk`
)

// comparesBytes reports whether text in the column compares byte by byte: abc differs from ABC, and ß from ss.
func (c foundColumn) comparesBytes() bool {
	return c.Collation == "" || c.Collation == "binary" || strings.HasSuffix(c.Collation, "_bin")
}
