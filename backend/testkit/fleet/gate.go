package fleet

import (
	"fmt"
	"io"
	"net"
	"sync"
)

// Gate stands before a server and can be shut: then nobody gets in, and who is in is thrown out, as if the server had
// vanished.
type Gate struct {
	Port int

	to       string
	mu       sync.Mutex
	listener net.Listener
	inside   map[net.Conn]bool
}

// NewGate makes an open gate before a port of the loopback.
func NewGate(port int) (*Gate, error) {
	g := &Gate{to: fmt.Sprintf("127.0.0.1:%d", port), inside: make(map[net.Conn]bool)}
	var err error
	if g.Port, err = FreePort(); err != nil {
		return nil, err
	}
	return g, g.Open()
}

// Open lets everybody in.
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

// Shut lets nobody in and throws everybody out.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil {
		_ = g.listener.Close()
		g.listener = nil
	}
	for conn := range g.inside {
		_ = conn.Close()
	}
}

func (g *Gate) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // shut
		}
		go g.pass(conn)
	}
}

func (g *Gate) pass(outer net.Conn) {
	defer g.forget(outer)
	inner, err := net.Dial("tcp", g.to)
	if err != nil {
		return
	}
	defer g.forget(inner)
	if !g.remember(outer, inner) {
		return
	}
	ended := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{outer, inner}, {inner, outer}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			ended <- struct{}{}
		}()
	}
	<-ended
}

// remember says false when the gate was shut meanwhile.
func (g *Gate) remember(conns ...net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, conn := range conns {
		g.inside[conn] = true
	}
	return g.listener != nil
}

func (g *Gate) forget(conn net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.inside, conn)
	_ = conn.Close()
}
