package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/valyala/fasthttp"
)

// largeBody is the length from which a body does not fit into fasthttp's buffer of 4 KiB together with the headers. fasthttp
// would copy the first part of it, and send the rest with a second system call.
const largeBody = 2 << 10

// sendBody answers with a body whose bytes never change. A large body is not copied. It is sent with one system call, together
// with the headers in fasthttp's buffer. Under TLS fasthttp sends it as any other body.
func sendBody(r *fasthttp.RequestCtx, body []byte) {
	conn, isPlain := r.Conn().(*guardedConn)
	if !isPlain || len(body) < largeBody {
		r.Response.SetBodyRaw(body)
		return
	}
	r.Response.SetBodyStream(&bodyStream{Reader: bytes.NewReader(body), body: body, conn: conn}, len(body))
}

// bodyStream is a body that fasthttp sends with WriteTo.
type bodyStream struct {
	*bytes.Reader
	body []byte
	conn *guardedConn
}

// WriteTo flushes the buffer, which holds the headers, and sends the body in the same system call.
func (b *bodyStream) WriteTo(w io.Writer) (int64, error) {
	buffer, isBuffer := w.(*bufio.Writer)
	if !isBuffer || buffer.Buffered() == 0 {
		n, err := w.Write(b.body)
		return int64(n), err
	}
	b.conn.appended = b.body
	err := buffer.Flush()
	b.conn.appended = nil
	if err != nil {
		return 0, fmt.Errorf("write the headers and a file: %w", err)
	}
	return int64(len(b.body)), nil
}
