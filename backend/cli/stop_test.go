package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/testkit"
	"aikagi/backend/web"
)

// statusOf returns the status of an answer, and whether the answer closes the connection.
func statusOf(t *testing.T, url string) (status int, closes bool) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode, answer.Close
}

func TestAServerServesForItsStopDelayAndASecondSignalSkipsTheDelay(t *testing.T) {
	t.Parallel()
	s := newSite(t, testkit.SQLite(t))
	s.stop()
	p := s.run("AIKAGI_STOP_DELAY=5m")
	s.base = p.base
	if got, _ := statusOf(t, p.operations+"/readyz"); got != 200 {
		t.Fatalf("before the stop: got %d from readyz", got)
	}
	p.signal(t, syscall.SIGTERM)
	p.says(t, "stopping")
	for _, base := range []string{p.base, p.operations} {
		eventually(t, "a server that is unready", func() bool {
			status, closes := statusOf(t, base+"/readyz")
			return status == 503 && closes
		})
	}
	if status, closes := statusOf(t, p.base+"/api/site"); status != 200 || !closes {
		t.Errorf("during the stop: got %d, closing %v; want 200 and Connection: close", status, closes)
	}
	s.browser().ask(taro, taroAddress)
	s.letters(1) // the workers still run

	p.signal(t, syscall.SIGTERM)
	if status := p.end(t); status.ExitStatus() != 0 {
		t.Errorf("the process ended with %d:\n%s", status.ExitStatus(), p.log.String())
	}
	if !strings.Contains(p.log.String(), "stopped") {
		t.Errorf("the log does not say that the server has stopped:\n%s", p.log.String())
	}
}

func TestAThirdSignalEndsTheProcessAtOnce(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	s.stop()
	p := s.run("AIKAGI_STOP_DELAY=5m")
	// The stop waits for a request that never ends.
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	p.signal(t, syscall.SIGINT)
	p.says(t, "stopping")
	p.signal(t, syscall.SIGINT)
	ended := make(chan syscall.WaitStatus, 1)
	go func() { ended <- p.end(t) }()
	for {
		select {
		case status := <-ended:
			if !status.Signaled() || status.Signal() != syscall.SIGINT {
				t.Errorf("the process ended with %v, want it ended by SIGINT:\n%s", status, p.log.String())
			}
			return
		case <-time.After(10 * time.Millisecond):
			_ = p.command.Process.Signal(syscall.SIGINT)
		}
	}
}

// outputs returns the kinds of log outputs, each with the end that reads it.
func outputs(t *testing.T) map[string]func() (write *os.File, read io.ReadCloser) {
	return map[string]func() (*os.File, io.ReadCloser){
		"a pipe": func() (*os.File, io.ReadCloser) {
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			return write, read
		},
		"a socket": func() (*os.File, io.ReadCloser) {
			pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
			if err != nil {
				t.Fatal(err)
			}
			return os.NewFile(uintptr(pair[0]), "write"), os.NewFile(uintptr(pair[1]), "read")
		},
	}
}

func TestAServerGoesOnWhenTheReaderOfItsLogIsGone(t *testing.T) {
	t.Parallel()
	for name, open := range outputs(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, testkit.SQLite(t))
			s.stop()
			write, read := open()
			p := s.launch(write, "AIKAGI_STOP_DELAY=0")
			_ = write.Close() // the process has its own copy
			lines := bufio.NewScanner(read)
			for p.base == "" && lines.Scan() {
				p.readsReady(lines.Text())
			}
			_ = read.Close()
			s.base = p.base
			for range 3 { // each is a line in the log
				s.browser().want(401, "POST", "/api/session", "login_id", taro, "password", "Wrong-pass1")
			}
			p.signal(t, syscall.SIGTERM)
			if status := p.end(t); !status.Exited() || status.ExitStatus() != 0 {
				t.Errorf("the process ended with %v", status)
			}
		})
	}
}

// hangs is an app and a transport that end only when until is closed.
type hangs struct{ until chan struct{} }

func (h hangs) Listener(net.Listener) error                   { <-h.until; return nil }
func (h hangs) ShutdownWithContext(ctx context.Context) error { <-ctx.Done(); <-h.until; return nil }
func (h hangs) Send(context.Context, mail.Message) error      { return nil }
func (h hangs) Check(context.Context) error                   { return nil }
func (h hangs) Close() error                                  { <-h.until; return nil }

func TestAStopTakesAtMostTenSeconds(t *testing.T) {
	for name, c := range map[string]struct {
		server func(h hangs) *server
		named  []string
	}{
		"requests":    {func(h hangs) *server { return &server{apps: []app{h, h}} }, []string{"the requests"}},
		"workers":     {func(h hangs) *server { s := &server{}; s.running.Go(func() { <-h.until }); return s }, []string{"the workers"}},
		"connections": {func(h hangs) *server { return &server{transport: h} }, []string{"the mail server's connections"}},
		"everything at once": {func(h hangs) *server {
			s := &server{apps: []app{h}, transport: h}
			s.running.Go(func() { <-h.until })
			return s
		}, []string{"the requests", "the workers", "the mail server's connections"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := hangs{make(chan struct{})}
				s, begun := c.server(h), time.Now()
				err := s.stop()
				if took := time.Since(begun); took > stopWithin {
					t.Errorf("it took %s, want %s at most", took, stopWithin)
				}
				for _, words := range c.named {
					if err == nil || !strings.Contains(err.Error(), words+" did not end in time") {
						t.Errorf("got %v, want %s named", err, words)
					}
				}
				close(h.until)
			})
		})
	}
}

func TestWorkersEndAfterTheLastRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		begun := time.Now()
		s := &server{apps: []app{appFunc(func() { time.Sleep(100 * time.Millisecond); order = append(order, "requests") })}}
		ctx, stopWorkers := context.WithCancel(t.Context())
		s.stopWorkers = stopWorkers
		s.running.Go(func() { <-ctx.Done(); order = append(order, "workers") })
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		if want := []string{"requests", "workers"}; !slices.Equal(order, want) || time.Since(begun) > 100*time.Millisecond {
			t.Errorf("ended %v after %s; want %v as soon as the requests have ended", order, time.Since(begun), want)
		}
	})
}

type appFunc func()

func (appFunc) Listener(net.Listener) error                   { return nil }
func (end appFunc) ShutdownWithContext(context.Context) error { end(); return nil }

func TestAServerThatCannotServeAnyLongerSkipsItsStopDelay(t *testing.T) {
	broken := errors.New("the listener broke")
	s := &server{failed: make(chan error, 1), readiness: web.NewReadiness(nil)}
	s.settings.StopDelay = time.Hour
	s.failed <- broken
	if err := s.drain(t.Context()); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}
