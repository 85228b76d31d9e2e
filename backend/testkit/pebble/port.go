package pebble

import (
	"context"
	"io"
	"net"
	"testing"
)

// Port passes connections on to servers that start later than the CA. Connections wait until it is told where they are.
type Port struct {
	listener net.Listener
	isTold   chan struct{}
	servers  []string
}

func openPort(t *testing.T) *Port {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Port{listener: listener, isTold: make(chan struct{})}
	t.Cleanup(func() { _ = listener.Close() })
	go p.pass()
	return p
}

// LeadTo names the servers, which are asked in turn. Without any, connections are closed. Call it once.
func (p *Port) LeadTo(servers ...string) {
	p.servers = servers
	close(p.isTold)
}

func (p *Port) number() int {
	address, _ := p.listener.Addr().(*net.TCPAddr)
	return address.Port
}

func (p *Port) pass() {
	for turn := 0; ; turn++ {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = from.Close() }()
			<-p.isTold
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
