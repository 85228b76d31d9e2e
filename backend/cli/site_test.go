package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/config"
	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/sink"
)

// The members of every site, and the password that they all have.
const (
	taro        = "taro1234"
	taroAddress = "taro@xxx.mm-m.ne.jp"
	suspended   = "sleeper5"
	sleeping    = "sleeper@xxx.mm-m.ne.jp"
	oldPassword = "Old-pass99"
	newPassword = "New-pass77"
)

// site is a whole server on loopback, with real parts: MariaDB, Redis and an SMTP server, or the embedded default.
type site struct {
	t       *testing.T
	base    string
	environ []string
	mails   *sink.Server
	server  *server
	ahead   *atomic.Int64 // by how much the servers' clock is before the true one, in nanoseconds
	// isBehindProxy gives each browser an address of its own; the site must trust 127.0.0.1 as a proxy.
	isBehindProxy bool
	browsers      atomic.Int64
}

// onBothSites runs a test on the embedded default and on the real parts.
func onBothSites(t *testing.T, run func(t *testing.T, s *site), environ ...string) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, newSite(t, testkit.SQLite(t), environ...)) })
	t.Run("mariadb and redis", func(t *testing.T) {
		run(t, newSite(t, testkit.MySQL(t), append(environ, "AIKAGI_REDIS="+testRedis(t))...))
	})
}

// lastRedis numbers the databases of the tests' Redis that this package uses: 16 is the first one.
var lastRedis atomic.Int64

// testRedis is a database of the tests' Redis that no other test uses, and empty: the counts of limits must not meet.
func testRedis(t *testing.T) string {
	t.Helper()
	address, err := url.Parse(os.Getenv("AIKAGI_TEST_REDIS"))
	if err != nil || address.Host == "" {
		t.Fatal("AIKAGI_TEST_REDIS names no Redis such as redis://127.0.0.1:6379: run npm test")
	}
	database := 15 + int(lastRedis.Add(1))
	client := redis.NewClient(&redis.Options{Addr: address.Host, DB: database})
	defer func() { _ = client.Close() }()
	if err := client.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("redis://%s/%d", address.Host, database)
}

func newSite(t *testing.T, where store.Settings, environ ...string) *site {
	t.Helper()
	mails, err := sink.Start(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mails.Close() })
	key, err := recovery.GenerateKey("test")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, mails: mails, ahead: new(atomic.Int64), environ: append([]string{
		"AIKAGI_DATABASE=" + databaseURL(where), "AIKAGI_SMTP=" + mails.SMTP(), "AIKAGI_MAIL_FROM=support@example.jp",
		"AIKAGI_KEYS=" + key.Reveal(), "AIKAGI_PUBLIC_URL=https://support.example.jp",
		"AIKAGI_LISTEN=127.0.0.1:0", "AIKAGI_OPS_LISTEN=127.0.0.1:0", "AIKAGI_ARGON2_MEMORY=8192", "AIKAGI_ARGON2_ITERATIONS=1",
	}, environ...)}
	s.enrol(where)
	s.start()
	return s
}

func databaseURL(where store.Settings) string {
	if where.Dialect == store.SQLite {
		return "sqlite:" + where.Path
	}
	return fmt.Sprintf("mysql://%s:%s@%s/%s", where.User, url.QueryEscape(where.Password.Reveal()), where.Hosts[0], where.Name)
}

func (s *site) enrol(where store.Settings) {
	s.t.Helper()
	hasher := password.NewHasher(password.Params{MemoryKiB: 8192, Iterations: 1, Parallelism: 1}, 1, time.Minute)
	hash, err := hasher.Hash(s.t.Context(), password.MemberLane, password.NewPlain(oldPassword))
	if err != nil {
		s.t.Fatal(err)
	}
	opened := testkit.Open(s.t, where)
	members := []member.Member{
		{LoginID: taro, MailAddress: taroAddress, Status: member.Active},
		{LoginID: suspended, MailAddress: sleeping, Status: member.Suspended},
	}
	for i := range members {
		members[i].PasswordHash, members[i].PasswordVersion, members[i].CreatedAt = hash, 1, time.Now().UTC()
	}
	if err := opened.Members().AddMembers(s.t.Context(), members); err != nil {
		s.t.Fatal(err)
	}
}

