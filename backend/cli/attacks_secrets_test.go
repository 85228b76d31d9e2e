package cli

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/config"
)

// leaks is all that somebody who steals or reads along would hold, by where it lay.
type leaks struct {
	t     *testing.T
	where map[string]*strings.Builder
}

func (l *leaks) add(where string, held ...any) {
	if l.where[where] == nil {
		l.where[where] = new(strings.Builder)
	}
	for _, one := range held {
		if raw, is := one.([]byte); is {
			one = string(raw)
		}
		fmt.Fprintln(l.where[where], one)
	}
}

// want fails the test when one of the secrets lies in one of the places, in any letter case.
func (l *leaks) want(none map[string]string, places ...string) {
	l.t.Helper()
	for _, place := range places {
		if l.where[place] == nil || l.where[place].Len() == 0 {
			l.t.Errorf("nothing of %s was looked at", place)
			continue
		}
		held := strings.ToLower(l.where[place].String())
		for what, secret := range none {
			if secret == "" {
				l.t.Fatalf("%s is empty", what)
			}
			if at := strings.Index(held, strings.ToLower(secret)); at >= 0 {
				l.t.Errorf("%s holds %s: …%q…", place, what, held[max(0, at-60):min(len(held), at+len(secret)+20)])
			}
		}
	}
}

// lockedBuffer takes the lines of a server's log.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// restartLogging starts the site's server anew with a log of everything.
func (s *site) restartLogging(log *lockedBuffer) {
	s.t.Helper()
	s.stop()
	settings := s.settings()
	settings.LogLevel = slog.LevelDebug
	now := func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	var err error
	if s.server, err = start(context.Background(), settings, noApp, now, newLog(settings, log)); err != nil {
		s.t.Fatal(err)
	}
	s.base = "http://" + s.server.public.Addr().String()
}

// rows gives every value of every table.
func (l *leaks) rows(where config.Database) {
	l.t.Helper()
	driver, source, tables := "sqlite", where.Path, "SELECT name FROM sqlite_master WHERE type = 'table'"
	if where.Dialect == config.MySQL {
		driver, tables = "mysql", "SHOW TABLES"
		source = where.User + ":" + where.Password.Reveal() + "@tcp(" + where.Hosts[0] + ")/" + where.Name
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, table := range l.query(db, tables) {
		l.add("the database", l.query(db, "SELECT * FROM "+table.(string))...)
	}
	for _, file := range []string{where.Path, where.Path + "-wal"} {
		if content, err := os.ReadFile(file); err == nil {
			l.add("the database", content)
		}
	}
}

func (l *leaks) query(db *sql.DB, query string) []any {
	l.t.Helper()
	rows, err := db.QueryContext(l.t.Context(), query)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		l.t.Fatal(err)
	}
	var all []any
	for rows.Next() {
		values, into := make([]string, len(columns)), make([]any, len(columns))
		nullable := make([]sql.NullString, len(columns))
		for i := range into {
			into[i] = &nullable[i]
		}
		if err := rows.Scan(into...); err != nil {
			l.t.Fatal(err)
		}
		for i, value := range nullable {
			values[i] = value.String
		}
		all = append(all, strings.Join(values, " | "))
	}
	if err := rows.Err(); err != nil {
		l.t.Fatal(err)
	}
	return all
}

// redis gives every key with its value.
func (l *leaks) redis(where config.Redis) {
	l.t.Helper()
	if !where.IsSet() {
		return
	}
	client := redis.NewClient(&redis.Options{Addr: where.Hosts[0], DB: where.Database})
	defer func() { _ = client.Close() }()
	keys, err := client.Keys(l.t.Context(), "*").Result()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, key := range keys {
		var value any
		switch kind := client.Type(l.t.Context(), key).Val(); kind {
		case "string":
			value, err = client.Get(l.t.Context(), key).Result()
		case "hash":
			value, err = client.HGetAll(l.t.Context(), key).Result()
		case "set":
			value, err = client.SMembers(l.t.Context(), key).Result()
		case "zset":
			value, err = client.ZRangeWithScores(l.t.Context(), key, 0, -1).Result()
		default:
			l.t.Fatalf("Redis holds a %s, which this test cannot read", kind)
		}
		if err != nil {
			l.t.Fatal(err)
		}
		l.add("Redis", key, value)
	}
}

