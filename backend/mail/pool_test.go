package mail

import (
	"cmp"
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// smallServer is a scripted server that takes at most limit connections at a time. It refuses others with the greeting
// refusal, or with 421. It is slow as waits says.
type smallServer struct {
	scripted
	waits   map[string]time.Duration
	refusal string
	hangsUp bool          // without a greeting
	silent  bool          // it does not greet
	late    time.Duration // how long it counts a connection after it has answered QUIT

	mu                    sync.Mutex
	limit, refused, dials int
	open, most            int
}

// dial connects a client.
func (s *smallServer) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dials++
	if s.open == s.limit {
		s.refused++
		if s.silent {
			return client, nil
		}
		if s.hangsUp {
			_ = server.Close()
			return client, nil
		}
		refusing := &scripted{answers: map[string]string{"greeting": cmp.Or(s.refusal, "421 4.7.0 too many connections\r\n")}}
		go refusing.serve(server)
		return client, nil
	}
	s.open++
	s.most = max(s.most, s.open)
	left := sync.OnceFunc(func() {
		time.Sleep(s.late)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
	})
	counted := &countedUntilQuit{slowConn{Conn: server, waits: s.waits, command: "greeting"}, left, s.late}
	go func() {
		s.serve(counted)
		left()
	}()
	return client, nil
}

// countedUntilQuit is a connection that the server counts until it answers QUIT.
type countedUntilQuit struct {
	slowConn
	left func()
	late time.Duration
}

func (c *countedUntilQuit) Write(p []byte) (int, error) {
	if c.command != "QUIT" {
		return c.slowConn.Write(p)
	}
	time.Sleep(c.waits["QUIT"])
	if c.late > 0 {
		return c.Conn.Write(p) // it is counted until serve ends
	}
	c.left()
	return c.Conn.Write(p)
}

func (s *smallServer) set(limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = limit
}

// setWaits makes the server as slow as waits says on connections that it takes from now on.
func (s *smallServer) setWaits(waits map[string]time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = waits
}

// limitLetters makes the server take so many letters over each connection.
func (s *smallServer) limitLetters(limit int) {
	taken := map[int]int{}
	s.answer = func(connection int, command string) string {
		switch {
		case command == ".":
			taken[connection]++
		case command == "MAIL" && taken[connection] == limit:
			return "452 4.5.3 too many messages this session\r\n"
		}
		return "-"
	}
}

// counts returns how many connections were refused, how many were tried, and how many were open at most.
func (s *smallServer) counts() (refused, dials, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused, s.dials, s.most
}

// withSmallServer runs a test with a transport of 8 connections in a bubble of synctest.
func withSmallServer(t *testing.T, s *smallServer, test func(t *testing.T, transport *SMTP)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		transport := newTransport(t, &sink{}, func(settings *SMTPSettings) { settings.dial, settings.Connections = s.dial, 8 })
		test(t, transport)
		_ = transport.Close()
		time.Sleep(never) // until the server's side has ended too
	})
}

// sendMany sends letters with 8 senders, and returns how long it took.
func sendMany(t *testing.T, transport *SMTP, letters int) time.Duration {
	t.Helper()
	begun, queue := time.Now(), make(chan struct{}, letters)
	for range letters {
		queue <- struct{}{}
	}
	close(queue)
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for range queue {
				mustSend(t, transport)
			}
		})
	}
	senders.Wait()
	return time.Since(begun)
}

// A server that takes fewer connections than SMTP_CONNECTIONS gets all letters, as fast as these connections take them.
func TestLettersShareTheConnectionsThatTheServerTakes(t *testing.T) {
	for name, tried := range map[string]struct {
		limit int
		waits map[string]time.Duration
		took  time.Duration
	}{
		"one":                   {1, map[string]time.Duration{".": 100 * time.Millisecond}, 20 * time.Second},
		"five":                  {5, map[string]time.Duration{".": 100 * time.Millisecond}, 4 * time.Second},
		"two, a slow greeting":  {2, map[string]time.Duration{"greeting": time.Second, ".": 100 * time.Millisecond}, 11 * time.Second},
		"as many as there are":  {8, map[string]time.Duration{".": 100 * time.Millisecond}, 2500 * time.Millisecond},
		"one, after each reply": {1, map[string]time.Duration{"any": 10 * time.Millisecond}, 9 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			server := &smallServer{limit: tried.limit, waits: tried.waits}
			withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
				took := sendMany(t, transport, 200)
				if letters, _ := server.count(); letters != 200 || took > tried.took {
					t.Errorf("got %d letters in %s, want 200 within %s", letters, took, tried.took)
				}
				if refused, _, most := server.counts(); refused > 12 || most != tried.limit {
					t.Errorf("%d connections were refused and %d were open at most, want 12 and %d at most", refused, most, tried.limit)
				}
			})
		})
	}
}

