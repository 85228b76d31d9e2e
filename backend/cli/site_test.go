package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/config"
	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/sink"
)

// The members of every site, and their password.
const (
	taro        = "taro1234"
	taroAddress = "taro@xxx.mm-m.ne.jp"
	suspended   = "sleeper5"
	sleeping    = "sleeper@xxx.mm-m.ne.jp"
	oldPassword = "Old-pass99"
	newPassword = "New-pass77"
)

// site is a whole server on loopback. It uses real dependencies: MariaDB, Redis and an SMTP server, or SQLite and memory.
type site struct {
	t       *testing.T
	base    string
	environ []string
	mails   *sink.Server
	server  *server
	ahead   *atomic.Int64 // how far the servers' clock is ahead of the real one, in nanoseconds
	// isBehindProxy gives each browser another address. The site must trust 127.0.0.1 as a proxy.
	isBehindProxy bool
	browsers      atomic.Int64
}

// onBothSites runs a test on SQLite and memory, and on MariaDB and Redis.
func onBothSites(t *testing.T, run func(t *testing.T, s *site), environ ...string) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, newSite(t, testkit.SQLite(t), environ...)) })
	t.Run("mariadb and redis", func(t *testing.T) {
		run(t, newSite(t, testkit.MySQL(t), append(environ, "AIKAGI_REDIS="+testRedis(t))...))
	})
}

// lastRedis counts the databases of the tests' Redis that this package has used. The first one is 16.
var lastRedis atomic.Int64

// testRedis returns the URL of an empty database that no other test uses, so that tests do not share the counts of limits.
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

// start starts the server as the serve command does.
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

// now is the clock of the servers.
func (s *site) now() time.Time {
	return time.Now().Add(time.Duration(s.ahead.Load())).UTC().Truncate(time.Microsecond)
}

// another starts one more server with the same settings. It shares the database, Redis, the mail server and the clock.
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
	// On a slow machine a stop may use up its time. TestAStopTakesAtMostTenSeconds tests what happens then.
	if err := s.server.stop(); err != nil && !errors.Is(err, errCutOff) && !errors.Is(err, context.DeadlineExceeded) {
		s.t.Error(err)
	}
	s.server = nil
}

// letters waits until there are as many letters, and returns them, the newest first.
func (s *site) letters(want int) []sink.Letter {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("%d letters", want), func() bool { return len(s.mails.Letters()) >= want })
	return s.mails.Letters()
}

// settled waits until no request is unresolved and no letter is waiting.
func (s *site) settled() {
	s.t.Helper()
	eventually(s.t, "rest", func() bool {
		hasWork, err := s.server.store.Members().HasWork(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		return !hasWork
	})
}

// resolved waits until no request is unresolved.
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

// eventually waits until the condition holds. It fails the test after a time far longer than the condition should take.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
