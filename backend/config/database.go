package config

import (
	"crypto/x509"
	"errors"
	"regexp"
	"strings"
	"time"

	"aikagi/backend/secret"
)

// Dialect is the kind of the database.
type Dialect string

// The dialects.
const (
	MySQL  Dialect = "mysql"
	SQLite Dialect = "sqlite"
)

// Database says how to reach the database.
type Database struct {
	Dialect Dialect

	// Path is the file of SQLite. The other fields are for MySQL.
	Path string

	User     string
	Password secret.Value[string]
	Hosts    []string // host:port, in order of preference
	Name     string
	// Options are the options of the URL, with the names of the driver (github.com/go-sql-driver/mysql): tls (true, false,
	// preferred or skip-verify), timeout, readTimeout, writeTimeout (durations).
	Options map[string]string
	RootCAs *x509.CertPool // verify the servers' certificates; nil for those of the system
	// Connections is the largest number of open connections (DATABASE_CONNECTIONS).
	Connections uint32
}

// databaseName allows only names that need no quoting in SQL.
var databaseName = regexp.MustCompile(`^[A-Za-z0-9_$-]{1,64}$`)

func parseDatabase(text string) (Database, error) {
	if path, isSQLite := strings.CutPrefix(text, "sqlite:"); isSQLite {
		return parseSQLite(path)
	}
	where, err := parseLocation(text, map[string]string{"mysql": "3306"})
	if err != nil {
		return Database{}, err
	}
	switch {
	case where.user == "":
		return Database{}, errors.New("has no user before the host")
	case where.path == "":
		return Database{}, errors.New("has no database name after the host")
	case !databaseName.MatchString(where.path):
		return Database{}, errors.New("has a database name that is not of A-Z a-z 0-9 _ $ -")
	}
	options, err := mysqlOptions(where)
	if err != nil {
		return Database{}, err
	}
	return Database{
		Dialect: MySQL, User: where.user, Password: where.password,
		Hosts: where.hosts, Name: where.path, Options: options,
	}, nil
}

// fixedOptions are set by package store, which relies on them. The URL may repeat them with the same values.
var fixedOptions = map[string]string{"charset": "utf8mb4", "parseTime": "true", "loc": "UTC"}

// mysqlOptions accepts only options that concern the connection. Other options of the driver would change how rows are
// read (loc, collation) or allow attacks (allowAllFiles, multiStatements).
func mysqlOptions(where location) (map[string]string, error) {
	names := []string{"tls", "timeout", "readTimeout", "writeTimeout"}
	for name, value := range fixedOptions {
		if where.option(name) == value {
			where.options.Del(name)
		}
	}
	if err := where.checkOptions(names...); err != nil {
		return nil, err
	}
	options := make(map[string]string)
	for _, name := range names {
		value := where.option(name)
		if !where.options.Has(name) {
			continue
		}
		if name == "tls" {
			if value != "true" && value != "false" && value != "preferred" && value != "skip-verify" {
				return nil, errors.New("has the option tls with none of true, false, preferred, skip-verify")
			}
		} else if duration, err := time.ParseDuration(value); err != nil || duration <= 0 {
			return nil, errors.New("has the option " + name + " without a duration such as 5s")
		}
		options[name] = value
	}
	return options, nil
}

// parseSQLite accepts a path without changing it. It refuses text that the driver would read as a URI or as options.
func parseSQLite(path string) (Database, error) {
	switch {
	case path == "":
		return Database{}, errors.New("has no path after its sqlite: prefix")
	case strings.HasPrefix(path, "//"):
		return Database{}, errors.New("has slashes like a URL (write sqlite:/var/lib/aikagi/aikagi.db)")
	case strings.HasPrefix(path, ":memory:"):
		return Database{}, errors.New("is a database in memory, which a restart would lose")
	case strings.HasPrefix(path, "file:") || strings.ContainsAny(path, "?\x00"):
		return Database{}, errors.New("is more than a path")
	}
	return Database{Dialect: SQLite, Path: path}, nil
}
