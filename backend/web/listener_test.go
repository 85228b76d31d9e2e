package web

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// failingListener is a listener whose Accept returns these errors before it accepts.
type failingListener struct {
	net.Listener
	errs []error
}

func (f *failingListener) Accept() (net.Conn, error) {
	if len(f.errs) > 0 {
		err := &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", f.errs[0])}
		f.errs = f.errs[1:]
		return nil, err
	}
	return f.Listener.Accept()
}

func listenOnLoopback(t *testing.T) net.Listener {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// connect opens a connection and returns both ends.
func connect(t *testing.T, to net.Listener) (client net.Conn, served *guardedConn) {
	t.Helper()
	client, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(t.Context(), "tcp", to.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := to.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = client.Close(), conn.Close() })
	return client, conn.(*guardedConn)
}

// ageConnections makes connections old enough to be closed for others.
func ageConnections(served ...*guardedConn) {
	for _, conn := range served {
		conn.waitsSince = time.Now().Add(-minWait)
	}
}

// isOpen reports whether a byte from the server reaches the client.
func isOpen(t *testing.T, client net.Conn, served *guardedConn) bool {
	t.Helper()
	_, _ = io.WriteString(served, "x")
	if err := client.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := client.Read(make([]byte, 1))
	return err == nil
}

func TestTheServerSurvivesALackOfFileDescriptors(t *testing.T) {
	for _, lack := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		h := newFixture(t)
		base := serveOn(t, h.Public(), Guard(&failingListener{listenOnLoopback(t), []error{lack, lack, lack}}))
		if answer := raw(t, base, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); answer[:12] != "HTTP/1.1 200" {
			t.Errorf("after %v: got %q", lack, answer)
		}
	}
}

func TestALackOfFileDescriptorsClosesTheConnectionThatWaitsLongest(t *testing.T) {
	failing := &failingListener{listenOnLoopback(t), nil}
	listener := Guard(failing)
	first, served := connect(t, listener)
	failing.errs = []error{syscall.EMFILE}
	ageConnections(served)
	second, served2 := connect(t, listener)
	if isOpen(t, first, served) {
		t.Error("the connection that waited is still open")
	}
	if !isOpen(t, second, served2) {
		t.Error("the new connection is not open")
	}
}

// Otherwise the kernel buffers megabytes for every client that does not read.
func TestTheKernelBuffersLittleForAClientThatDoesNotRead(t *testing.T) {
	_, served := connect(t, Guard(listenOnLoopback(t)))
	if err := served.SetWriteDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	written, err := served.Write(make([]byte, 64<<20))
	if !errors.Is(err, os.ErrDeadlineExceeded) || written > 1<<20 {
		t.Errorf("the kernel took %d bytes, with the error %v", written, err)
	}
}

func TestAClosedListenerReturnsErrClosed(t *testing.T) {
	listener := Guard(listenOnLoopback(t))
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
}

func TestAFullListenerClosesTheConnectionThatWaitsLongest(t *testing.T) {
	listener := &guardedListener{Listener: listenOnLoopback(t), firstByteTimeout: readTimeout, conns: connections{limit: 2}}
	first, served1 := connect(t, listener)
	second, served2 := connect(t, listener)
	whileHandling(served1, func() {}) // it waits since this request
	ageConnections(served1, served2)
	third, served3 := connect(t, listener)
	if isOpen(t, second, served2) {
		t.Error("the connection that waited longest is still open")
	}
	if !isOpen(t, first, served1) || !isOpen(t, third, served3) {
		t.Error("another connection was closed")
	}
}

func TestAConnectionWithABusyHandlerIsNotClosed(t *testing.T) {
	listener := &guardedListener{Listener: listenOnLoopback(t), firstByteTimeout: readTimeout, conns: connections{limit: 2}}
	first, served1 := connect(t, listener)
	second, served2 := connect(t, listener)
	ageConnections(served1, served2)
	whileHandling(served1, func() {
		if third, served3 := connect(t, listener); !isOpen(t, third, served3) {
			t.Error("the new connection is not open")
		}
		if isOpen(t, second, served2) {
			t.Error("the connection that waits is still open")
		}
		if !isOpen(t, first, served1) {
			t.Error("the busy connection was closed")
		}
	})
}

