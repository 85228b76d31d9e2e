package web

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
)

// Secure puts TLS on the listener that [Guard] returns. A browser that sends HTTP without TLS is redirected to publicURL.
func Secure(listener net.Listener, config *tls.Config, publicURL string) net.Listener {
	return &tlsListener{Listener: listener, config: config, plainAnswer: answerToPlain(publicURL)}
}

// challengeProtocol is the protocol that a CA negotiates to verify the certificate of a challenge (RFC 8737).
const challengeProtocol = "acme-tls/1"

type tlsListener struct {
	net.Listener
	config      *tls.Config
	plainAnswer string
}

// Accept does not wait for the handshake, which the connection's own goroutine makes.
func (l *tlsListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // servers compare it with net.ErrClosed
	}
	return &tlsConn{Conn: tls.Server(conn, l.config), plainAnswer: l.plainAnswer}, nil
}

type tlsConn struct {
	*tls.Conn
	plainAnswer string
}

// Handshake is called by fasthttp, which has set a deadline, before it reads the first request. If the client sent HTTP
// without TLS, Handshake answers it. The redirect has no path, because crypto/tls only gives the first five bytes.
func (c *tlsConn) Handshake() error {
	err := c.Conn.Handshake() //nolint:noctx // fasthttp has set a deadline on the connection, and has no context
	if err == nil && c.ConnectionState().NegotiatedProtocol == challengeProtocol {
		return c.Close() // the CA needs only the handshake
	}
	var notTLS tls.RecordHeaderError
	if errors.As(err, &notTLS) && notTLS.Conn != nil && isPlainRequest(notTLS.RecordHeader) {
		lingerBeforeClose(c)
		_, _ = io.WriteString(notTLS.Conn, c.plainAnswer)
	}
	return err //nolint:wrapcheck // fasthttp gets it
}

// isPlainRequest reports whether these are the first bytes of a request for a page.
func isPlainRequest(head [5]byte) bool {
	return slices.Contains([]string{"GET /", "HEAD "}, string(head[:]))
}

// answerToPlain returns a redirect to publicURL, or a 400 if publicURL is not https and could lead back to here.
func answerToPlain(publicURL string) string {
	head := "HTTP/1.1 400 Bad Request\r\n"
	if strings.HasPrefix(publicURL, "https://") {
		head = "HTTP/1.1 308 Permanent Redirect\r\nLocation: " + publicURL + "/\r\n"
	}
	return head + "Cache-Control: no-store\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
}
