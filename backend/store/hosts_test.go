package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// node is a host that answers statements as it is told to.
type node struct {
	name   string
	opened *[]string
	down   error
	says   map[string]error
}

func (n *node) Driver() driver.Driver { return nil }

func (n *node) Connect(context.Context) (driver.Conn, error) {
	*n.opened = append(*n.opened, n.name)
	return &nodeConn{node: n}, n.down
}

type nodeConn struct {
	driver.Conn
	node   *node
	closed bool
}

func (c *nodeConn) Close() error { c.closed = true; return nil }

func (c *nodeConn) ExecContext(_ context.Context, statement string, _ []driver.NamedValue) (driver.Result, error) {
	return nil, c.node.says[statement]
}

func newNodes(nodes ...*node) (hosts, *[]string) {
	opened := new([]string)
	all := make(hosts, len(nodes))
	for i, n := range nodes {
		n.opened = opened
		all[i] = &host{Connector: n}
	}
	return all, opened
}

func TestTheFirstHostThatServesIsConnectedTo(t *testing.T) {
	refused := errors.New("connection refused")
	outside := map[string]error{"DO 1": &mysqldriver.MySQLError{Number: notServing}}
	noGalera := map[string]error{"SET SESSION wsrep_sync_wait = 7": &mysqldriver.MySQLError{Number: unknownVariable}}
	for name, c := range map[string]struct {
		nodes []*node
		want  []string
	}{
		"the first":                           {[]*node{{name: "a"}, {name: "b"}}, []string{"a"}},
		"the next of one that is away":        {[]*node{{name: "a", down: refused}, {name: "b"}}, []string{"a", "b"}},
		"the next of one outside its cluster": {[]*node{{name: "a", says: outside}, {name: "b"}}, []string{"a", "b"}},
		"one without Galera":                  {[]*node{{name: "a", says: noGalera}}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			all, opened := newNodes(c.nodes...)
			conn, err := all.Connect(t.Context())
			if err != nil || conn.(*nodeConn).node.name != c.want[len(c.want)-1] || !slices.Equal(*opened, c.want) {
				t.Errorf("connected %v, %v; want %v", *opened, err, c.want)
			}
		})
	}
}

func TestAHostThatFailedIsTriedLastForAWhile(t *testing.T) {
	first := &node{name: "a", down: errors.New("connection refused")}
	all, opened := newNodes(first, &node{name: "b"})
	for range 2 {
		if _, err := all.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"a", "b", "b"}; !slices.Equal(*opened, want) {
		t.Errorf("connected %v, want %v", *opened, want)
	}
	if first.down = nil; !all[0].rests.Load() {
		t.Fatal("the first host does not rest")
	}
	all[1].Connector.(*node).down = errors.New("connection refused")
	if _, err := all.Connect(t.Context()); err != nil {
		t.Errorf("with all others away: %v, want the one that rests", err)
	}
}

func TestWhenNoHostServesEachSaysWhy(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	all, _ := newNodes(&node{name: "a", down: first}, &node{name: "b", down: second})
	if _, err := all.Connect(t.Context()); !errors.Is(err, first) || !errors.Is(err, second) {
		t.Errorf("got %v, want both reasons", err)
	}
}
