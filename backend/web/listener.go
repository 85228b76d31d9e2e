package web

import (
	"container/list"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// How long, and for how many bytes, a connection stays half open for a client that is still sending what was
// already refused.
const (
	lingerTime  = time.Second
	lingerBytes = 1 << 20
)

// Guard makes a server outlive a flood of connections: the one that waits longest for its client gives way to a new
// one when there are maxConnections, or no more files to be had. Put it around the TCP listener, under TLS.
//
// It also makes an answer arrive that was given before the request was read to its end: a 413 to a long body. Closing
// at once would answer what is still under way with a reset, and a reset can overtake the answer.
func Guard(listener net.Listener) net.Listener {
	return &guarded{Listener: listener, firstByte: readTimeout, crowd: crowd{most: maxConnections}}
}

type guarded struct {
	net.Listener
	firstByte time.Duration // how long it may take to come; until then fasthttp sets no deadline
	crowd     crowd
}

// Accept waits for the next connection. Without the retry, fasthttp would take a lack of files for the listener's end.
func (l *guarded) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err == nil {
			l.bound(conn)
			return l.crowd.enter(conn), nil
		}
		if !isLackOfFiles(err) {
			return nil, err //nolint:wrapcheck // servers compare it with net.ErrClosed
		}
		// While accepting rests, the database and the mail server find the files that became free.
		l.crowd.giveWay(spareFiles)
		time.Sleep(acceptAgain)
	}
}

// bound bounds what a connection costs. One that has been closed already needs no bounds: reading tells.
func (l *guarded) bound(conn net.Conn) {
	_ = conn.SetReadDeadline(time.Now().Add(l.firstByte)) //nolint:forbidigo // the kernel's clock, not the house's
	if tcp, is := conn.(*net.TCPConn); is {
		_ = tcp.SetReadBuffer(receiveBuffer)
		_ = tcp.SetWriteBuffer(sendBuffer)
	}
}

func isLackOfFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM)
}

// crowd is a listener's open connections. Those whose request is with its handler are left alone; the others wait for
// their client to send, or to take its answer.
type crowd struct {
	most int

	mu      sync.Mutex
	open    int
	waiting list.List // of *guardedConn, the one that waits longest in front
}

func (c *crowd) enter(conn net.Conn) *guardedConn {
	entered := &guardedConn{Conn: conn, crowd: c}
	c.mu.Lock()
	c.open++
	entered.place = c.waiting.PushBack(entered)
	isFull := c.open > c.most
	c.mu.Unlock()
	if isFull {
		c.giveWay(1)
	}
	return entered
}

// giveWay closes so many of those that wait, or as many as there are.
func (c *crowd) giveWay(count int) {
	for range count {
		c.mu.Lock()
		front := c.waiting.Front()
		if front == nil {
			c.mu.Unlock()
			return
		}
		longest, _ := front.Value.(*guardedConn)
		c.remove(longest)
		c.mu.Unlock()
		_ = longest.Conn.Close()
	}
}

func (c *crowd) leave(conn *guardedConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(conn)
}

// remove counts a connection no more. The caller holds the lock.
func (c *crowd) remove(conn *guardedConn) {
	if conn.gone {
		return
	}
	conn.gone = true
	c.open--
	if conn.place != nil {
		c.waiting.Remove(conn.place)
		conn.place = nil
	}
}

// serve keeps a connection out of those that wait while its handler works.
func (c *crowd) serve(conn *guardedConn, handle func()) {
	c.mu.Lock()
	if conn.place != nil {
		c.waiting.Remove(conn.place)
		conn.place = nil
	}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !conn.gone {
			conn.place = c.waiting.PushBack(conn)
		}
	}()
	handle()
}

type guardedConn struct {
	net.Conn
	lingers atomic.Bool

	crowd *crowd
	place *list.Element // among those that wait; nil while its handler works
	gone  bool
}

// guardedIn finds our connection in fasthttp's, nil when the listener is not guarded.
func guardedIn(conn net.Conn) *guardedConn {
	if secure, is := conn.(*tls.Conn); is {
		conn = secure.NetConn()
	}
	found, _ := conn.(*guardedConn)
	return found
}

// lingerBeforeClose marks a connection whose request was not read to its end.
func lingerBeforeClose(conn net.Conn) {
	if marked := guardedIn(conn); marked != nil {
		marked.lingers.Store(true)
	}
}

// serving surrounds a request's handler.
func serving(conn net.Conn, handle func()) {
	if served := guardedIn(conn); served != nil {
		served.crowd.serve(served, handle)
		return
	}
	handle()
}

// Close closes. When the connection was marked, it first says that nothing more comes, and reads on for a while.
func (c *guardedConn) Close() error {
	defer c.crowd.leave(c)
	half, can := c.Conn.(interface{ CloseWrite() error })
	if c.lingers.Load() && can && half.CloseWrite() == nil {
		stop := time.AfterFunc(lingerTime, func() { _ = c.Conn.Close() })
		defer stop.Stop()
		_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
	}
	return c.Conn.Close()
}
