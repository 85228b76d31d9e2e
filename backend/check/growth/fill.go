package main

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"time"

	"aikagi/backend/store"
)

// The old rows are from span to newest ago. No limit counts rows of that age. hashSum is the password hash of all members.
const (
	span    = 40 * 24 * time.Hour
	newest  = 3 * 24 * time.Hour
	hashSum = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g"
)

// fills are the tables and how they are filled. {n} is the number of the row from 1 on, {id} a random id, {of} the id of a member,
// {at} a time of the old rows in the order of {n}, {receipt} a receipt number.
var fills = []struct {
	table, columns, values string
	ofMembers              bool
}{
	{
		"members", "login_id, basic_mail_address, status, password_hash, password_version, created_at",
		"{concat:'member'|{n} - 1}, {concat:'member'|{n} - 1|'@xxx.mm-m.ne.jp'}, 'active', '" + hashSum + "', 1, {at}", true,
	},
	{
		"recoveries", "id, receipt, login_id, mail_address_mac, language, client, origin, asked_at, letter_asked_at, gone_at, member_id, " +
			"issuance_id, key_name, outcome, claimed_until",
		"{id}, {receipt}, {concat:'member'|{of} - 1}, 'growth:mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm', 'ja', '192.0.2.1', 'ask', {at}, {at}, {at}, " +
			"{of}, {id}, 'growth', 'letter', {at}", false,
	},
	{
		"issuances", "id, member_id, key_name, password_version, created_at, first_mailed_at, expires_at, used_at",
		"{id}, {of}, 'growth', 1, {at}, {at}, {at}, {at}", false,
	},
	{
		"letters", "id, kind, member_id, language, state, created_at, due_at, begun_at, ended_at, tries, answer, issuance_id, recovery_id, " +
			"ask_id, receipt, claimed_until",
		"{id}, 'temporary_password', {of}, 'ja', 'accepted', {at}, {at}, {at}, {at}, 1, '250 2.0.0', {id}, {id}, {id}, {receipt}, {at}", false,
	},
	{"activities", "member_id, at, id, kind, done_by, device", "{of}, {at}, {id}, 'signed_in', 'member', 'iphone'", false},
}

// fill fills each table with one INSERT … SELECT.
func (d *database) fill(members, old int) error {
	d.members, d.old, d.filled = members, old, now()
	conn, err := d.rows.Conn(context.Background())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if d.dialect == store.MySQL { // lets InnoDB sort each index once instead of inserting row by row
		if _, err := conn.ExecContext(context.Background(), "SET unique_checks = 0, foreign_key_checks = 0"); err != nil {
			return err
		}
	}
	for _, f := range fills {
		count := old
		if f.ofMembers {
			count = members
		}
		statement := d.inSQL("INSERT INTO "+f.table+" ("+f.columns+") "+"{series}SELECT "+f.values+" FROM {from}", count)
		if _, err := conn.ExecContext(context.Background(), statement); err != nil {
			return fmt.Errorf("%s: %w", f.table, err)
		}
	}
	analyse := "ANALYZE"
	if d.dialect == store.MySQL {
		analyse = "ANALYZE TABLE members, recoveries, issuances, letters, activities"
	}
	if _, err = conn.ExecContext(context.Background(), analyse); err != nil || d.dialect == store.SQLite {
		return err
	}
	return warm(conn)
}

// searched are the indexes that the calls use, by table. On a server that has run for hours they are in memory. Without warm, the
// first search of each page would read the disk.
var searched = map[string][]string{
	"members": {"PRIMARY", "members_login_id"}, "recoveries": {"recoveries_id", "recoveries_login_id", "recoveries_receipt"},
	"issuances": {"issuances_id", "issuances_member"}, "letters": {"letters_id", "letters_member"}, "activities": {"activities_id", "PRIMARY"},
}

// warm reads the indexes into InnoDB's buffer pool.
func warm(conn *sql.Conn) error {
	for table, indexes := range searched {
		for _, index := range indexes {
			var count int
			read := "SELECT COUNT(*) FROM " + table + " FORCE INDEX (" + index + ")"
			if err := conn.QueryRowContext(context.Background(), read).Scan(&count); err != nil {
				return err
			}
		}
	}
	return nil
}

// inSQL replaces the marks of a statement by SQL of the database. count is the number of rows.
func (d *database) inSQL(statement string, count int) string {
	const spread = 7919 // coprime to the number of members, so that neighbouring rows belong to different members
	oldest, step := d.filled.Add(-span), (span-newest).Seconds()/float64(count)
	marks := []string{
		"{of}", fmt.Sprintf("(1 + ({n} * %d) %% %d)", spread, d.members),
		"{series}", "", "{from}", fmt.Sprintf("seq_1_to_%d", count),
		"{id}", "UPPER(LEFT(SHA2(CONCAT(RAND(), {n}), 256), 26))", "{receipt}", "LPAD(CRC32({n}) % 100000000, 8, '0')",
		"{at}", fmt.Sprintf("TIMESTAMPADD(MICROSECOND, {n} * %.0f, '%s')", step*1e6, oldest.Format(time.DateTime)),
		"{n}", "seq",
	}
	if d.dialect == store.SQLite {
		marks = []string{
			"{of}", fmt.Sprintf("(1 + ({n} * %d) %% %d)", spread, d.members),
			"{series}", fmt.Sprintf("WITH RECURSIVE numbers(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM numbers WHERE seq < %d) ", count),
			"{from}", "numbers", "{id}", "hex(randomblob(13))", "{receipt}", "printf('%08d', abs(random()) % 100000000)",
			"{at}", fmt.Sprintf("strftime('%%Y-%%m-%%d %%H:%%M:%%f', '%s', '+' || ({n} * %f) || ' seconds') || '+00:00'", oldest.Format(time.DateTime), step),
			"{n}", "seq",
		}
	}
	statement = d.replaceConcat(statement)
	for i := 0; i < len(marks); i += 2 {
		statement = strings.ReplaceAll(statement, marks[i], marks[i+1])
	}
	return statement
}

// concat matches {concat:a|b|c}, which may contain other marks.
var concat = regexp.MustCompile(`\{concat:((?:[^{}]|\{\w+\})*)\}`)

// replaceConcat replaces {concat:a|b|c} by the database's expression that joins the texts.
func (d *database) replaceConcat(statement string) string {
	return concat.ReplaceAllStringFunc(statement, func(mark string) string {
		parts := strings.Split(concat.FindStringSubmatch(mark)[1], "|")
		if d.dialect == store.SQLite {
			return "((" + strings.Join(parts, ") || (") + "))"
		}
		return "CONCAT(" + strings.Join(parts, ", ") + ")"
	})
}
