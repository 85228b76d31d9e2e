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
	lockWaitTimeout = 1205 // MariaDB's error for NOWAIT too
	lockedNow       = 3572 // MySQL's error for NOWAIT
	deadlock        = 1213 // Galera's error for a failed certification too
	duplicateEntry  = 1062
	notServing      = 1047 // a Galera node that is not in the primary component
	unknownVariable = 1193
	databaseDenied  = 1044
	accessDenied    = 1045
	noSuchDatabase  = 1049
	diskFull        = 1021
	noConnections   = 1040 // too many
	shuttingDown    = 1053
	tableFull       = 1114
	commitFailed    = 1180 // a Galera node lost its cluster during the commit; the result is unknown

	// Refusals of a user; see refusalErrors.
	hostBlocked                 = 1129 // too many connections of this host failed
	hostDenied                  = 1130
	tableDenied                 = 1142
	columnDenied                = 1143
	tooManyConnectionsOfUser    = 1203
	limitUsedUp                 = 1226
	privilegeMissing            = 1227
	accessDeniedWithoutPassword = 1698 // the account takes no password
	passwordExpired             = 1820
	passwordExpiredNow          = 1862 // the server closes the connection
	accountLocked               = 3118
	transportDenied             = 3159 // the server takes only connections with TLS
	accountPaused               = 3955 // MySQL's lock after too many wrong passwords
	accountBlocked              = 4150 // MariaDB's, until its privileges are flushed
	accountLockedMariaDB        = 4151
)

// readOnlyErrors are the error numbers of a server that takes no writes: with --read-only or --super-read-only, with a
// read-only InnoDB, and with transactions that are read-only by default.
var readOnlyErrors = []uint16{1290, 1836, 1792}

// noSpaceErrors are the error numbers of a server that has no space for a new row. Some rows may still be changed.
var noSpaceErrors = []uint16{diskFull, tableFull}

// refusalErrors are the error numbers of a server that refuses what this user asks for: a login, a host, a connection without
// TLS, a database, a table, a column, a privilege, a password that has expired, an account that is locked, also after wrong
// passwords, or an account that has used up its limits. An operator has to change something in the server, with three exceptions:
// limitUsedUp passes within an hour, tooManyConnectionsOfUser when connections end, and accountPaused after the days that the
// account sets.
var refusalErrors = []uint16{
	accessDenied, accessDeniedWithoutPassword, databaseDenied, noSuchDatabase, hostDenied, tableDenied, columnDenied, privilegeMissing,
	passwordExpired, passwordExpiredNow, accountLocked, accountLockedMariaDB, limitUsedUp, tooManyConnectionsOfUser,
	hostBlocked, transportDenied, accountPaused, accountBlocked,
}

// connectionTTL is shorter than the idle limit of servers and proxies, so that no request finds its connection dead.
const connectionTTL = 3 * time.Minute

// Timeouts of a connection, where the operator's URL sets none. They end calls that have no deadline of their own when
// a server is frozen; a migration, which may take hours, needs a connection with a longer readTimeout.
const (
	// readTimeout is longer than a statement may take: with a server's defaults it waits up to 50 s for a lock
	// (innodb_lock_wait_timeout) and up to 30 s for a Galera node to catch up (wsrep causal_read_timeout).
	readTimeout = 90 * time.Second
	// writeTimeout is enough for the largest batch, some hundred kilobytes, over a slow network.
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
	pool.SetConnMaxLifetime(connectionTTL)
	db, err := gorm.Open(mysql.New(mysql.Config{Conn: pool, SkipInitializeWithVersion: true}), gormConfig())
	dropConnections := func() bool {
		return connector.dropAll(func() {
			pool.SetMaxIdleConns(0)
			pool.SetMaxIdleConns(settings.Connections)
		})
	}
	return queries{write: db, read: db, dropConnections: dropConnections}, err
}

func connectorTo(address string, settings Settings) (driver.Connector, error) {
	config, err := connectionConfig(address, settings)
	if err != nil {
		return nil, err
	}
	return mysqldriver.NewConnector(config)
}

func connectionConfig(address string, settings Settings) (*mysqldriver.Config, error) {
	// The driver reads these options from a DSN only.
	config, err := mysqldriver.ParseDSN("tcp(" + address + ")/?" + encode(settings.Options))
	if err != nil {
		return nil, err
	}
	setDefault(settings.Options, "timeout", &config.Timeout, hostTimeout)
	setDefault(settings.Options, "readTimeout", &config.ReadTimeout, readTimeout)
	setDefault(settings.Options, "writeTimeout", &config.WriteTimeout, writeTimeout)
	config.User, config.Passwd, config.DBName = settings.User, settings.Password.Reveal(), settings.Name
	config.ParseTime, config.Loc = true, time.UTC
	// One round trip for each statement instead of three.
	config.InterpolateParams = true
	// RowsAffected then means the same for both dialects: rows that the WHERE matched. The guarded UPDATEs rely on it.
	config.ClientFoundRows = true
	if config.TLS != nil { // tls=skip-verify ignores RootCAs
		config.TLS.RootCAs = settings.RootCAs
	}
	config.Logger = discardLogger{}
	return config, nil
}

func setDefault(options map[string]string, name string, value *time.Duration, preset time.Duration) {
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

// discardLogger drops the driver's log lines. Its errors are returned.
type discardLogger struct{}

func (discardLogger) Print(...any) {}

func hasMySQLNumber(err error, numbers ...uint16) bool {
	var failed *mysqldriver.MySQLError
	return errors.As(err, &failed) && slices.Contains(numbers, failed.Number)
}
