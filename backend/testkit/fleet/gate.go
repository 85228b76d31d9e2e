package fleet

import (
	"fmt"
	"io"
	"net"
	"sync"
)

// Gate is a proxy in front of a server. While it is shut, it refuses new connections and closes the open ones, as if the server
// had disappeared.
type Gate struct {
	Port int // on which the Gate listens

	server   string
	mu       sync.Mutex
	listener net.Listener // nil while the Gate is shut
	conns    map[net.Conn]bool
}

// NewGate returns an open Gate in front of a port of the loopback interface.
func NewGate(port int) (*Gate, error) {
	g := &Gate{server: fmt.Sprintf("127.0.0.1:%d", port), conns: make(map[net.Conn]bool)}
	var err error
	if g.Port, err = FreePort(); err != nil {
		return nil, err
	}
	return g, g.Open()
}

// Open accepts connections from now on.
func (g *Gate) Open() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", g.Port))
	if err != nil {
		return err
	}
	g.listener = listener
	go g.serve(listener)
	return nil
}

// Shut refuses new connections and closes the open ones.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil {
		_ = g.listener.Close()
		g.listener = nil
	}
	for conn := range g.conns {
		_ = conn.Close()
	}
}

func (g *Gate) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // Shut closed the listener
		}
		go g.forward(conn)
	}
}

// forward copies bytes in both directions until one side closes.
func (g *Gate) forward(outer net.Conn) {
	defer g.remove(outer)
	inner, err := net.Dial("tcp", g.server)
	if err != nil {
		return
	}
	defer g.remove(inner)
	if !g.add(outer, inner) {
		return
	}
	ended := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{outer, inner}, {inner, outer}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			ended <- struct{}{}
		}()
	}
	<-ended
}

// add adds connections for Shut. It returns false if the Gate was shut meanwhile.
func (g *Gate) add(conns ...net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, conn := range conns {
		g.conns[conn] = true
	}
	return g.listener != nil
}

func (g *Gate) remove(conn net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, conn)
	_ = conn.Close()
}
