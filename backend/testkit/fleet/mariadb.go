package fleet

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	_ "github.com/go-sql-driver/mysql" // the driver of the connections that this package makes
)

// MariaDB is a database server. Its commits are as durable as in production.
type MariaDB struct {
	*Process
	Port int

	isNode bool // of a Galera cluster
}

// NewMariaDB makes a server with an empty data folder. The caller must start it.
func (f *Fleet) NewMariaDB(name string, options ...string) (*MariaDB, error) {
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	return f.newMariaDB(name, port, options)
}

func (f *Fleet) newMariaDB(name string, port int, options []string) (*MariaDB, error) {
	program, err := find("mariadbd")
	if err != nil {
		return nil, err
	}
	installer, err := find("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(f.folder, name)
	if err := os.Mkdir(data, 0o750); err != nil {
		return nil, err
	}
	common := []string{"--no-defaults", "--datadir=" + data, "--tmpdir=" + data}
	if os.Getuid() == 0 { // mariadbd refuses to run as root
		if err := giveTo("mysql", data); err != nil {
			return nil, err
		}
		common = append(common, "--user=mysql")
	}
	install := exec.Command(installer, append(common, "--auth-root-authentication-method=normal", "--skip-test-db")...)
	if output, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, output)
	}
	m := &MariaDB{Port: port}
	args := append(common,
		"--socket="+filepath.Join(data, "socket"), "--pid-file="+filepath.Join(data, "pid"),
		"--port="+strconv.Itoa(port), "--bind-address=127.0.0.1", "--skip-networking=0", "--skip-name-resolve",
		"--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=128M",
		"--max-connections=500")
	m.Process = f.add(name, program, append(args, options...), m.checkReady)
	return m, nil
}

// giveTo makes a user the owner of a folder.
func giveTo(name, folder string) error {
	owner, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(owner.Gid)
	return errors.Join(err, os.Chown(folder, uid, gid))
}

// checkReady returns why the server does not serve, or nil. A Galera node serves only in the primary component.
func (m *MariaDB) checkReady() error {
	return m.do(func(db *sql.DB) error {
		if !m.isNode {
			return db.Ping()
		}
		var name, ready string
		err := db.QueryRow("SHOW STATUS LIKE 'wsrep_ready'").Scan(&name, &ready)
		if err == nil && ready != "ON" {
			err = errors.New("the node is not in the primary component")
		}
		return err
	})
}

// CreateDatabase creates an empty database.
func (m *MariaDB) CreateDatabase(name string) error {
	return m.do(func(db *sql.DB) error {
		_, err := db.Exec("CREATE DATABASE " + name)
		return err
	})
}

// Statements returns how many statements the server has received since it started, including BEGIN and COMMIT.
func (m *MariaDB) Statements() (count int64, err error) {
	err = m.do(func(db *sql.DB) error {
		var name string
		return db.QueryRow("SHOW GLOBAL STATUS LIKE 'Questions'").Scan(&name, &count)
	})
	return count, err
}

// URL returns the setting AIKAGI_DATABASE for a database on these servers, which are tried in this order.
func URL(name string, servers ...*MariaDB) string {
	hosts := make([]string, len(servers))
	for i, server := range servers {
		hosts[i] = "127.0.0.1:" + strconv.Itoa(server.Port)
	}
	return "mysql://root@" + strings.Join(hosts, ",") + "/" + name
}

// do calls a func with a new connection. No connection is kept, because the servers are killed.
func (m *MariaDB) do(work func(db *sql.DB) error) error {
	db, err := sql.Open("mysql", fmt.Sprintf("root@tcp(127.0.0.1:%d)/?timeout=1s&readTimeout=5s", m.Port))
	if err != nil {
		return err
	}
	return errors.Join(work(db), db.Close())
}
