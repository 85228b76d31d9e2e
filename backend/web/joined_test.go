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

const largeFile, fairFile = "/assets/large-1.js", "/assets/fair-1.js"

// appWithLargeFiles has a file that is larger than a connection's buffers, and one that is not.
func appWithLargeFiles() (app fs.FS, contents map[string][]byte) {
	random := rand.NewChaCha8([32]byte{1})
	contents = map[string][]byte{largeFile: make([]byte, 900_000), fairFile: make([]byte, 5000), script: bytes.Repeat([]byte("let a = 1;\n"), 100)}
	files := fstest.MapFS{"index.html": {Data: []byte(builtIndex)}}
	for path, content := range contents {
		if path != script {
			_, _ = random.Read(content)
		}
		files[path[1:]] = &fstest.MapFile{Data: content}
	}
	return files, contents
}

func TestRequestsThatFollowEachOtherUnansweredGetTheirOwnFilesWhole(t *testing.T) {
	app, contents := appWithLargeFiles()
	h := start(t, func(s *Server) { s.App = app })
	conn, err := net.Dial("tcp", h.base[len("http://"):])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	asked := []struct{ method, path string }{
		{"GET", largeFile}, {"GET", script}, {"HEAD", largeFile}, {"GET", fairFile}, {"GET", largeFile}, {"GET", "/assets/none.js"}, {"GET", fairFile},
	}
	go func() {
		for _, a := range asked {
			_, _ = io.WriteString(conn, a.method+" "+a.path+" HTTP/1.1\r\nHost: x\r\n\r\n")
		}
	}()
	answers := bufio.NewReader(conn)
	for _, a := range asked {
		answer, err := http.ReadResponse(answers, &http.Request{Method: a.method})
		if err != nil {
			t.Fatalf("%s %s: %v", a.method, a.path, err)
		}
		body, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			t.Fatalf("%s %s: %v", a.method, a.path, err)
		}
		content, exists := contents[a.path]
		switch {
		case !exists:
			if answer.StatusCode != http.StatusNotFound {
				t.Errorf("%s: got %d, want 404", a.path, answer.StatusCode)
			}
		case answer.ContentLength != int64(len(content)):
			t.Errorf("%s %s: got the length %d, want %d", a.method, a.path, answer.ContentLength, len(content))
		case a.method == http.MethodHead && len(body) != 0, a.method == http.MethodGet && !bytes.Equal(body, content):
			t.Errorf("%s %s: got %d bytes, which are not the file", a.method, a.path, len(body))
		}
	}
}

func TestALargeFileIsWholeUnderTLS(t *testing.T) {
	app, contents := appWithLargeFiles()
	h := newFixture(t)
	h.App = app
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	listener := Guard(listenOnLoopback(t))
	serveOn(t, h.Public(), Secure(listener, &tls.Config{Certificates: certified.TLS.Certificates}, publicURL))
	for range 2 { // the second request takes the same connection
		answer, err := certified.Client().Get("https://" + listener.Addr().String() + largeFile)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || !bytes.Equal(body, contents[largeFile]) {
			t.Errorf("got %d bytes, %v, want the file", len(body), err)
		}
	}
}

// writes is a connection that records what is written to it.
type writes struct {
	net.Conn
	all []string
}

func (w *writes) Write(bytes []byte) (int, error) {
	w.all = append(w.all, string(bytes))
	return len(bytes), nil
}

func TestALargeBodyFollowsItsHeadersOnceAndIsNotCopied(t *testing.T) {
	conn := &writes{}
	guarded := &guardedConn{Conn: conn}
	buffer := bufio.NewWriter(guarded)
	_, _ = buffer.WriteString("headers ")
	body := &joinedBody{body: []byte("body"), conn: guarded}
	if n, err := body.WriteTo(buffer); n != 4 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	_, _ = buffer.WriteString("next")
	_ = buffer.Flush()
	if got, want := conn.all, []string{"headers ", "body", "next"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
