package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// Error numbers of MySQL and MariaDB.
const (
	lockWaitTimeout = 1205 // in MariaDB also what NOWAIT says
	lockedNow       = 3572 // what NOWAIT says in MySQL
	deadlock        = 1213 // also Galera's lost certification
	duplicateEntry  = 1062
	notServing      = 1047 // a Galera node that is not, or not yet, in the primary component
	unknownVariable = 1193
	databaseDenied  = 1044
	accessDenied    = 1045
	noSuchDatabase  = 1049
	commitFailed    = 1180 // a Galera node lost its cluster while it committed: whether it did is not known
)

// readOnly are the error numbers of a server that takes no writes: with --read-only or --super-read-only, with InnoDB
// read-only, and with transactions that are read-only by default.
var readOnly = []uint16{1290, 1836, 1792}

// connectionLasts is shorter than any server's or proxy's idle limit, so that a connection is not found dead
// by a member's request.
const connectionLasts = 3 * time.Minute

// Timeouts of a connection, where the operator's URL sets none. They end calls that have no deadline of their own when
// a server is frozen; a migration, which may take hours, needs a connection with a longer readTimeout.
const (
	// readTimeout is longer than a statement may take: it waits up to 50 s for a lock (innodb_lock_wait_timeout) and up
	// to 30 s for a Galera node to catch up (wsrep causal_read_timeout); no statement here works for long.
	readTimeout = 90 * time.Second
	// writeTimeout is enough for the largest batch, some hundred kilobytes, over a slow line.
	writeTimeout = 30 * time.Second
)

func openMySQL(settings Settings) (queries, error) {
	nodes := make([]*host, len(settings.Hosts))
	for i, address := range settings.Hosts {
		connector, err := connectorTo(address, settings)
		if err != nil {
			return queries{}, err
		}
		nodes[i] = &host{Connector: connector}
	}
	connector := &hosts{all: nodes}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(settings.Connections)
	pool.SetMaxIdleConns(settings.Connections)
	pool.SetConnMaxLifetime(connectionLasts)
	db, err := gorm.Open(mysql.New(mysql.Config{Conn: pool, SkipInitializeWithVersion: true}), gormConfig())
	hangUp := func() bool {
		return connector.giveUp(func() {
			pool.SetMaxIdleConns(0)
			pool.SetMaxIdleConns(settings.Connections)
		})
	}
	return queries{write: db, read: db, hangUp: hangUp}, err
}

func connectorTo(address string, settings Settings) (driver.Connector, error) {
	config, err := connectionConfig(address, settings)
	if err != nil {
		return nil, err
	}
	return mysqldriver.NewConnector(config)
}

func connectionConfig(address string, settings Settings) (*mysqldriver.Config, error) {
	// The driver takes these few options in a DSN only.
	config, err := mysqldriver.ParseDSN("tcp(" + address + ")/?" + encode(settings.Options))
	if err != nil {
		return nil, err
	}
	setUnlessGiven(settings.Options, "timeout", &config.Timeout, hostPatience)
	setUnlessGiven(settings.Options, "readTimeout", &config.ReadTimeout, readTimeout)
	setUnlessGiven(settings.Options, "writeTimeout", &config.WriteTimeout, writeTimeout)
	config.User, config.Passwd, config.DBName = settings.User, settings.Password.Reveal(), settings.Name
	config.ParseTime, config.Loc = true, time.UTC
	// One round trip a statement instead of three.
	config.InterpolateParams = true
	// RowsAffected means the same on both dialects: rows that the WHERE matched. The guards rely on it.
	config.ClientFoundRows = true
	if config.TLS != nil { // without InsecureSkipVerify with tls=true alone
		config.TLS.RootCAs = settings.RootCAs
	}
	config.Logger = quiet{}
	return config, nil
}

func setUnlessGiven(options map[string]string, name string, value *time.Duration, preset time.Duration) {
	if _, given := options[name]; !given {
		*value = preset
	}
}

func encode(options map[string]string) string {
	dsn := ""
	for name, value := range options {
		dsn += name + "=" + value + "&"
	}
	return dsn
}

// quiet drops the driver's own log lines: its errors come back as errors.
type quiet struct{}

func (quiet) Print(...any) {}

func hasMySQLNumber(err error, numbers ...uint16) bool {
	var failed *mysqldriver.MySQLError
	return errors.As(err, &failed) && slices.Contains(numbers, failed.Number)
}