// On a phone, the first request comes some hundred milliseconds after the connection.
func TestANewConnectionIsNotClosed(t *testing.T) {
	listener := &guardedListener{Listener: listenOnLoopback(t), firstByteTimeout: readTimeout, conns: connections{limit: 9}}
	client, served := connect(t, listener)
	served.waitsSince = time.Now().Add(time.Hour) // still new, however slow this machine is
	if closed := listener.conns.closeLongest(spareFiles); closed != 0 || !isOpen(t, client, served) {
		t.Errorf("%d were closed, want 0", closed)
	}
	ageConnections(served)
	if closed := listener.conns.closeLongest(spareFiles); closed != 1 || isOpen(t, client, served) {
		t.Errorf("%d were closed after they had waited, want 1", closed)
	}
}

func TestAFullListenerAcceptsOnceAConnectionHasWaitedLongEnough(t *testing.T) {
	listener := &guardedListener{Listener: listenOnLoopback(t), firstByteTimeout: readTimeout, conns: connections{limit: 1}}
	first, served1 := connect(t, listener)
	second, served2 := connect(t, listener)
	if waited := served2.waitsSince.Sub(served1.waitsSince); waited < minWait {
		t.Errorf("the first connection was closed after %s, want at least %s", waited, minWait)
	}
	if isOpen(t, first, served1) || !isOpen(t, second, served2) {
		t.Error("the second connection did not replace the first")
	}
}

func TestClosedConnectionsAreNotCounted(t *testing.T) {
	listener := &guardedListener{Listener: listenOnLoopback(t), firstByteTimeout: readTimeout, conns: connections{limit: 2}}
	first, served := connect(t, listener)
	for range 5 {
		_, other := connect(t, listener)
		_ = other.Close()
		_ = other.Close()
	}
	if !isOpen(t, first, served) || listener.conns.open != 1 || listener.conns.waiting.Len() != 1 {
		t.Errorf("%d are counted as open and %d as waiting, want 1 of each", listener.conns.open, listener.conns.waiting.Len())
	}
}

// A client that sends a request when the timeout ends would take the answer for its own.
func TestAConnectionWithoutARequestIsClosedWithoutAnAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		sent       string
		isAnswered bool
	}{
		"nothing":          {"", false},
		"half a request":   {"GET /livez HT", true},
		"half its headers": {"GET /livez HTTP/1.1\r\nHost: x\r\n", true},
		"half a body":      {"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", true},
	} {
		t.Run(name, func(t *testing.T) {
			const timeout = 50 * time.Millisecond
			app := newFixture(t).Public()
			app.Server().ReadTimeout = timeout
			base := serveOn(t, app, &guardedListener{Listener: listenOnLoopback(t), firstByteTimeout: timeout, conns: connections{limit: 9}})
			client, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(t.Context(), "tcp", base[len("http://"):])
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			if _, err := io.WriteString(client, c.sent); err != nil {
				t.Fatal(err)
			}
			answer, _ := io.ReadAll(client)
			if got := len(answer) > 0; got != c.isAnswered {
				t.Errorf("got %q", answer)
			}
		})
	}
}

// Load balancers send requests on a connection that was idle for up to 60 s.
func TestAnIdleConnectionIsKeptLongerThanLoadBalancersKeepIt(t *testing.T) {
	app := newFixture(t).Public()
	// This starts fasthttp's goroutine for the Date header, which must be outside the bubble.
	getOnce(t, serveOn(t, app, listenOnLoopback(t))+"/livez")
	synctest.Test(t, func(t *testing.T) {
		client, served := net.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = app.Server().ServeConn(served) // returns the timeout
		}()
		answers := bufio.NewReader(client)
		post := func(after time.Duration) {
			t.Helper()
			time.Sleep(after)
			if _, err := io.WriteString(client, "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
				t.Fatalf("after %s: %v", after, err)
			}
			answer, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatalf("after %s: %v", after, err)
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusUnsupportedMediaType || answer.Close {
				t.Errorf("after %s: got %d, closing %v", after, answer.StatusCode, answer.Close)
			}
		}
		post(0)
		post(60 * time.Second)
		post(70 * time.Second)
		idleSince := time.Now()
		if _, err := answers.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want the connection closed", err)
		}
		if kept := time.Since(idleSince); kept != idleTimeout {
			t.Errorf("the connection was kept for %s, want %s", kept, idleTimeout)
		}
		<-ended
	})
}
