package mail

import (
	"bufio"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// keepBusy keeps senders busy until the test calls the function that it returns, which returns the longest time of a letter.
func keepBusy(t *testing.T, transport *SMTP, count int) (stop func() time.Duration) {
	t.Helper()
	done := make(chan struct{})
	var mu sync.Mutex
	var longest time.Duration
	var senders sync.WaitGroup
	for range count {
		senders.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				begun := time.Now()
				mustSend(t, transport)
				mu.Lock()
				longest = max(longest, time.Since(begun))
				mu.Unlock()
			}
		})
	}
	return func() time.Duration {
		close(done)
		senders.Wait()
		return longest
	}
}

// Many servers refuse further connections with 421, some with a permanent answer or without a word.
func TestARefusalOfAFurtherConnectionMayHaveAnyForm(t *testing.T) {
	for _, refusal := range []string{"421\r\n", "450 4.7.1 slow down\r\n", "554 5.3.2 too many connections\r\n"} {
		server := &smallServer{limit: 2, refusal: refusal, waits: map[string]time.Duration{".": 100 * time.Millisecond}}
		withSmallServer(t, server, func(t *testing.T, transport *SMTP) { sendMany(t, transport, 50) })
	}
}

func TestAServerThatHangsUpOnFurtherConnectionsGetsAllLetters(t *testing.T) {
	server := &smallServer{limit: 2, waits: map[string]time.Duration{".": 100 * time.Millisecond}}
	server.hangsUp = true
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) { sendMany(t, transport, 50) })
}

func TestARecipientThatIsRefusedIsTriedOverTwoConnectionsAtMost(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 100 * time.Millisecond}}
	tries := 0
	server.answer = func(_ int, command string) string {
		if command == "RCPT" && strings.Contains(server.lines[len(server.lines)-1], "full@") {
			tries++
			return "452 4.2.2 mailbox full\r\n"
		}
		return "-"
	}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		stop := keepBusy(t, transport, 7)
		time.Sleep(2 * time.Second)
		m := exampleMessage
		m.To = "full@example.jp"
		if refused := (*RefusedError)(nil); !errors.As(transport.Send(t.Context(), m), &refused) || tries > 2 {
			t.Errorf("got the refusal %v after %d tries, want it after 2 at most", refused, tries)
		}
		stop()
	})
}

// Each letter needs a connection of its own, and no letter may wait behind those that came later.
func TestAServerThatTakesOneLetterOverAConnectionGetsThemInOrder(t *testing.T) {
	for _, senders := range []int{2, 7, 8} {
		server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 500 * time.Millisecond}}
		taken := map[int]int{}
		server.answer = func(connection int, command string) string {
			switch {
			case command == ".":
				taken[connection]++
			case command == "MAIL" && taken[connection] == 1:
				return "452 4.5.3 too many messages this session\r\n"
			}
			return "-"
		}
		withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
			stop := keepBusy(t, transport, senders)
			time.Sleep(10 * time.Minute)
			if longest := stop(); longest > time.Duration(senders)*time.Second {
				t.Errorf("with %d senders a letter took %s, want %d s at most", senders, longest, senders)
			}
		})
	}
}

// Every refusalLifetime the letter that has waited longest tries to open a connection.
func TestALetterThatIsRefusedAConnectionStaysTheNext(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 5 * time.Second}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		stop := keepBusy(t, transport, 8)
		time.Sleep(10 * time.Minute)
		if longest := stop(); longest > 45*time.Second {
			t.Errorf("a letter took %s, want 45 s at most", longest)
		}
		if refused, _, _ := server.counts(); refused > 7+11*6 {
			t.Errorf("%d connections were refused in ten minutes, want one every %s", refused, refusalLifetime)
		}
	})
}

func TestLettersThatWaitAreSentWhenTheServerTakesFurtherConnections(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 9 * time.Minute}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var first, others sync.WaitGroup
		first.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		server.waits = map[string]time.Duration{".": time.Second}
		begun := time.Now()
		for range 7 {
			others.Go(func() { mustSend(t, transport) })
		}
		synctest.Wait()
		server.set(8)
		others.Wait()
		if took := time.Since(begun); took != refusalLifetime+time.Second {
			t.Errorf("the letters were sent after %s, want %s, all at a time", took, refusalLifetime+time.Second)
		}
		first.Wait()
	})
}

