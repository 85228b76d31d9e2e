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
)

// connectionLasts is shorter than any server's or proxy's idle limit, so that a connection is not found dead
// by a member's request.
const connectionLasts = 3 * time.Minute

func openMySQL(settings Settings) (queries, error) {
	nodes := make([]*host, len(settings.Hosts))
	for i, address := range settings.Hosts {
		connector, err := connectorTo(address, settings)
		if err != nil {
			return queries{}, err
		}
		nodes[i] = &host{Connector: connector}
	}
	pool := sql.OpenDB(hosts(nodes))
	pool.SetMaxOpenConns(settings.Connections)
	pool.SetMaxIdleConns(settings.Connections)
	pool.SetConnMaxLifetime(connectionLasts)
	db, err := gorm.Open(mysql.New(mysql.Config{Conn: pool, SkipInitializeWithVersion: true}), gormConfig())
	hangUp := func() {
		pool.SetMaxIdleConns(0)
		pool.SetMaxIdleConns(settings.Connections)
	}
	return queries{write: db, read: db, hangUp: hangUp}, err
}

func connectorTo(address string, settings Settings) (driver.Connector, error) {
	// The driver takes these few options in a DSN only.
	config, err := mysqldriver.ParseDSN("tcp(" + address + ")/?" + encode(settings.Options))
	if err != nil {
		return nil, err
	}
	config.User, config.Passwd, config.DBName = settings.User, settings.password(), settings.Name
	config.ParseTime, config.Loc = true, time.UTC
	// One round trip a statement instead of three.
	config.InterpolateParams = true
	// RowsAffected means the same on both dialects: rows that the WHERE matched. The guards rely on it.
	config.ClientFoundRows = true
	config.Logger = quiet{}
	return mysqldriver.NewConnector(config)
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
