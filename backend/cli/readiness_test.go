package cli

import (
	"database/sql"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/testkit"
	"aikagi/backend/testkit/fleet"
)

// readiness returns the answer of readyz on the operations listener.
func (s *site) readiness() (status int, missing []string) {
	s.t.Helper()
	answer, err := http.Get("http://" + s.server.operations.Addr().String() + "/readyz")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var told struct {
		Ready   bool     `json:"ready"`
		Missing []string `json:"missing"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&told); err != nil {
		s.t.Fatal(err)
	}
	if told.Ready != (answer.StatusCode == http.StatusOK) {
		s.t.Errorf("got %d and ready %v", answer.StatusCode, told.Ready)
	}
	return answer.StatusCode, told.Missing
}

func (s *site) becomes(want int, missing ...string) {
	s.t.Helper()
	eventually(s.t, strings.Join(missing, " and ")+" missing and no more", func() bool {
		status, found := s.readiness()
		return status == want && slices.Equal(found, missing)
	})
}

// silentServer accepts connections and never sends a byte.
func silentServer(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, conn) }()
		}
	}()
	return listener.Addr().String()
}

func TestAServerIsReadyAtItsStart(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		if status, missing := s.readiness(); status != 200 || len(missing) > 0 {
			t.Errorf("got %d, missing %v", status, missing)
		}
	})
}

func TestAnAskThatTheDatabaseRefusesThisUserIsAnsweredUnavailable(t *testing.T) {
	where := testkit.MySQL(t)
	user := "i" + strings.TrimPrefix(where.Name, "aikagi_")
	execIn(t, where, "CREATE USER "+user+" IDENTIFIED BY 'pw'", "GRANT SELECT, UPDATE, DELETE ON `"+where.Name+"`.* TO "+user)
	defer execIn(t, where, "DROP USER "+user)
	s := newSite(t, where, "AIKAGI_DATABASE=mysql://"+user+":pw@"+where.Hosts[0]+"/"+where.Name)
	s.becomes(503, "database")
	told := s.browser().want(503, "POST", "/api/recoveries", "login_id", taro, "mail_address", taroAddress)
	if got := told.json(t)["code"]; got != "unavailable" || told.header.Get("Retry-After") == "" {
		t.Errorf("got %v, %v; want unavailable and a time to wait", got, told.header)
	}
}

func TestASilentMailServerAndASilentRedisAreNamedAndTheServerIsReady(t *testing.T) {
	t.Parallel()
	s := newSite(t, testkit.SQLite(t), "AIKAGI_SMTP=smtp://"+silentServer(t), "AIKAGI_REDIS=redis://"+silentServer(t))
	for range 10 {
		if status, missing := s.readiness(); status != 200 || !slices.Equal(missing, []string{"redis", "smtp"}) {
			t.Errorf("got %d, missing %v; want it ready without either", status, missing)
		}
	}
}

// In both cases Redis answers PING, and no member can sign in.
func TestARedisThatTakesNoWritesIsNamedAndTheServerIsReady(t *testing.T) {
	t.Parallel()
	f, err := fleet.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	server, err := f.NewRedis("redis")
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: strings.TrimPrefix(server.URL(), "redis://")})
	defer func() { _ = client.Close() }()
	s := newSite(t, testkit.SQLite(t), "AIKAGI_REDIS="+server.URL())
	s.becomes(200)
	for name, c := range map[string]struct{ broken, mended []any }{
		"full":      {[]any{"CONFIG", "SET", "maxmemory", "1"}, []any{"CONFIG", "SET", "maxmemory", "0"}},
		"a replica": {[]any{"REPLICAOF", "127.0.0.1", "1"}, []any{"REPLICAOF", "NO", "ONE"}},
	} {
		for _, step := range []struct {
			command []any
			missing []string
		}{{c.broken, []string{"redis"}}, {c.mended, nil}} {
			if err := client.Do(t.Context(), step.command...).Err(); err != nil {
				t.Fatal(name, err)
			}
			s.becomes(200, step.missing...)
		}
	}
}

func TestADatabaseWithoutTheTableOfRecoveriesIsNamed(t *testing.T) {
	t.Parallel()
	where := testkit.MySQL(t)
	s := newSite(t, where)
	root, err := url.Parse(os.Getenv("AIKAGI_TEST_MYSQL"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("mysql", "root@tcp("+root.Host+")/"+where.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	run := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	s.becomes(200)
	run("RENAME TABLE recoveries TO elsewhere") // everything else works
	s.becomes(503, "database")
	run("RENAME TABLE elsewhere TO recoveries")
	s.becomes(200)
}
