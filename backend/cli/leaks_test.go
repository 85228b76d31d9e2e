package cli

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/config"
	"aikagi/backend/secret"
	"aikagi/backend/store"
)

// letterLink matches the URLs in a letter.
var letterLink = regexp.MustCompile(`https?://[^\s"<>]+`)

// leaks is everything that an attacker could steal or read, by place.
type leaks struct {
	t      *testing.T
	places map[string]*strings.Builder
}

func (l *leaks) add(place string, found ...any) {
	if l.places[place] == nil {
		l.places[place] = new(strings.Builder)
	}
	for _, one := range found {
		if raw, is := one.([]byte); is {
			one = string(raw)
		}
		fmt.Fprintln(l.places[place], one)
	}
}

// wantNone fails the test if a place holds one of the secrets, in any letter case.
func (l *leaks) wantNone(secrets map[string]string, places ...string) {
	l.t.Helper()
	for _, place := range places {
		if l.places[place] == nil || l.places[place].Len() == 0 {
			l.t.Errorf("nothing of %s was looked at", place)
			continue
		}
		held := strings.ToLower(l.places[place].String())
		for what, secret := range secrets {
			if secret == "" {
				l.t.Fatalf("%s is empty", what)
			}
			if at := strings.Index(held, strings.ToLower(secret)); at >= 0 {
				l.t.Errorf("%s holds %s: …%q…", place, what, held[max(0, at-60):min(len(held), at+len(secret)+20)])
			}
		}
	}
}

// lockedBuffer is a buffer for the log of a server.
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

// rows adds every value of every table.
func (l *leaks) rows(where config.Database) {
	l.t.Helper()
	tables := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if where.Dialect == config.MySQL {
		tables = "SHOW TABLES"
	}
	db := l.open(where)
	defer func() { _ = db.Close() }()
	for _, table := range l.query(db, tables) {
		l.add("the database", l.query(db, "SELECT * FROM "+table.(string))...)
	}
	for _, file := range []string{where.Path, where.Path + "-wal", where.Path + "-shm"} {
		if content, err := os.ReadFile(file); err == nil {
			l.add("the database", content)
		}
	}
}

// open opens the database without the store.
func (l *leaks) open(where config.Database) *sql.DB {
	l.t.Helper()
	driver, source := "sqlite", where.Path+"?_pragma=busy_timeout(10000)"
	if where.Dialect == config.MySQL {
		driver, source = "mysql", where.User+":"+where.Password.Reveal()+"@tcp("+where.Hosts[0]+")/"+where.Name
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		l.t.Fatal(err)
	}
	return db
}

// exec executes a statement without the store.
func (l *leaks) exec(where config.Database, statement string) {
	l.t.Helper()
	db := l.open(where)
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(l.t.Context(), statement); err != nil {
		l.t.Fatal(err)
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

// redis adds every key with its value.
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

// withPassword returns the settings of the same database for a new user with a password.
func withPassword(t *testing.T, where store.Settings) store.Settings {
	t.Helper()
	admin := (&leaks{t: t}).open(config.Database{
		Dialect: config.MySQL, User: where.User, Password: secret.New(where.Password.Reveal()), Hosts: where.Hosts, Name: where.Name,
	})
	user := where.Name[:20]
	for _, statement := range []string{
		"CREATE USER '" + user + "'@'%' IDENTIFIED BY '" + databasePassword + "'", "GRANT ALL ON " + where.Name + ".* TO '" + user + "'@'%'",
	} {
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP USER '"+user+"'@'%'"); err != nil {
			t.Error(err)
		}
		_ = admin.Close()
	})
	where.User, where.Password = user, secret.New(databasePassword)
	return where
}

// redisWithPassword returns the URL of the tests' Redis for a user with a password.
func redisWithPassword(t *testing.T) string {
	t.Helper()
	where, err := url.Parse(testRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	admin := redis.NewClient(&redis.Options{Addr: where.Host})
	const user = "walker"
	if err := admin.ACLSetUser(t.Context(), user, "on", ">"+redisPassword, "~*", "&*", "+@all").Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin.ACLDelUser(context.Background(), user).Err(); err != nil {
			t.Error(err)
		}
		_ = admin.Close()
	})
	where.User = url.UserPassword(user, redisPassword)
	return where.String()
}

// askOperations keeps the answers of the operations listener.
func (w *secretWalk) askOperations() {
	w.t.Helper()
	inside := &browser{site: &site{t: w.t, base: w.p.operations}}
	for _, path := range []string{"/livez", "/readyz", "/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=2", "/debug/vars"} {
		got := inside.call("GET", path)
		w.leaks.add("an operations answer", path, got.status, got.header, got.body)
	}
	metrics := inside.want(200, "GET", "/metrics")
	w.leaks.add("the metrics", metrics.header, metrics.body)
}
