package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/go-sql-driver/mysql" // to make a database of our own

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit/sink"
)

const (
	program = "bin/aikagi"
	members = 2000
)

// served is a running server with its mail sink and a database handle of our own beside it.
type served struct {
	store     *store.Store
	mails     *sink.Server
	command   *exec.Cmd
	base      string
	startedIn time.Duration
}

func loginID(n int) string     { return fmt.Sprintf("member%d", n) }
func mailAddress(n int) string { return fmt.Sprintf("member%d@xxx.mm-m.ne.jp", n) }

// startServer migrates and fills the database, then starts the program and waits until it is ready.
func startServer(where store.Settings) (*served, error) {
	opened, err := store.Open(where, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	if _, err := opened.Migrate(ctx); err != nil {
		return nil, err
	}
	batch := make([]member.Member, members)
	for n := range batch {
		batch[n] = member.Member{
			LoginID: member.LoginID(loginID(n)), MailAddress: member.MailAddress(mailAddress(n)),
			Status: member.Active, PasswordVersion: 1, CreatedAt: time.Now().UTC(),
		}
	}
	if err := opened.Members().AddMembers(ctx, batch, nil); err != nil {
		return nil, err
	}
	mails, err := sink.Start(time.Now)
	if err != nil {
		return nil, err
	}
	s := &served{store: opened, mails: mails}
	return s, s.start(where)
}

func (s *served) start(where store.Settings) error {
	key, err := recovery.GenerateKey("bench")
	if err != nil {
		return err
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	operations, err := freeAddress()
	if err != nil {
		return err
	}
	s.base = "http://" + address
	s.command = exec.Command(program, "serve")
	s.command.Env = []string{
		"AIKAGI_DATABASE=" + databaseURL(where), "AIKAGI_SMTP=" + s.mails.SMTP(), "AIKAGI_MAIL_FROM=support@example.jp",
		"AIKAGI_KEYS=" + key.Reveal(), "AIKAGI_PUBLIC_URL=https://support.example.jp", "AIKAGI_RATE_LIMITS=off",
		"AIKAGI_LISTEN=" + address, "AIKAGI_OPS_LISTEN=" + operations, "AIKAGI_LOG_LEVEL=error",
	}
	s.command.Stderr = os.Stderr
	begun := time.Now()
	if err := s.command.Start(); err != nil {
		return err
	}
	for time.Since(begun) < 10*time.Second {
		if answer, err := http.Get(s.base + "/readyz"); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				s.startedIn = time.Since(begun)
				return nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return errors.New("the program did not become ready")
}

func (s *served) stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM)
	_ = s.command.Wait()
	_ = s.mails.Close()
	_ = s.store.Close()
}

// memory is what the program holds, in MB.
func (s *served) memory() float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	for line := range strings.Lines(string(status)) {
		if value, found := strings.CutPrefix(line, "VmRSS:"); found {
			kib, _ := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kib / 1024
		}
	}
	return 0
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func databaseURL(where store.Settings) string {
	if where.Dialect == store.SQLite {
		return "sqlite:" + where.Path
	}
	return fmt.Sprintf("mysql://%s:%s@%s/%s", where.User, url.QueryEscape(where.Password), where.Hosts[0], where.Name)
}

// database is a MySQL database of our own.
type database struct {
	settings store.Settings
	admin    *sql.DB
}

func newDatabase(where string) (*database, error) {
	server, err := url.Parse(where)
	if err != nil || server.Host == "" {
		return nil, errors.New("AIKAGI_TEST_MYSQL names no MariaDB; npm run bench starts one")
	}
	password, _ := server.User.Password()
	name := fmt.Sprintf("aikagi_bench_%d", os.Getpid())
	admin, err := sql.Open("mysql", server.User.Username()+":"+password+"@tcp("+server.Host+")/")
	if err != nil {
		return nil, err
	}
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		return nil, err
	}
	return &database{store.Settings{
		Dialect: store.MySQL, User: server.User.Username(), Password: password,
		Hosts: []string{server.Host}, Name: name, Connections: 32,
	}, admin}, nil
}

func (d *database) drop() {
	_, _ = d.admin.Exec("DROP DATABASE " + d.settings.Name)
	_ = d.admin.Close()
}
