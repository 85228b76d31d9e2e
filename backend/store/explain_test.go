package store_test

import (
	"database/sql"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// Each table has tableSize rows, and a statement may read rowsLookedAt of them at most, so that its cost does not grow with
// the table.
const (
	tableSize    = 3000
	rowsLookedAt = 150
	// fewRows is a table that stays small: it has a row for each breach that an operator has begun.
	fewRows = "breaches"
)

func TestEveryMethodThatSendsAStatementHasItsPlanTested(t *testing.T) {
	tested := maps.Clone(withoutPlan)
	for _, call := range allCalls(t.Context(), &store.Store{}, recovery.Recovery{}, store.KeptLetter{}) {
		tested[call.method] = "planned"
	}
	found := make(map[string]bool)
	for _, of := range []any{&store.Store{}, &store.Recoveries{}, &store.Letters{}, &store.Logins{}, &store.Members{}, &store.Sweeper{}} {
		kind := reflect.TypeOf(of)
		embedded, embeds := kind.Elem().FieldByName("queries")
		for method := range kind.Methods() {
			name := kind.Elem().Name() + "." + method.Name
			if embeds {
				if _, shared := embedded.Type.MethodByName(method.Name); shared {
					name = "queries." + method.Name
				}
			}
			found[name] = true
			if tested[name] == "" && !slices.Contains(testMethods, method.Name) {
				t.Errorf("%s has no call in allCalls, nor a reason in withoutPlan", name)
			}
		}
	}
	for name := range tested {
		if !found[name] {
			t.Errorf("%s is no method", name)
		}
	}
}

func TestNoStatementReadsAsManyRowsAsATableHas(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		must(t, s.Fill(t.Context(), tableSize, now))
		db := raw(t, settings)
		if settings.Dialect == store.MySQL {
			analyse(t, db)
		}
		asks, err := s.Members().Asks(t.Context(), "m000007", "", 1)
		must(t, err)
		letters, err := s.Members().LettersIn(t.Context(), mail.Waiting, 1)
		must(t, err)

		explain := planOfMySQL
		if settings.Dialect == store.SQLite {
			explain = planOfSQLite
		}
		explained := make(map[string]bool)
		var running plannedCall
		must(t, s.Record(func(sent store.Statement) {
			if explained[sent.SQL] || strings.HasPrefix(sent.SQL, "INSERT") {
				return
			}
			explained[sent.SQL] = true
			for _, fault := range explain(t, db, sent, running.walks) {
				t.Errorf("%s: %s\n%s", running.method, sent.SQL, fault)
			}
		}))
		for _, running = range allCalls(t.Context(), s, asks[0], letters[0]) {
			if err := running.call(); err != nil {
				t.Errorf("%s: %v", running.method, err)
			}
		}
		if len(explained) < 70 {
			t.Errorf("explained %d statements: the calls send more", len(explained))
		}
	})
}

func TestAFloodOfNoticesIsNotReadToFindTemporaryPasswords(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		m := enrol(t, s, "taro")
		must(t, s.FillNotices(t.Context(), tableSize, now))
		letter := addLetter(t, s, m, recovery.TemporaryPasswordLetter, now.Add(time.Minute))
		db, explain := raw(t, settings), planOfSQLite
		if settings.Dialect == store.MySQL {
			analyse(t, db)
			explain = planOfMySQL
		}
		var faults []string
		must(t, s.Record(func(sent store.Statement) { faults = append(faults, explain(t, db, sent, false)...) }))
		later := now.Add(time.Hour)
		found, err := s.Letters().ClaimDue(t.Context(), "mine", later, later.Add(time.Minute), 64, mail.TemporaryPasswords)
		if err != nil || len(found) != 1 || found[0].ID != letter.ID || len(faults) > 0 {
			t.Errorf("got %v, %v; want %s; %v", found, err, letter.ID, faults)
		}
	})
}

func analyse(t *testing.T, db *sql.DB) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), "ANALYZE TABLE members, recoveries, issuances, letters, activities, breaches, breach_members")
	must(t, err)
}

// planOfMySQL returns the faults of a statement's plan: it reads a whole table or index, or too many rows, or it makes a
// temporary table. Such a table can have no space although the host has space for rows, and hosts does not note that.
func planOfMySQL(t *testing.T, db *sql.DB, sent store.Statement, walks bool) (faults []string) {
	t.Helper()
	for _, step := range planned(t, db, "EXPLAIN "+sent.SQL, sent.Values) {
		if strings.Contains(step["Extra"], "const table") || strings.Contains(step["Extra"], "optimized away") {
			continue // a row found by its key, or found not to be there, or at the end of an index
		}
		if step["table"] == fewRows {
			continue
		}
		isTemporary := strings.Contains(step["Extra"], "temporary")
		if walks && step["key"] != "" && !isTemporary && !strings.Contains(step["Extra"], "filesort") {
			continue
		}
		rows, _, _ := strings.Cut(step["rows"], " ") // MariaDB adds what a filter of row ids leaves: 59 (2%)
		looked, err := strconv.Atoi(rows)
		if err != nil || looked > rowsLookedAt || step["key"] == "" || step["type"] == "ALL" || step["type"] == "index" || isTemporary {
			faults = append(faults, fmt.Sprint(step))
		}
	}
	return faults
}

func planOfSQLite(t *testing.T, db *sql.DB, sent store.Statement, walks bool) (faults []string) {
	t.Helper()
	for _, step := range planned(t, db, "EXPLAIN QUERY PLAN "+sent.SQL, sent.Values) {
		if step["detail"] == "SCAN "+fewRows || strings.HasPrefix(step["detail"], "SCAN "+fewRows+" ") {
			continue
		}
		isWalk := walks && !strings.Contains(step["detail"], "TEMP B-TREE")
		if strings.HasPrefix(step["detail"], "SCAN") && !isWalk || strings.Contains(step["detail"], "TEMP B-TREE") && walks {
			faults = append(faults, step["detail"])
		}
	}
	return faults
}

// planned returns the steps of a plan, by the names of their columns.
func planned(t *testing.T, db *sql.DB, explain string, values []any) []map[string]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), explain, values...)
	must(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	must(t, err)
	var steps []map[string]string
	for rows.Next() {
		texts, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range texts {
			into[i] = &texts[i]
		}
		must(t, rows.Scan(into...))
		step := make(map[string]string, len(names))
		for i, name := range names {
			step[name] = texts[i].String
		}
		steps = append(steps, step)
	}
	must(t, rows.Err())
	if len(steps) == 0 {
		t.Errorf("no plan for %s", explain)
	}
	return steps
}
