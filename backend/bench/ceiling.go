package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	_ "github.com/go-sql-driver/mysql" // the drivers of the ceiling's own connections
	"github.com/gofiber/fiber/v2"
	_ "modernc.org/sqlite"

	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
)

// ceilingCommand makes this program serve the ceiling of asking instead of measuring: a Fiber handler that does one
// INSERT and nothing else, in a process of its own like the program that is measured.
const ceilingCommand = "serve-ceiling"

const insertCeiling = `INSERT INTO recoveries (id, receipt, login_id, mail_address_mac, language, client, origin, asked_at,
	letter_asked_at, gone_at, member_id, issuance_id, key_name, claimed_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// rawWriter sends bare INSERTs: on SQLite through one connection, as is best there.
type rawWriter struct {
	db     *sql.DB
	insert *sql.Stmt
}

func openRawWriter(where store.Settings) (*rawWriter, error) {
	driver, source, connections := "sqlite", "file:"+where.Path+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(30000)&_time_format=sqlite&_timezone=UTC", 1
	if where.Dialect == store.MySQL {
		driver, source, connections = "mysql", "root@tcp("+where.Hosts[0]+")/"+where.Name+"?parseTime=true", askClients
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	insert, err := db.Prepare(insertCeiling)
	return &rawWriter{db, insert}, err
}

func (w *rawWriter) write(ctx context.Context) error {
	r := bareRow()
	_, err := w.insert.ExecContext(ctx, string(r.ID), r.Receipt, string(r.LoginID), r.MailAddressMAC, string(r.Language), r.Client,
		string(recovery.FromLetter), r.AskedAt, r.AskedAt, r.GoneAt, int64(r.MemberID), r.IssuanceID, r.KeyName, r.AskedAt)
	return err
}

func (w *rawWriter) close() error { return errors.Join(w.insert.Close(), w.db.Close()) }

func bareRow() recovery.Recovery {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return recovery.Recovery{
		ID: recovery.ID(rand.Text()), Receipt: "00000000", LoginID: "nobody", MailAddressMAC: strings.Repeat("m", 49),
		Language: recovery.Japanese, Client: "127.0.0.1", Origin: recovery.FromLetter, AskedAt: now, GoneAt: now.Add(recovery.Lifetime),
		IssuanceID: rand.Text(), KeyName: "bench",
	}
}

// serveCeiling serves until it is killed.
func serveCeiling(address, dialect, database string) error {
	where := store.Settings{Dialect: store.Dialect(dialect), Path: database}
	if where.Dialect == store.MySQL {
		host, name, _ := strings.Cut(database, "/")
		where.Hosts, where.Name = []string{host}, name
	}
	writer, err := openRawWriter(where)
	if err != nil {
		return err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Post("/", func(c *fiber.Ctx) error {
		if err := writer.write(c.UserContext()); err != nil {
			return err
		}
		return c.SendStatus(fiber.StatusAccepted)
	})
	return app.Listen(address)
}

// ceiling is a running process that serves the ceiling.
type ceiling struct {
	command *exec.Cmd
	base    string
}

func startCeiling(where store.Settings) (*ceiling, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	port, err := fleet.FreePort()
	if err != nil {
		return nil, err
	}
	database := where.Path
	if where.Dialect == store.MySQL {
		database = where.Hosts[0] + "/" + where.Name
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	c := &ceiling{exec.Command(self, ceilingCommand, address, string(where.Dialect), database), "http://" + address}
	c.command.Stderr = os.Stderr
	if err := c.command.Start(); err != nil {
		return nil, err
	}
	if err := awaitListener(address); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

func (c *ceiling) stop() error {
	err := c.command.Process.Kill()
	_ = c.command.Wait() // it was killed
	return err
}
