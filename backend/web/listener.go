package web

import (
	"container/list"
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
			l.crowd.makeSpace()
			l.bound(conn)
			return l.crowd.enter(conn), nil
		}
		if !isLackOfFiles(err) {
			return nil, err //nolint:wrapcheck // servers compare it with net.ErrClosed
		}
		// The pause leaves the files that became free to the connections to the database and the mail server.
		l.crowd.giveWay(spareFiles)
		time.Sleep(acceptAgain)
	}
}

// bound bounds what a connection costs. One that has been closed already needs no bounds: reading tells.
func (l *guarded) bound(conn net.Conn) {
	_ = conn.SetReadDeadline(time.Now().Add(l.firstByte)) //nolint:forbidigo // the kernel's clock, not the program's
	if tcp, is := conn.(*net.TCPConn); is {
		_ = tcp.SetReadBuffer(receiveBuffer)
		_ = tcp.SetWriteBuffer(sendBuffer)
	}
}

func isLackOfFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM)
}

// crowd is a listener's open connections. A connection whose request is with its handler is left alone. The others
// wait for their client: for its request, or until it has taken its answer.
type crowd struct {
	most int

	mu      sync.Mutex
	open    int
	waiting list.List // of *guardedConn, in the order in which they began to wait
}

func (c *crowd) enter(conn net.Conn) *guardedConn {
	entered := &guardedConn{Conn: conn, crowd: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	c.wait(entered)
	return entered
}

// wait puts a connection behind those that wait already. The caller holds the lock.
func (c *crowd) wait(conn *guardedConn) {
	conn.since = time.Now() //nolint:forbidigo // compared with the kernel's time outs
	conn.place = c.waiting.PushBack(conn)
}

// makeSpace returns when one more connection may enter. It closes the one that waits longest; while that one has
// waited for less than leastWait, or all are with their handlers, the new one waits.
func (c *crowd) makeSpace() {
	for c.isFull() && c.giveWay(1) == 0 {
		time.Sleep(acceptAgain)
	}
}

func (c *crowd) isFull() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open >= c.most
}

// giveWay closes up to count connections, those first that wait longest. It leaves those that have waited for less than
// leastWait, and returns how many it closed.
func (c *crowd) giveWay(count int) (closed int) {
	for closed < count {
		longest := c.takeLongest()
		if longest == nil {
			break
		}
		_ = longest.Conn.Close()
		closed++
	}
	return closed
}

func (c *crowd) takeLongest() *guardedConn {
	c.mu.Lock()
	defer c.mu.Unlock()
	front := c.waiting.Front()
	if front == nil {
		return nil
	}
	longest, _ := front.Value.(*guardedConn)
	if time.Since(longest.since) < leastWait { //nolint:forbidigo // compared with the kernel's time outs
		return nil
	}
	c.remove(longest)
	return longest
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
			c.wait(conn)
		}
	}()
	handle()
}

type guardedConn struct {
	net.Conn
	lingers atomic.Bool
	// follow is written behind the next bytes. Only the goroutine that serves the connection touches it.
	follow []byte

	crowd *crowd
	place *list.Element // among those that wait; nil while its handler works
	since time.Time     // when it began to wait
	gone  bool
}

// guardedIn finds our connection in fasthttp's, nil when the listener is not guarded.
func guardedIn(conn net.Conn) *guardedConn {
	if secure, is := conn.(interface{ NetConn() net.Conn }); is {
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

// Write writes, and what follows in the same system call (writev).
func (c *guardedConn) Write(bytes []byte) (int, error) {
	if c.follow == nil {
		return c.Conn.Write(bytes)
	}
	both := net.Buffers{bytes, c.follow}
	n, err := both.WriteTo(c.Conn)
	return min(int(n), len(bytes)), err
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
