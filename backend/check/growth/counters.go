package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// counters are what MariaDB counts while a call runs. Unlike times they do not depend on other work of the machine. Each search for a
// key looks at one page for each level of the index. A page becomes dirty at its first change since it was written to the disk; it
// is split when a new entry finds it full, and then half of it is copied and logged. Redo is counted in bytes.
var counters = []struct{ name, sql string }{
	{"pages looked at", status("= 'Innodb_buffer_pool_read_requests'")},
	{"read from disk", status("= 'Innodb_buffer_pool_reads'")},
	{"became dirty", status("IN ('Innodb_buffer_pool_pages_dirty', 'Innodb_buffer_pool_pages_flushed')")},
	{"split", "SELECT count FROM information_schema.innodb_metrics WHERE name = 'index_page_splits'"},
	{"rows read", status("IN ('Handler_read_key', 'Handler_read_next', 'Handler_read_prev', 'Handler_read_first', 'Handler_read_last')")},
	{"redo", status("= 'Innodb_lsn_current'")},
}

// status returns a SELECT of the sum of status variables.
func status(names string) string {
	return "SELECT CAST(SUM(variable_value) AS SIGNED) FROM information_schema.global_status WHERE variable_name " + names
}

// enableCounters makes MariaDB count the splits of pages, which it does not by default.
func enableCounters(server *sql.DB) error {
	_, err := server.Exec("SET GLOBAL innodb_monitor_enable = 'index_page_splits'")
	return err
}

// counterValues are values of the counters, in their order.
type counterValues []int64

func readCounters(ctx context.Context, server *sql.DB) (counterValues, error) {
	now, selects, into := make(counterValues, len(counters)), make([]string, len(counters)), make([]any, len(counters))
	for i, counter := range counters {
		selects[i], into[i] = "("+counter.sql+")", &now[i]
	}
	return now, server.QueryRowContext(ctx, "SELECT "+strings.Join(selects, ", ")).Scan(into...)
}

// runCounted runs a call and adds by how much the counters rose.
func (d *database) runCounted(ctx context.Context, rose *[]counterValues, run func() error) error {
	before, err := readCounters(ctx, d.rows)
	if err != nil {
		return err
	}
	err = run()
	after, failed := readCounters(ctx, d.rows)
	for i := range after {
		after[i] -= before[i]
	}
	*rose = append(*rose, after)
	return errors.Join(err, failed)
}

// printCounters prints the medians of each counter on the small and the large database.
func printCounters(small, large []counterValues) {
	for i, counter := range counters {
		fmt.Printf("  %s %d %d", counter.name, medianOf(small, i), medianOf(large, i))
	}
}

func medianOf(all []counterValues, counter int) int64 {
	values := make([]int64, len(all))
	for n, c := range all {
		values[n] = c[counter]
	}
	return median(values)
}
