package pebble

import (
	"context"
	"io"
	"net"
	"testing"
)

// Port is a proxy to servers that start after the CA. Connections wait until LeadTo names the servers.
type Port struct {
	listener net.Listener
	isSet    chan struct{}
	servers  []string
}

// openPort starts a proxy that is closed when the test ends.
func openPort(t *testing.T) *Port {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Port{listener: listener, isSet: make(chan struct{})}
	t.Cleanup(func() { _ = listener.Close() })
	go p.serve()
	return p
}

// LeadTo sets the servers. Connections go to them in turn. Without a server, connections are closed. Call it once.
func (p *Port) LeadTo(servers ...string) {
	p.servers = servers
	close(p.isSet)
}

func (p *Port) number() int {
	address, _ := p.listener.Addr().(*net.TCPAddr)
	return address.Port
}

// serve forwards connections until the listener is closed.
func (p *Port) serve() {
	for turn := 0; ; turn++ {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = from.Close() }()
			<-p.isSet
			if len(p.servers) == 0 {
				return
			}
			to, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.servers[turn%len(p.servers)])
			if err != nil {
				return
			}
			defer func() { _ = to.Close() }()
			go func() { _, _ = io.Copy(to, from) }()
			_, _ = io.Copy(from, to)
		}()
	}
}
