package store_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// freezingProxy is a proxy of a database server. When it is frozen, it accepts connections and data and returns none,
// like a server that was stopped with SIGSTOP.
type freezingProxy struct {
	listener net.Listener
	frozen   chan struct{}
	all      sync.WaitGroup
}

// newFreezingProxy starts a proxy that runs until the test ends.
func newFreezingProxy(t *testing.T, server string) *freezingProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	f := &freezingProxy{listener: listener, frozen: make(chan struct{})}
	ended, end := context.WithCancel(context.Background())
	f.all.Go(func() {
		for {
			outer, err := listener.Accept()
			if err != nil {
				return
			}
			f.all.Go(func() { f.pass(ended, outer, server) })
		}
	})
	t.Cleanup(func() {
		end()
		_ = listener.Close()
		f.all.Wait()
	})
	return f
}

func (f *freezingProxy) pass(ended context.Context, outer net.Conn, server string) {
	inner, err := (&net.Dialer{}).DialContext(ended, "tcp", server)
	if err != nil {
		_ = outer.Close()
		return
	}
	closed := make(chan struct{}, 2)
	f.all.Go(func() {
		_, _ = io.Copy(inner, outer)
		closed <- struct{}{}
	})
	f.all.Go(func() {
		_, _ = io.Copy(blockingWriter{outer, f.frozen, ended}, inner)
		closed <- struct{}{}
	})
	select {
	case <-closed:
	case <-ended.Done():
	}
	_ = inner.Close()
	_ = outer.Close()
}

// blockingWriter blocks each Write once frozen is closed.
type blockingWriter struct {
	net.Conn
	frozen chan struct{}
	ended  context.Context //nolint:containedctx // the test's own
}

func (g blockingWriter) Write(bytes []byte) (int, error) {
	select {
	case <-g.frozen:
		<-g.ended.Done()
		return 0, g.ended.Err()
	default:
		return g.Conn.Write(bytes)
	}
}

// openAtOnce opens connections and leaves them idle.
func openAtOnce(t *testing.T, s *store.Store, connections int) {
	t.Helper()
	var all, arrived sync.WaitGroup
	arrived.Add(connections)
	for range connections {
		all.Go(func() {
			err := s.Letters().InTx(t.Context(), func(mail.Store) error {
				arrived.Done()
				arrived.Wait() // so that each transaction gets a connection of its own
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestACallThatMeetsAFrozenHostMovesAllCallsToTheNextHost(t *testing.T) {
	settings := testkit.MySQL(t)
	server := settings.Hosts[0]
	first := newFreezingProxy(t, server)
	settings.Hosts = []string{first.listener.Addr().String(), server}
	s := testkit.Open(t, settings)
	openAtOnce(t, s, 16)
	close(first.frozen)

	claim := func(within time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		_, err := s.Letters().ClaimDue(ctx, "mine", now, now.Add(time.Minute), 10)
		return err
	}
	if err := claim(time.Second); err == nil {
		t.Fatal("a frozen host answered")
	}
	if err := claim(time.Minute); err != nil {
		t.Errorf("the next call: %v, want it answered by the next host", err)
	}
}