// The second connection is closed while the first one hangs. The server takes another one at once.
func TestAPlaceAtTheServerIsUsedAgainAtOnce(t *testing.T) {
	server := &smallServer{limit: 2, waits: map[string]time.Duration{".": 9 * time.Minute}}
	server.answer = func(connection int, command string) string {
		if command == "." && connection > 1 {
			return "451 4.3.0 later\r\n"
		}
		return "-"
	}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var first, others sync.WaitGroup
		first.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		server.waits = map[string]time.Duration{".": time.Second}
		begun := time.Now()
		for range 3 {
			others.Go(func() {
				if refused := (*RefusedError)(nil); !errors.As(send(t, transport), &refused) {
					t.Error("a letter was not refused by the server")
				}
			})
		}
		others.Wait()
		if took := time.Since(begun); took != 3*time.Second {
			t.Errorf("got the answers after %s, want 3 s", took)
		}
		first.Wait()
	})
}

func TestAllConnectionsAreOpenedAfterAServerTookNone(t *testing.T) {
	server := &smallServer{limit: 0, waits: map[string]time.Duration{".": time.Second}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		wantUnreached(t, send(t, transport), 421, "4.7.0")
		server.set(8)
		if took := sendMany(t, transport, 64); took != 8*time.Second {
			t.Errorf("64 letters took %s, want 8 s", took)
		}
	})
}

func TestALetterThatGivesUpItsConnectionFailsNoOtherLetter(t *testing.T) {
	inBubble(t, map[string]time.Duration{"greeting": 10 * time.Second}, func(t *testing.T, transport *SMTP, _ *scripted) {
		ctx, leave := context.WithCancel(t.Context())
		var senders sync.WaitGroup
		senders.Go(func() {
			if err := transport.Send(ctx, exampleMessage); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the letter given up", err)
			}
		})
		synctest.Wait()
		senders.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		leave()
		senders.Wait()
	}, func(settings *SMTPSettings) { settings.Connections = 1 })
}

// bareConn is a connection that only counts as open until it is closed.
type bareConn struct {
	net.Conn
	left func()
}

func (bareConn) Write([]byte) (int, error) { return 0, net.ErrClosed }
func (c bareConn) Close() error            { c.left(); return nil }

// Whatever fails, no connection has two letters, no letter waits beside an idle connection or for none, and nothing is left.
func TestThePoolCountsItsConnectionsWhateverFails(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			limit, taken := 1+int(seed%8), int(seed%4)
			var mu sync.Mutex
			open, used := 0, map[*conversation]bool{}
			dice := func() float64 { mu.Lock(); defer mu.Unlock(); return random.Float64() }
			wait := func(longest time.Duration) { time.Sleep(time.Duration(dice() * float64(longest))) }
			p := &pool{keep: 3 * time.Second, limit: limit}
			p.connect = func(ctx context.Context) (*conversation, error) {
				wait(time.Second)
				fails := dice() < 0.05
				mu.Lock()
				defer mu.Unlock()
				switch {
				case ctx.Err() != nil || fails:
					return nil, &UnreachedError{Err: errors.New("reset")}
				case open >= taken:
					return nil, &UnreachedError{Code: 421, Err: errors.New("greeting")}
				}
				open++
				conn := bareConn{left: sync.OnceFunc(func() { mu.Lock(); defer mu.Unlock(); open-- })}
				return &conversation{conn: conn, stream: conn, reader: bufio.NewReader(conn)}, nil
			}
			var letters sync.WaitGroup
			for range 8 {
				letters.Go(func() {
					for range 40 {
						ctx, cancel := context.WithTimeout(t.Context(), time.Duration(dice()*float64(20*time.Second)))
						if c, err := p.get(ctx); err == nil {
							mu.Lock()
							if used[c] {
								t.Error("a connection has two letters")
							}
							used[c] = true
							mu.Unlock()
							wait(time.Second)
							c.broken = dice() < 0.3
							mu.Lock()
							delete(used, c)
							mu.Unlock()
							p.put(ctx, c)
						} else {
							wait(time.Second)
						}
						cancel()
						p.mu.Lock()
						if p.open < 0 || p.open > limit || len(p.waiting) > 0 && (len(p.idle) > 0 || p.open == 0) {
							t.Errorf("%d connections are open, %d of them idle; %d letters wait", p.open, len(p.idle), len(p.waiting))
						}
						p.mu.Unlock()
					}
				})
			}
			if seed%3 == 0 {
				wait(20 * time.Second)
				p.shut()
			}
			letters.Wait()
			time.Sleep(10 * time.Second) // all idle ones expire
			p.shut()
			if p.open != 0 || open != 0 {
				t.Errorf("seed %d: %d connections are counted and %d open at the end, want none", seed, p.open, open)
			}
		})
	}
}
