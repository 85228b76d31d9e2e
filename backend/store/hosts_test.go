package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// node is a fake host that answers statements as a test has set.
type node struct {
	name   string
	opened *[]string
	down   error
	says   map[string]error
	// readOnly makes the node report that it is read-only. conns are all connections that were opened.
	readOnly bool
	conns    []*nodeConn
}

func (n *node) Driver() driver.Driver { return nil }

func (n *node) Connect(context.Context) (driver.Conn, error) {
	*n.opened = append(*n.opened, n.name)
	n.conns = append(n.conns, &nodeConn{node: n})
	return n.conns[len(n.conns)-1], n.down
}

type nodeConn struct {
	driverConn
	node   *node
	closed bool
}

func (c *nodeConn) Close() error { c.closed = true; return nil }

func (c *nodeConn) ExecContext(_ context.Context, statement string, _ []driver.NamedValue) (driver.Result, error) {
	return nil, c.node.says[statement]
}

func (c *nodeConn) QueryContext(_ context.Context, statement string, _ []driver.NamedValue) (driver.Rows, error) {
	return &settingRows{c.node.readOnly}, c.node.says[statement]
}

func (*nodeConn) IsValid() bool { return true }

// settingRows are the settings that make a server read-only: one or none.
type settingRows struct{ left bool }

func (*settingRows) Columns() []string { return []string{"Variable_name", "Value"} }
func (*settingRows) Close() error      { return nil }

func (r *settingRows) Next([]driver.Value) error {
	if !r.left {
		return io.EOF
	}
	r.left = false
	return nil
}

func newNodes(nodes ...*node) (*hosts, *[]string) {
	opened := new([]string)
	all := &hosts{all: make([]*host, len(nodes))}
	for i, n := range nodes {
		n.opened = opened
		all.all[i] = &host{Connector: n}
	}
	return all, opened
}

// nodeOf returns the node of a connection.
func nodeOf(opened driver.Conn) *node { return opened.(*conn).driverConn.(*nodeConn).node }

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
			if err != nil || nodeOf(conn).name != c.want[len(c.want)-1] || !slices.Equal(*opened, c.want) {
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
	if first.down = nil; !all.all[0].rests.Load() {
		t.Fatal("the first host does not rest")
	}
	all.all[1].Connector.(*node).down = errors.New("connection refused")
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

func TestAReadOnlyHostIsUsedOnlyWhenNoHostIsWritable(t *testing.T) {
	refused := errors.New("connection refused")
	for name, c := range map[string]struct {
		nodes []*node
		want  string
		tried []string
	}{
		"the next of one that is read-only":    {[]*node{{name: "a", readOnly: true}, {name: "b"}}, "b", []string{"a", "b"}},
		"the first of two that are read-only":  {[]*node{{name: "a", readOnly: true}, {name: "b", readOnly: true}}, "a", []string{"a", "b"}},
		"the only one that is there":           {[]*node{{name: "a", down: refused}, {name: "b", readOnly: true}}, "b", []string{"a", "b"}},
		"the only one":                         {[]*node{{name: "a", readOnly: true}}, "a", []string{"a"}},
		"the writable one behind all the rest": {[]*node{{name: "a", readOnly: true}, {name: "b", down: refused}, {name: "c"}}, "c", []string{"a", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			all, opened := newNodes(c.nodes...)
			conn, err := all.Connect(t.Context())
			if err != nil || nodeOf(conn).name != c.want || !slices.Equal(*opened, c.tried) {
				t.Fatalf("connected %v, %v; want %s of %v", *opened, err, c.want, c.tried)
			}
			if got, want := all.noneWritable.Load(), nodeOf(conn).readOnly; got != want {
				t.Errorf("none writes: got %v, want %v", got, want)
			}
			for _, n := range c.nodes {
				if n.down == nil && n.name != c.want && !n.conns[0].closed {
					t.Errorf("the connection to %s stays open", n.name)
				}
			}
		})
	}
}

func TestAReadOnlyHostIsUsedAgainAfterItAcceptsWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, opened := newNodes(&node{name: "a", readOnly: true}, &node{name: "b"})
		for range 2 {
			if _, err := all.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		all.all[0].Connector.(*node).readOnly = false
		time.Sleep(hostRest + 1)
		conn, err := all.Connect(t.Context())
		if want := []string{"a", "b", "b", "a"}; err != nil || nodeOf(conn).name != "a" || !slices.Equal(*opened, want) {
			t.Errorf("connected %v, %v; want %v", *opened, err, want)
		}
	})
}

func TestAHostWithoutSpaceIsUsedAgainAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const insert = "INSERT"
		first := &node{name: "a", says: map[string]error{insert: &mysqldriver.MySQLError{Number: tableFull}}}
		all, _ := newNodes(first, &node{name: "b"})
		wantNode := func(when, name string) *conn {
			t.Helper()
			opened, err := all.Connect(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			if got := nodeOf(opened).name; got != name {
				t.Fatalf("%s: connected to %s, want %s", when, got, name)
			}
			return opened.(*conn)
		}
		if _, err := wantNode("at first", "a").ExecContext(t.Context(), insert, nil); !isNotServing(err) {
			t.Errorf("got %v, want a host that takes no writes", err)
		}
		wantNode("when the first one has no space", "b")
		time.Sleep(hostRest + 1)
		wantNode("when it has rested", "a")
	})
}

func TestAHostWithoutSpaceIsBetterThanAReadOnlyOne(t *testing.T) {
	for _, first := range []string{"full", "read-only"} {
		t.Run("behind the "+first, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // a full host rests for hostRest
				full, readOnly := &node{name: "full"}, &node{name: "read-only", readOnly: true}
				nodes := map[string][]*node{"full": {full, readOnly}, "read-only": {readOnly, full}}[first]
				all, _ := newNodes(nodes...)
				for _, host := range all.all {
					if host.Connector == full {
						host.setFull()
					}
				}
				for range 3 { // hosts rest after the first time
					opened, err := all.Connect(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if got := nodeOf(opened); got != full || !all.noneWritable.Load() {
						t.Fatalf("connected to %s, none writes: %v; want the full one, and none", got.name, all.noneWritable.Load())
					}
				}
				for _, opened := range readOnly.conns {
					if !opened.closed {
						t.Error("a connection to the read-only host stays open")
					}
				}
				for _, opened := range full.conns {
					if opened.closed {
						t.Error("a connection that is in use was closed")
					}
				}
			})
		})
	}
}

func TestConnectionsThatWereGivenUpAreNotUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, _ := newNodes(&node{name: "a"})
		connect := func() *conn {
			opened, err := all.Connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return opened.(*conn)
		}
		closed := 0
		closeIdle := func() { closed++ }
		before := connect()
		for range 3 { // all calls under way fail at the same time
			if !all.dropAll(closeIdle) {
				t.Error("another try does not help, though the host takes writes")
			}
		}
		after := connect()
		if before.IsValid() || !after.IsValid() || closed != 1 {
			t.Errorf("one from before is valid: %v; one from after: %v; idle ones were closed %d times", before.IsValid(), after.IsValid(), closed)
		}
		time.Sleep(dropInterval + 1)
		if all.dropAll(closeIdle); after.IsValid() || closed != 2 {
			t.Errorf("a second time: valid %v, idle ones were closed %d times", after.IsValid(), closed)
		}
		all.all[0].Connector.(*node).readOnly = true
		if connect(); all.dropAll(closeIdle) {
			t.Error("another try helps, though no host takes writes")
		}
	})
}