func TestFurtherConnectionsAreOpenedWhenTheServerTakesThemAgain(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 100 * time.Millisecond}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		sendMany(t, transport, 50)
		server.set(8)
		time.Sleep(refusalLifetime)
		sendMany(t, transport, 50)
		if _, _, most := server.counts(); most != 8 {
			t.Errorf("%d connections were open at most, want 8", most)
		}
	})
}

// The next connection is opened only when the former one is closed, since the server counts it until then.
func TestAServerThatTakesOneConnectionAndThreeLettersOverItGetsAll(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{"QUIT": time.Second}}
	server.limitLetters(3)
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		sendMany(t, transport, 45)
		if letters, connections := server.count(); letters != 45 || connections != 15 {
			t.Errorf("got %d letters over %d connections, want 45 over 15", letters, connections)
		}
	})
}

// Each letter is refused, so no connection is given to the next letter.
func TestALetterThatWaitsOpensAConnectionWhenTheLastOneIsClosed(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": time.Second}}
	server.answers = map[string]string{".": "451 4.3.0 later\r\n"}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		begun := time.Now()
		var senders sync.WaitGroup
		for range 8 {
			senders.Go(func() {
				if refused := (*RefusedError)(nil); !errors.As(send(t, transport), &refused) {
					t.Error("a letter was not refused by the server")
				}
			})
		}
		senders.Wait()
		if took := time.Since(begun); took != 8*time.Second {
			t.Errorf("got the answers after %s, want 8 s", took)
		}
	})
}

func TestAServerThatRefusesEveryConnectionIsReportedSoon(t *testing.T) {
	server := &smallServer{limit: 0}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		begun := time.Now()
		var senders sync.WaitGroup
		for range 8 {
			senders.Go(func() { wantUnreached(t, send(t, transport), 421, "4.7.0") })
		}
		senders.Wait()
		if _, dials, _ := server.counts(); dials > 9 || time.Since(begun) > closingTime {
			t.Errorf("got %d connections in %s, want 9 at most within %s", dials, time.Since(begun), closingTime)
		}
	})
}

// A conversation that hangs over the only connection holds up the other letters for upToDataTimeout, not for as long as it
// hangs.
func TestALetterDoesNotWaitForEverForTheOnlyConnection(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 9 * time.Minute}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var first sync.WaitGroup
		first.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		begun := time.Now()
		var others sync.WaitGroup
		for range 7 {
			others.Go(func() { wantUnreached(t, send(t, transport), 0, "") })
		}
		others.Wait()
		if waited := time.Since(begun); waited != upToDataTimeout {
			t.Errorf("waited for %s, want %s", waited, upToDataTimeout)
		}
		first.Wait()
	})
}

func TestALetterThatNoLongerWaitsLeavesTheConnectionToTheNext(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 30 * time.Second}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var senders sync.WaitGroup
		senders.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		ctx, leave := context.WithCancel(t.Context())
		senders.Go(func() {
			if err := transport.Send(ctx, exampleMessage); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the wait given up", err)
			}
		})
		synctest.Wait()
		senders.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		leave()
		senders.Wait()
		if letters, connections := server.count(); letters != 2 || connections != 1 {
			t.Errorf("got %d letters over %d connections, want 2 over 1", letters, connections)
		}
	})
}

func TestLettersThatWaitForAConnectionFailWhenTheTransportIsClosed(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 30 * time.Second}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var senders sync.WaitGroup
		senders.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		for range 3 {
			senders.Go(func() {
				if err := send(t, transport); !errors.Is(err, errClosed) {
					t.Errorf("got %v, want the transport closed", err)
				}
			})
		}
		synctest.Wait()
		_ = transport.Close()
		senders.Wait()
	})
}
