package fleet

import (
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Galera is a cluster of database servers.
type Galera struct{ Nodes []*MariaDB }

// StartGalera starts a cluster with this number of nodes, and waits until it is complete.
func (f *Fleet) StartGalera(nodes int) (*Galera, error) {
	ports, err := freePorts(4 * nodes)
	if err != nil {
		return nil, err
	}
	addresses := make([]string, nodes)
	for i := range nodes {
		addresses[i] = fmt.Sprintf("127.0.0.1:%d", ports[4*i+1])
	}
	g := &Galera{}
	for i := range nodes {
		own := ports[4*i : 4*i+4]
		node, err := f.newMariaDB(fmt.Sprintf("node%d", i+1), own[0], []string{
			"--binlog-format=ROW", "--default-storage-engine=InnoDB", "--innodb-autoinc-lock-mode=2",
			"--wsrep-on=ON", "--wsrep-provider=/usr/lib/galera/libgalera_smm.so",
			"--wsrep-cluster-name=aikagi", "--wsrep-cluster-address=gcomm://" + strings.Join(addresses, ","),
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
	// The first node creates the cluster, and the others join it.
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

// AwaitSize waits until every running node sees a cluster of this size.
func (g *Galera) AwaitSize(want int) error {
	for deadline := time.Now().Add(startTimeout); ; time.Sleep(50 * time.Millisecond) {
		isComplete := true
		for _, node := range g.Nodes {
			if !node.Runs() {
				continue
			}
			size, err := node.clusterSize()
			isComplete = isComplete && err == nil && size == want && node.checkReady() == nil
		}
		if isComplete {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the cluster does not get %d nodes", want)
		}
	}
}

// clusterSize returns how many nodes this node sees.
func (m *MariaDB) clusterSize() (size int, err error) {
	err = m.do(func(db *sql.DB) error {
		var name string
		return db.QueryRow("SHOW STATUS LIKE 'wsrep_cluster_size'").Scan(&name, &size)
	})
	return size, err
}
