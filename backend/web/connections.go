package web

import (
	"container/list"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// connections holds the open connections of a listener. A connection is busy while a handler works on its request. A busy
// connection is never closed. The others wait for their clients: for the next request, or until the client has read the answer.
type connections struct {
	limit int

	mu      sync.Mutex
	open    int
	waiting list.List // of *guardedConn; the first has waited longest
}

// add adds a connection that waits for its first request.
func (c *connections) add(conn net.Conn) *guardedConn {
	added := &guardedConn{Conn: conn, conns: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	c.startWaiting(added)
	return added
}

// startWaiting adds a connection to the end of those that wait. The caller holds the lock.
func (c *connections) startWaiting(conn *guardedConn) {
	conn.waitsSince = time.Now() //nolint:forbidigo // compared with the kernel's timeouts
	conn.position = c.waiting.PushBack(conn)
}

// stopWaiting removes a connection from those that wait. The caller holds the lock.
func (c *connections) stopWaiting(conn *guardedConn) {
	if conn.position != nil {
		c.waiting.Remove(conn.position)
		conn.position = nil
	}
}

// awaitSpace returns when there are fewer connections than the limit. It closes the one that has waited longest. If all are
// busy, or none has waited for minWait, it tries again until one can be closed.
func (c *connections) awaitSpace() {
	for c.isFull() && c.closeLongest(1) == 0 {
		time.Sleep(acceptRetry)
	}
}

func (c *connections) isFull() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open >= c.limit
}

// closeLongest closes up to count connections, first those that have waited longest. It keeps those that have waited for
// less than minWait. It returns how many it closed.
func (c *connections) closeLongest(count int) (closed int) {
	for closed < count {
		longest := c.removeLongest()
		if longest == nil {
			break
		}
		_ = longest.Conn.Close()
		closed++
	}
	return closed
}

// removeLongest removes the connection that has waited longest, and returns it. It returns nil if none has waited for
// minWait.
func (c *connections) removeLongest() *guardedConn {
	c.mu.Lock()
	defer c.mu.Unlock()
	front := c.waiting.Front()
	if front == nil {
		return nil
	}
	longest, _ := front.Value.(*guardedConn)
	if time.Since(longest.waitsSince) < minWait { //nolint:forbidigo // compared with the kernel's timeouts
		return nil
	}
	c.removeLocked(longest)
	return longest
}

func (c *connections) remove(conn *guardedConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.removeLocked(conn)
}

// removeLocked removes a connection once, however often it is called. The caller holds the lock.
func (c *connections) removeLocked(conn *guardedConn) {
	if conn.isRemoved {
		return
	}
	conn.isRemoved = true
	c.open--
	c.stopWaiting(conn)
}

// whileBusy calls the handler. The connection is busy until the handler returns.
func (c *connections) whileBusy(conn *guardedConn, handle func()) {
	c.mu.Lock()
	c.stopWaiting(conn)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !conn.isRemoved {
			c.startWaiting(conn)
		}
	}()
	handle()
}

// A connection whose request was refused before it was read stays half open for at most this time and this many bytes.
const (
	lingerTime  = time.Second
	lingerBytes = 1 << 20
)

// guardedConn is a connection of a guarded listener.
type guardedConn struct {
	net.Conn
	lingers atomic.Bool // set by lingerBeforeClose, read by Close
	// appended is sent after the bytes of the next Write. Only the goroutine that serves the connection uses it.
	appended []byte

	conns      *connections
	position   *list.Element // in conns.waiting; nil if the connection does not wait
	waitsSince time.Time
	isRemoved  bool
}

// guardedConnOf returns the guarded connection under a connection of fasthttp. It returns nil if the listener is not guarded.
func guardedConnOf(conn net.Conn) *guardedConn {
	if secure, isSecure := conn.(interface{ NetConn() net.Conn }); isSecure {
		conn = secure.NetConn()
	}
	found, _ := conn.(*guardedConn)
	return found
}

// lingerBeforeClose marks a connection whose request was not read to the end, so that Close waits until the client has read the
// answer.
func lingerBeforeClose(conn net.Conn) {
	if guarded := guardedConnOf(conn); guarded != nil {
		guarded.lingers.Store(true)
	}
}

// whileHandling calls the handler of a request. If the connection is guarded, it is busy until the handler returns.
func whileHandling(conn net.Conn, handle func()) {
	if guarded := guardedConnOf(conn); guarded != nil {
		guarded.conns.whileBusy(guarded, handle)
		return
	}
	handle()
}

// Write writes the bytes, and then the appended ones, in one system call (writev).
func (c *guardedConn) Write(bytes []byte) (int, error) {
	if c.appended == nil {
		return c.Conn.Write(bytes)
	}
	both := net.Buffers{bytes, c.appended}
	n, err := both.WriteTo(c.Conn)
	return min(int(n), len(bytes)), err
}

// Close closes the connection. If it lingers, Close first closes only the writing side, and reads on until the client closes,
// or until lingerTime or lingerBytes is reached.
func (c *guardedConn) Close() error {
	defer c.conns.remove(c)
	half, canHalf := c.Conn.(interface{ CloseWrite() error })
	if c.lingers.Load() && canHalf && half.CloseWrite() == nil {
		timeout := time.AfterFunc(lingerTime, func() { _ = c.Conn.Close() })
		defer timeout.Stop()
		_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
	}
	return c.Conn.Close()
}
