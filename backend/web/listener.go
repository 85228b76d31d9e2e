package web

import (
	"errors"
	"net"
	"syscall"
	"time"
)

// Guard bounds the connections of a TCP listener, so that the server survives a flood of them. If there are maxConnections
// connections, or no file descriptors are left, it closes the connection that has waited longest for its client before it
// accepts a new one. For TLS, pass the guarded listener to [Secure].
//
// Guard also delivers an answer that was written before the whole request was read, such as a 413 for a long body. Otherwise
// the kernel resets the connection because of the unread bytes, and the client can get the reset before the answer.
func Guard(listener net.Listener) net.Listener {
	return &guardedListener{Listener: listener, firstByteTimeout: readTimeout, conns: connections{limit: maxConnections}}
}

type guardedListener struct {
	net.Listener
	firstByteTimeout time.Duration // fasthttp sets no deadline before the first byte
	conns            connections
}

// Accept waits for the next connection. When file descriptors run out, it closes connections and tries again, because
// fasthttp would stop serving at the error.
func (l *guardedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err == nil {
			l.conns.awaitSpace()
			l.limit(conn)
			return l.conns.add(conn), nil
		}
		if !isOutOfFiles(err) {
			return nil, err //nolint:wrapcheck // servers compare it with net.ErrClosed
		}
		// The pause leaves the descriptors to the connections to the database and the mail server.
		l.conns.closeLongest(spareFiles)
		time.Sleep(acceptRetry)
	}
}

// limit sets the deadline for the first byte and the buffers of a connection. It ignores errors, because reading from a
// closed connection fails later anyway.
func (l *guardedListener) limit(conn net.Conn) {
	_ = conn.SetReadDeadline(time.Now().Add(l.firstByteTimeout)) //nolint:forbidigo // the kernel's clock, not the program's
	if tcp, isTCP := conn.(*net.TCPConn); isTCP {
		_ = tcp.SetReadBuffer(receiveBuffer)
		_ = tcp.SetWriteBuffer(sendBuffer)
	}
}

func isOutOfFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM)
}
