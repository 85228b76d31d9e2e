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

// failing is a listener that errs before it accepts.
type failing struct {
	net.Listener
	with []error
}

func (f *failing) Accept() (net.Conn, error) {
	if len(f.with) > 0 {
		err := &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", f.with[0])}
		f.with = f.with[1:]
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

// join opens a connection, and gives both ends of it.
func join(t *testing.T, to net.Listener) (client net.Conn, served *guardedConn) {
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

// hasWaited lets connections have waited for long enough to give way.
func hasWaited(served ...*guardedConn) {
	for _, conn := range served {
		conn.since = time.Now().Add(-leastWait)
	}
}

// isOpen says whether the other end has not closed; what it writes is not looked at.
func isOpen(t *testing.T, client net.Conn, other *guardedConn) bool {
	t.Helper()
	_, _ = io.WriteString(other, "x")
	if err := client.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := client.Read(make([]byte, 1))
	return err == nil
}

func TestALackOfFilesDoesNotEndTheServer(t *testing.T) {
	for _, lack := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		h := newFixture(t)
		base := serveOn(t, h.Public(), Guard(&failing{listenOnLoopback(t), []error{lack, lack, lack}}))
		if answer := raw(t, base, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); answer[:12] != "HTTP/1.1 200" {
			t.Errorf("after %v: got %q", lack, answer)
		}
	}
}

func TestALackOfFilesFreesThoseOfConnectionsThatWait(t *testing.T) {
	failing := &failing{listenOnLoopback(t), nil}
	listener := Guard(failing)
	first, served := join(t, listener)
	failing.with = []error{syscall.EMFILE}
	hasWaited(served)
	second, served2 := join(t, listener)
	if isOpen(t, first, served) {
		t.Error("the one that waited is still open")
	}
	if !isOpen(t, second, served2) {
		t.Error("the one that came afterwards is not open")
	}
}

// The kernel would take megabytes for every client that asks and does not read.
func TestTheKernelBuffersLittleForWhoDoesNotRead(t *testing.T) {
	_, served := join(t, Guard(listenOnLoopback(t)))
	if err := served.SetWriteDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	written, err := served.Write(make([]byte, 64<<20))
	if !errors.Is(err, os.ErrDeadlineExceeded) || written > 1<<20 {
		t.Errorf("got %d bytes taken and %v", written, err)
	}
}

func TestAListenerThatIsClosedIsClosed(t *testing.T) {
	listener := Guard(listenOnLoopback(t))
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
}

func TestTheConnectionThatWaitsLongestGivesWay(t *testing.T) {
	listener := &guarded{Listener: listenOnLoopback(t), firstByte: readTimeout, crowd: crowd{most: 2}}
	first, served1 := join(t, listener)
	second, served2 := join(t, listener)
	serving(served1, func() {}) // its answer was the last
	hasWaited(served1, served2)
	third, served3 := join(t, listener)
	if isOpen(t, second, served2) {
		t.Error("the one that waited longest is still open")
	}
	if !isOpen(t, first, served1) || !isOpen(t, third, served3) {
		t.Error("another one gave way")
	}
}

func TestAConnectionWhoseRequestIsBeingServedDoesNotGiveWay(t *testing.T) {
	listener := &guarded{Listener: listenOnLoopback(t), firstByte: readTimeout, crowd: crowd{most: 2}}
	first, served1 := join(t, listener)
	second, served2 := join(t, listener)
	hasWaited(served1, served2)
	serving(served1, func() {
		if third, served3 := join(t, listener); !isOpen(t, third, served3) {
			t.Error("the new one is not open")
		}
		if isOpen(t, second, served2) {
			t.Error("the one that waits is still open")
		}
		if !isOpen(t, first, served1) {
			t.Error("the one that is served gave way")
		}
	})
}

// A client's first request comes after its connection, on a phone by some hundred milliseconds.
func TestAConnectionThatHasJustComeDoesNotGiveWay(t *testing.T) {
	listener := &guarded{Listener: listenOnLoopback(t), firstByte: readTimeout, crowd: crowd{most: 9}}
	client, served := join(t, listener)
	served.since = time.Now().Add(time.Hour) // however slow this machine is, it has just come
	if closed := listener.crowd.giveWay(spareFiles); closed != 0 || !isOpen(t, client, served) {
		t.Errorf("%d gave way", closed)
	}
	hasWaited(served)
	if closed := listener.crowd.giveWay(spareFiles); closed != 1 || isOpen(t, client, served) {
		t.Errorf("%d gave way afterwards; want 1", closed)
	}
}

func TestAFullListenerAcceptsOnceAConnectionHasWaitedLongEnough(t *testing.T) {
	listener := &guarded{Listener: listenOnLoopback(t), firstByte: readTimeout, crowd: crowd{most: 1}}
	first, served1 := join(t, listener)
	second, served2 := join(t, listener)
	if waited := served2.since.Sub(served1.since); waited < leastWait {
		t.Errorf("the first one gave way after %s", waited)
	}
	if isOpen(t, first, served1) || !isOpen(t, second, served2) {
		t.Error("the second one did not take the place of the first one")
	}
}

func TestConnectionsThatAreClosedAreNotCounted(t *testing.T) {
	listener := &guarded{Listener: listenOnLoopback(t), firstByte: readTimeout, crowd: crowd{most: 2}}
	first, served := join(t, listener)
	for range 5 {
		_, other := join(t, listener)
		_ = other.Close()
		_ = other.Close()
	}
	if !isOpen(t, first, served) || listener.crowd.open != 1 || listener.crowd.waiting.Len() != 1 {
		t.Errorf("%d are counted and %d wait; one is open", listener.crowd.open, listener.crowd.waiting.Len())
	}
}

// A request that is on its way when the time runs out would take the answer for its own.
func TestAConnectionOnWhichNothingWasAskedIsClosedWithoutAnAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		sent    string
		answers bool
	}{
		"nothing":          {"", false},
		"half a request":   {"GET /livez HT", true},
		"half its headers": {"GET /livez HTTP/1.1\r\nHost: x\r\n", true},
		"half a body":      {"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", true},
	} {
		t.Run(name, func(t *testing.T) {
			const soon = 50 * time.Millisecond
			app := newFixture(t).Public()
			app.Server().ReadTimeout = soon
			base := serveOn(t, app, &guarded{Listener: listenOnLoopback(t), firstByte: soon, crowd: crowd{most: 9}})
			client, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(t.Context(), "tcp", base[len("http://"):])
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			if _, err := io.WriteString(client, c.sent); err != nil {
				t.Fatal(err)
			}
			answer, _ := io.ReadAll(client)
			if got := len(answer) > 0; got != c.answers {
				t.Errorf("got %q", answer)
			}
		})
	}
}

// Load balancers keep a connection for 60 s, and send a request on it until then.
func TestAConnectionIsKeptForLongerThanLoadBalancersKeepTheirs(t *testing.T) {
	app := newFixture(t).Public()
	// fasthttp keeps the time for the Date header in a goroutine of its own, which must not be of the bubble below.
	getOnce(t, serveOn(t, app, listenOnLoopback(t))+"/livez")
	synctest.Test(t, func(t *testing.T) {
		client, served := net.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = app.Server().ServeConn(served) // tells of the time that ran out
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
		idle := time.Now()
		if _, err := answers.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want the connection closed", err)
		}
		if kept := time.Since(idle); kept != idleTimeout {
			t.Errorf("it was kept for %s, want %s", kept, idleTimeout)
		}
		<-ended
	})
}
