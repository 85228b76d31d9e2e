package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// Error numbers of MySQL and MariaDB.
const (
	lockWaitTimeout = 1205
	deadlock        = 1213 // also Galera's lost certification
	duplicateEntry  = 1062
)

// connectionLasts is shorter than any server's or proxy's idle limit, so that a connection is not found dead
// by a member's request.
const connectionLasts = 3 * time.Minute

func openMySQL(settings Settings) (queries, error) {
	config := mysqldriver.NewConfig()
	// The driver takes these few options in a DSN only.
	options, err := mysqldriver.ParseDSN("tcp(unused)/?" + encode(settings.Options))
	if err != nil {
		return queries{}, err
	}
	*config = *options
	config.User, config.Passwd, config.DBName = settings.User, settings.Password, settings.Name
	config.Net, config.Addr = "tcp", settings.Hosts[0]
	config.ParseTime, config.Loc = true, time.UTC
	// One round trip a statement instead of three.
	config.InterpolateParams = true
	// RowsAffected means the same on both dialects: rows that the WHERE matched. The guards rely on it.
	config.ClientFoundRows = true
	config.Logger = quiet{}
	if config.Timeout == 0 {
		config.Timeout = 5 * time.Second
	}
	config.DialFunc = firstOf(settings.Hosts, config.Timeout)
	if config.TLSConfig == "true" {
		host, _, _ := net.SplitHostPort(settings.Hosts[0])
		config.TLS.ServerName = host
	}
	connector, err := mysqldriver.NewConnector(config)
	if err != nil {
		return queries{}, err
	}
	pool := sql.OpenDB(prepared{connector})
	pool.SetMaxOpenConns(settings.Connections)
	pool.SetMaxIdleConns(settings.Connections)
	pool.SetConnMaxLifetime(connectionLasts)
	db, err := gorm.Open(mysql.New(mysql.Config{Conn: pool, SkipInitializeWithVersion: true}), gormConfig())
	return queries{write: db, read: db}, err
}

func encode(options map[string]string) string {
	dsn := ""
	for name, value := range options {
		dsn += name + "=" + value + "&"
	}
	return dsn
}

// firstOf dials the hosts in their order until one answers: all servers prefer the same node of a cluster.
func firstOf(hosts []string, timeout time.Duration) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		var failed []error
		for _, host := range hosts {
			dialer := net.Dialer{Timeout: timeout}
			conn, err := dialer.DialContext(ctx, network, host)
			if err == nil {
				return conn, nil
			}
			failed = append(failed, err)
		}
		return nil, errors.Join(failed...)
	}
}

// prepared readies every new connection, under whatever defaults the server was set up with.
type prepared struct{ driver.Connector }

// READ COMMITTED keeps InnoDB from locking gaps between rows, over which inserts would deadlock; no transaction
// here relies on reading a row twice.
var onConnect = []string{
	"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
	"SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
}

// Connect opens a connection and readies it.
func (p prepared) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, statement := range onConnect {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, statement, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("prepare connection: %w", err), conn.Close())
		}
	}
	return conn, nil
}

// quiet drops the driver's own log lines: its errors come back as errors.
type quiet struct{}

func (quiet) Print(...any) {}

func hasMySQLNumber(err error, numbers ...uint16) bool {
	var failed *mysqldriver.MySQLError
	if !errors.As(err, &failed) {
		return false
	}
	for _, number := range numbers {
		if failed.Number == number {
			return true
		}
	}
	return false
}