// start starts the server that the serve command starts.
func (s *site) start() {
	s.t.Helper()
	settings, err := config.Load(config.Args{Environ: s.environ, Needs: config.All()})
	if err != nil {
		s.t.Fatal(err)
	}
	s.server, err = start(context.Background(), settings, noApp, s.now, slog.New(slog.DiscardHandler))
	if err != nil {
		s.t.Fatal(err)
	}
	s.base = "http://" + s.server.public.Addr().String()
	s.t.Cleanup(s.stop)
}

// now is the servers' clock.
func (s *site) now() time.Time {
	return time.Now().Add(time.Duration(s.ahead.Load())).UTC().Truncate(time.Microsecond)
}

// another starts one more server on the same settings: it shares the database, the Redis, the mail server and the clock.
func (s *site) another() *site {
	s.t.Helper()
	other := &site{t: s.t, environ: s.environ, mails: s.mails, ahead: s.ahead}
	other.start()
	return other
}

func (s *site) stop() {
	if s.server == nil {
		return
	}
	// On a busy machine a stop may use up its time: TestAStopLastsTenSecondsAtMost holds what happens then.
	if err := s.server.stop(); err != nil && !errors.Is(err, errCutOff) && !errors.Is(err, context.DeadlineExceeded) {
		s.t.Error(err)
	}
	s.server = nil
}

// letters waits until there are so many, and returns them newest first.
func (s *site) letters(want int) []sink.Letter {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("%d letters", want), func() bool { return len(s.mails.Letters()) >= want })
	return s.mails.Letters()
}

// settled waits until no ask waits to be resolved and no letter to be sent.
func (s *site) settled() {
	s.t.Helper()
	eventually(s.t, "rest", func() bool {
		works, err := s.server.store.Members().HasWork(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		return !works
	})
}

// resolved waits until no ask waits to be resolved.
func (s *site) resolved() {
	s.t.Helper()
	eventually(s.t, "the resolver", func() bool {
		waiting, err := s.server.store.Recoveries().Unresolved(s.t.Context(), 1)
		if err != nil {
			s.t.Fatal(err)
		}
		return len(waiting) == 0
	})
}

// eventually asks again and again until it is so, or the test has waited far longer than any of it takes.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// answer is what a browser gets.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(a.body), &members); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	return members
}

// browser keeps cookies as a browser does, https or not: the servers here stand behind no proxy.
type browser struct {
	*site
	cookies map[string]string
	extra   http.Header // sent with every call
}

func (s *site) browser() *browser {
	b := &browser{site: s, cookies: make(map[string]string)}
	if n := s.browsers.Add(1); s.isBehindProxy {
		b.extra = http.Header{"X-Forwarded-For": {fmt.Sprintf("2001:db8:%x:%x::1", n>>16, n&0xffff)}}
	}
	return b
}

// call makes a call with the body's members in pairs of name and value.
func (b *browser) call(method, path string, members ...string) answer {
	b.t.Helper()
	body := make(map[string]string)
	for pair := range slices.Chunk(members, 2) {
		body[pair[0]] = pair[1]
	}
	sent, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(string(sent)))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	maps.Copy(request.Header, b.extra)
	for name, value := range b.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, cookie := range response.Cookies() {
		b.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	return answer{response.StatusCode, response.Header, string(got)}
}

// want fails the test when the call is answered otherwise.
func (b *browser) want(status int, method, path string, members ...string) answer {
	b.t.Helper()
	got := b.call(method, path, members...)
	if got.status != status {
		b.t.Fatalf("%s %s: got %d %s, want %d", method, path, got.status, got.body, status)
	}
	return got
}

// ask asks for recovery and returns the recovery's path.
func (b *browser) ask(id, address string) string {
	b.t.Helper()
	got := b.want(http.StatusAccepted, "POST", "/api/recoveries", "login_id", id, "mail_address", address).json(b.t)
	return "/api/recoveries/" + got["id"].(string)
}

// temporaryPassword is what a letter carries.
func temporaryPassword(t *testing.T, letter sink.Letter) string {
	t.Helper()
	return testkit.TemporaryPasswordIn(t, mail.Message{Text: letter.Text}).Reveal()
}