// traQ, Coder (CVE-2025-66411), Kratos (#3126): secrets in the log, in a trace, in the database.
func TestCVE_2025_57813_NoSecretIsKeptOrLogged(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		held, log := &leaks{t, make(map[string]*strings.Builder)}, new(lockedBuffer)
		s.restartLogging(log)
		settings, b := s.settings(), s.browser()
		look := func() { held.rows(settings.Database); held.redis(settings.Redis) }
		call := func(method, path string, members ...string) answer {
			t.Helper()
			got := b.call(method, path, members...)
			held.add("an answer", got.status, got.body)
			return got
		}
		const wrong, refused = "Wrong-pass11", "taro1234-Refused"
		call("POST", "/api/session", "login_id", taro, "password", wrong)
		call("POST", "/api/session", "login_id", taro, "password", oldPassword)
		call("PUT", "/api/member/password", "current_password", wrong, "new_password", newPassword)
		path := b.ask(taro, taroAddress)
		b.ask(taro, "mistyped@xxx.mm-m.ne.jp")
		secret := temporaryPassword(t, s.letters(1)[0])
		s.settled()
		look()
		call("POST", path+"/redemption", "temporary_password", wrong)
		call("POST", path+"/redemption", "temporary_password", secret)
		look()
		call("PUT", path+"/password", "new_password", refused)
		if got := call("PUT", path+"/password", "new_password", newPassword); got.status != 204 {
			t.Fatalf("got %d %s", got.status, got.body)
		}
		_, token := disavowal(t, s.letters(2)[0])
		call("POST", "/api/session", "login_id", taro, "password", newPassword)
		call("GET", "/api/member")
		call("GET", path+"?temporary_password="+secret+"&password="+newPassword)
		look()
		if err := s.server.store.Close(); err != nil { // from here on everything is a fault
			t.Fatal(err)
		}
		call("POST", "/api/recoveries", "login_id", taro, "mail_address", taroAddress)
		call("POST", path+"/redemption", "temporary_password", secret)
		call("PUT", path+"/password", "new_password", newPassword)
		call("POST", "/api/session", "login_id", taro, "password", newPassword)
		call("PUT", "/api/member/password", "current_password", newPassword, "new_password", wrong)
		call("POST", "/api/disavowals", "token", token)
		held.add("the log", log.String())
		if text := log.String(); strings.Count(text, "request failed") < 4 {
			t.Errorf("the log tells of too few faults: %s", text)
		}

		key := settings.Keys[0].Secret.Reveal()
		secrets := map[string]string{
			"the temporary password": secret, "the old password": oldPassword, "the new password": newPassword,
			"a wrong password": wrong, "a refused password": refused,
			"the key in base64": base64.RawStdEncoding.EncodeToString(key), "the key in hex": hex.EncodeToString(key),
			"the key's bytes": string(key), "the key as numbers": strings.Trim(fmt.Sprint(key), "[]"),
			"the session": b.cookies["__Host-session"], "the grant": b.cookies["__Host-grant"], "the disavowal": token,
		}
		places := []string{"the database", "the log"}
		if settings.Redis.IsSet() {
			places = append(places, "Redis")
		}
		held.want(secrets, places...)
		delete(secrets, "the session")
		delete(secrets, "the grant")
		held.want(secrets, "an answer")
		held.want(map[string]string{
			"a mail address": taroAddress, "a typed mail address": "mistyped@", "a recovery's id": strings.TrimPrefix(path, "/api/recoveries/"),
		}, "the log")
		held.want(map[string]string{"a typed mail address": "mistyped@"}, places...)
	})
}
