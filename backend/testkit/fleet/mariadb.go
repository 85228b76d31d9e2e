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
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver of our own connection beside the program's
)

// MariaDB is one database server. Commits are as durable as in production.
type MariaDB struct {
	*Process
	Port int

	isNode bool // of a Galera cluster
}

// NewMariaDB makes a server with a new data folder; Start starts it.
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
	if os.Getuid() == 0 { // it refuses to run as root
		if err := giveTo("mysql", data); err != nil {
			return nil, err
		}
		common = append(common, "--user=mysql")
	}
	install := exec.Command(installer, append(common, "--auth-root-authentication-method=normal", "--skip-test-db")...)
	if said, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, said)
	}
	m := &MariaDB{Port: port}
	args := append(common,
		"--socket="+filepath.Join(data, "socket"), "--pid-file="+filepath.Join(data, "pid"),
		"--port="+strconv.Itoa(port), "--bind-address=127.0.0.1", "--skip-networking=0", "--skip-name-resolve",
		"--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=128M",
		"--max-connections=500")
	m.Process = f.add(name, program, append(args, options...), m.answers)
	return m, nil
}

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

// answers says whether the server serves; a Galera node does so only as a member of the primary component.
func (m *MariaDB) answers() error {
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

// clusterSize is how many nodes a Galera node sees.
func (m *MariaDB) clusterSize() (size int, err error) {
	err = m.do(func(db *sql.DB) error {
		var name string
		return db.QueryRow("SHOW STATUS LIKE 'wsrep_cluster_size'").Scan(&name, &size)
	})
	return size, err
}

// CreateDatabase makes an empty database.
func (m *MariaDB) CreateDatabase(name string) error {
	return m.do(func(db *sql.DB) error {
		_, err := db.Exec("CREATE DATABASE " + name)
		return err
	})
}

// Statements counts those that the server was sent since it started, BEGIN and COMMIT too.
func (m *MariaDB) Statements() (count int64, err error) {
	err = m.do(func(db *sql.DB) error {
		var name string
		return db.QueryRow("SHOW GLOBAL STATUS LIKE 'Questions'").Scan(&name, &count)
	})
	return count, err
}

// URL is the setting that names a database on the servers, tried in their order.
func URL(name string, servers ...*MariaDB) string {
	hosts := make([]string, len(servers))
	for i, server := range servers {
		hosts[i] = "127.0.0.1:" + strconv.Itoa(server.Port)
	}
	return "mysql://root@" + strings.Join(hosts, ",") + "/" + name
}

// do opens a connection of its own: the servers are killed under it.
func (m *MariaDB) do(what func(db *sql.DB) error) error {
	db, err := sql.Open("mysql", fmt.Sprintf("root@tcp(127.0.0.1:%d)/?timeout=1s&readTimeout=5s", m.Port))
	if err != nil {
		return err
	}
	return errors.Join(what(db), db.Close())
}

// Galera is a cluster of database servers.
type Galera struct{ Nodes []*MariaDB }

// StartGalera starts a cluster of so many nodes, which is whole when it returns.
func (f *Fleet) StartGalera(nodes int) (*Galera, error) {
	ports, err := freePorts(4 * nodes)
	if err != nil {
		return nil, err
	}
	group := make([]string, nodes)
	for i := range nodes {
		group[i] = fmt.Sprintf("127.0.0.1:%d", ports[4*i+1])
	}
	g := &Galera{}
	for i := range nodes {
		own := ports[4*i : 4*i+4]
		node, err := f.newMariaDB(fmt.Sprintf("node%d", i+1), own[0], []string{
			"--binlog-format=ROW", "--default-storage-engine=InnoDB", "--innodb-autoinc-lock-mode=2",
			"--wsrep-on=ON", "--wsrep-provider=/usr/lib/galera/libgalera_smm.so",
			"--wsrep-cluster-name=aikagi", "--wsrep-cluster-address=gcomm://" + strings.Join(group, ","),
			"--wsrep-node-address=127.0.0.1", fmt.Sprintf("--wsrep-node-name=node%d", i+1),
			"--wsrep-sst-method=rsync", "--wsrep-slave-threads=4", fmt.Sprintf("--wsrep-sst-receive-address=127.0.0.1:%d", own[2]),
			fmt.Sprintf("--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:%d;ist.recv_addr=127.0.0.1:%d;gcache.size=64M", own[1], own[3]),
		})
		if err != nil {
			return nil, err
		}
		node.isNode = true
		g.Nodes = append(g.Nodes, node)
	}
	// The first node founds the cluster, the others join it.
	first := g.Nodes[0].Process
	args := first.args
	first.args = append(args[:len(args):len(args)], "--wsrep-new-cluster")
	if err := first.Start(); err != nil {
		return nil, err
	}
	first.args = args
	for _, node := range g.Nodes[1:] {
		if err := node.Start(); err != nil {
			return nil, err
		}
	}
	return g, g.AwaitSize(nodes)
}

// AwaitSize waits until every node that runs sees so many.
func (g *Galera) AwaitSize(want int) error {
	for deadline := time.Now().Add(startPatience); ; time.Sleep(50 * time.Millisecond) {
		whole := true
		for _, node := range g.Nodes {
			if !node.Runs() {
				continue
			}
			size, err := node.clusterSize()
			whole = whole && err == nil && size == want && node.answers() == nil
		}
		if whole {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the cluster does not become one of %d nodes", want)
		}
	}
}
