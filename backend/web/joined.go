package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/valyala/fasthttp"
)

// joinedFrom is the length of a body that does not fit beside the headers into fasthttp's buffer of 4 KiB. fasthttp would
// copy the first part of it, and send the rest with a second system call.
const joinedFrom = 2 << 10

// sendBody answers with bytes that never change. A large body leaves from where it is in memory, in one system call with
// what fasthttp has buffered; under TLS it takes the usual way.
func sendBody(r *fasthttp.RequestCtx, body []byte) {
	conn, isPlain := r.Conn().(*guardedConn)
	if !isPlain || len(body) < joinedFrom {
		r.Response.SetBodyRaw(body)
		return
	}
	r.Response.SetBodyStream(&joinedBody{Reader: bytes.NewReader(body), body: body, conn: conn}, len(body))
}

// joinedBody is a body that fasthttp writes with WriteTo.
type joinedBody struct {
	*bytes.Reader
	body []byte
	conn *guardedConn
}

// WriteTo flushes what fasthttp has buffered for the connection, such as the headers, together with the body.
func (b *joinedBody) WriteTo(w io.Writer) (int64, error) {
	buffer, is := w.(*bufio.Writer)
	if !is || buffer.Buffered() == 0 {
		n, err := w.Write(b.body)
		return int64(n), err
	}
	b.conn.follow = b.body
	err := buffer.Flush()
	b.conn.follow = nil
	if err != nil {
		return 0, fmt.Errorf("write the headers and a file: %w", err)
	}
	return int64(len(b.body)), nil
}
