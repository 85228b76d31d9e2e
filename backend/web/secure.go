package web

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
)

// Secure puts TLS on a guarded listener. A browser that speaks HTTP without TLS there is redirected to publicURL, which must
// not depend on anything in the request.
func Secure(listener net.Listener, config *tls.Config, publicURL string) net.Listener {
	return &secured{Listener: listener, config: config, plainAnswer: answerToPlain(publicURL)}
}

// challengeProtocol is what a CA negotiates to see the certificate that answers a challenge (RFC 8737).
const challengeProtocol = "acme-tls/1"

type secured struct {
	net.Listener
	config      *tls.Config
	plainAnswer string
}

// Accept reads nothing: the handshake takes place in the connection's own goroutine.
func (l *secured) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // servers compare it with net.ErrClosed
	}
	return &securedConn{Conn: tls.Server(conn, l.config), plainAnswer: l.plainAnswer}, nil
}

type securedConn struct {
	*tls.Conn
	plainAnswer string
}

// Handshake is called by fasthttp, with a deadline set, before it reads the first request. The answer to a plain request is
// one to its beginning: the TLS library has taken the rest, so that the path is not known.
func (c *securedConn) Handshake() error {
	err := c.Conn.Handshake() //nolint:noctx // fasthttp has set a deadline on the connection, and has no context
	if err == nil && c.ConnectionState().NegotiatedProtocol == challengeProtocol {
		return c.Close() // it was for the handshake alone
	}
	var notTLS tls.RecordHeaderError
	if errors.As(err, &notTLS) && notTLS.Conn != nil && isPlainRequest(notTLS.RecordHeader) {
		lingerBeforeClose(c)
		_, _ = io.WriteString(notTLS.Conn, c.plainAnswer)
	}
	return err //nolint:wrapcheck // fasthttp's own
}

// isPlainRequest recognises the first five bytes of a page's request.
func isPlainRequest(head [5]byte) bool {
	return slices.Contains([]string{"GET /", "HEAD "}, string(head[:]))
}

// answerToPlain is a redirect, or 400 where publicURL would lead back to the same port without TLS.
func answerToPlain(publicURL string) string {
	head := "HTTP/1.1 400 Bad Request\r\n"
	if strings.HasPrefix(publicURL, "https://") {
		head = "HTTP/1.1 308 Permanent Redirect\r\nLocation: " + publicURL + "/\r\n"
	}
	return head + "Cache-Control: no-store\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
}
