package web

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/fstest"
)

// The paths of a file that is larger than the buffers of a connection, and of one that is smaller.
const largeFile, mediumFile = "/assets/large-1.js", "/assets/medium-1.js"

// appWithLargeFiles returns an app, and the contents of its files by path.
func appWithLargeFiles() (app fs.FS, contents map[string][]byte) {
	random := rand.NewChaCha8([32]byte{1})
	contents = map[string][]byte{largeFile: make([]byte, 900_000), mediumFile: make([]byte, 5000), script: bytes.Repeat([]byte("let a = 1;\n"), 100)}
	files := fstest.MapFS{"index.html": {Data: []byte(builtIndex)}}
	for path, content := range contents {
		if path != script {
			_, _ = random.Read(content)
		}
		files[path[1:]] = &fstest.MapFile{Data: content}
	}
	return files, contents
}

func TestPipelinedRequestsGetTheirOwnCompleteFiles(t *testing.T) {
	app, contents := appWithLargeFiles()
	h := start(t, func(s *Server) { s.App = app })
	conn, err := net.Dial("tcp", h.base[len("http://"):])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	requests := []struct{ method, path string }{
		{"GET", largeFile}, {"GET", script}, {"HEAD", largeFile}, {"GET", mediumFile}, {"GET", largeFile}, {"GET", "/assets/none.js"}, {"GET", mediumFile},
	}
	go func() {
		for _, r := range requests {
			_, _ = io.WriteString(conn, r.method+" "+r.path+" HTTP/1.1\r\nHost: x\r\n\r\n")
		}
	}()
	responses := bufio.NewReader(conn)
	for _, r := range requests {
		response, err := http.ReadResponse(responses, &http.Request{Method: r.method})
		if err != nil {
			t.Fatalf("%s %s: %v", r.method, r.path, err)
		}
		body, err := io.ReadAll(response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil {
			t.Fatalf("%s %s: %v", r.method, r.path, err)
		}
		content, exists := contents[r.path]
		switch {
		case !exists:
			if response.StatusCode != http.StatusNotFound {
				t.Errorf("%s: got %d, want 404", r.path, response.StatusCode)
			}
		case response.ContentLength != int64(len(content)):
			t.Errorf("%s %s: got the length %d, want %d", r.method, r.path, response.ContentLength, len(content))
		case r.method == http.MethodHead && len(body) != 0, r.method == http.MethodGet && !bytes.Equal(body, content):
			t.Errorf("%s %s: got %d other bytes", r.method, r.path, len(body))
		}
	}
}

func TestALargeFileIsCompleteUnderTLS(t *testing.T) {
	app, contents := appWithLargeFiles()
	h := newFixture(t)
	h.App = app
	tlsServer := httptest.NewTLSServer(nil)
	defer tlsServer.Close()
	listener := Guard(listenOnLoopback(t))
	serveOn(t, h.Public(), Secure(listener, &tls.Config{Certificates: tlsServer.TLS.Certificates}, publicURL))
	for range 2 { // the second request uses the same connection
		response, err := tlsServer.Client().Get("https://" + listener.Addr().String() + largeFile)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || !bytes.Equal(body, contents[largeFile]) {
			t.Errorf("got %d bytes, %v, want the file", len(body), err)
		}
	}
}

// recordingConn is a connection that records each write.
type recordingConn struct {
	net.Conn
	writes []string
}

func (c *recordingConn) Write(bytes []byte) (int, error) {
	c.writes = append(c.writes, string(bytes))
	return len(bytes), nil
}

func TestALargeBodyIsWrittenOnceAfterItsHeadersAndNotCopied(t *testing.T) {
	conn := &recordingConn{}
	guarded := &guardedConn{Conn: conn}
	buffer := bufio.NewWriter(guarded)
	_, _ = buffer.WriteString("headers ")
	body := &bodyStream{body: []byte("body"), conn: guarded}
	if n, err := body.WriteTo(buffer); n != 4 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	_, _ = buffer.WriteString("next")
	_ = buffer.Flush()
	if got, want := conn.writes, []string{"headers ", "body", "next"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
