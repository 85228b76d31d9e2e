package web

import (
	"crypto/tls"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// How long, and for how many bytes, a connection stays half open for a client that is still sending what was
// already refused.
const (
	lingerTime  = time.Second
	lingerBytes = 1 << 20
)

// Linger makes an answer arrive that was given before the request was read to its end: a 413 to a long body. Closing
// at once would answer what is still under way with a reset, and a reset can overtake the answer. Put it around the
// TCP listener, under TLS.
func Linger(listener net.Listener) net.Listener { return lingering{listener} }

type lingering struct{ net.Listener }

// Accept waits for the next connection.
func (l lingering) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // servers compare it with net.ErrClosed
	}
	return &lingeringConn{Conn: conn}, nil
}

type lingeringConn struct {
	net.Conn
	lingers atomic.Bool
}

// lingerBeforeClose marks a connection whose request was not read to its end.
func lingerBeforeClose(conn net.Conn) {
	if secure, is := conn.(*tls.Conn); is {
		conn = secure.NetConn()
	}
	if marked, is := conn.(*lingeringConn); is {
		marked.lingers.Store(true)
	}
}

// Close closes. When the connection was marked, it first says that nothing more comes, and reads on for a while.
func (c *lingeringConn) Close() error {
	half, can := c.Conn.(interface{ CloseWrite() error })
	if c.lingers.Load() && can && half.CloseWrite() == nil {
		stop := time.AfterFunc(lingerTime, func() { _ = c.Conn.Close() })
		defer stop.Stop()
		_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
	}
	return c.Conn.Close()
}
