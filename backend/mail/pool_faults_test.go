package mail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

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

func TestAfterAConnectionFailedAnotherOneIsOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		p := newPool(func(context.Context) (*conversation, error) {
			dials++
			if dials == 2 {
				return nil, &UnreachedError{Err: errors.New("no route to host")}
			}
			return &conversation{broken: true, conn: bareConn{left: func() {}}}, nil
		}, time.Minute, 2)
		for range 2 {
			if c, err := p.get(t.Context(), Notices); c == nil || err != nil {
				t.Errorf("got %v and %v, want a connection", c, err)
			}
		}
		p.shut()
	})
}

func TestATemporaryPasswordGetsAConnectionBeforeTheNoticesThatWait(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 2 * time.Second}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		notice, urgent := exampleMessage, exampleMessage
		notice.Priority = Notices
		var notices sync.WaitGroup
		for range 7 {
			notices.Go(func() { _ = transport.Send(t.Context(), notice) })
		}
		time.Sleep(time.Second)
		begun := time.Now()
		if err := transport.Send(t.Context(), urgent); err != nil || time.Since(begun) != 3*time.Second {
			t.Errorf("got %v after %s, want the letter sent after 3 s", err, time.Since(begun))
		}
		notices.Wait()
	})
}

// Several servers may share what a mail server takes. The one that has no connection must not keep the letter.
func TestALetterThatReachedNoMailServerIsDueForOtherServersBeforeTheNextProbe(t *testing.T) {
	now := time.Date(2026, 11, 22, 15, 30, 0, 0, time.UTC)
	verdict := judge(Letter{}, &UnreachedError{Code: 421, Err: errors.New("greeting")}, now)
	if wait := verdict.DueAt.Sub(now); wait <= 0 || wait > longestProbe-2*pollInterval {
		t.Errorf("the letter is due after %s, want it due two polls before the next probe after %s", wait, longestProbe)
	}
}

func TestWhatTheServerDoesIsARefusalAndWhatTheNetworkDoesIsNot(t *testing.T) {
	for err, want := range map[error]bool{
		&UnreachedError{Code: 421, Err: errors.New("greeting")}:                                              true,
		&UnreachedError{Err: fmt.Errorf("no greeting: %w", errHungUp)}:                                       true,
		&UnreachedError{Err: fmt.Errorf("no greeting: %w", os.NewSyscallError("read", syscall.ECONNRESET))}:  true,
		&UnreachedError{Err: fmt.Errorf("connect: %w", os.NewSyscallError("connect", syscall.ECONNREFUSED))}: false,
		&UnreachedError{Err: timeoutAfter("greeting", time.Minute)}:                                          false,
	} {
		if got := isRefusal(err); got != want {
			t.Errorf("%v: got %t, want %t", err, got, want)
		}
	}
}

// bareConn is a connection that only counts as open until it is closed.
type bareConn struct {
	net.Conn
	left func()
}

func (bareConn) Write([]byte) (int, error) { return 0, net.ErrClosed }
func (c bareConn) Close() error            { c.left(); return nil }

// wantConsistent checks the state of a pool between two calls.
func wantConsistent(t *testing.T, p *pool) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	letters := len(p.waiting)
	isWrong := p.open < p.opening+len(p.idle) || p.open > p.limit
	isForgotten := letters > 0 && (p.open == 0 || p.opening == 0 && (len(p.idle) > 0 || !p.full && p.open < p.limit))
	if isWrong || isForgotten || !slices.IsSortedFunc(p.waiting, func(a, b waiter) int { return int(a.priority - b.priority) }) {
		t.Errorf("%d connections are open, %d of them idle and %d being opened, full: %t; %d letters wait: %v", p.open, len(p.idle), p.opening, p.full, letters, p.waiting)
	}
}

// Whatever fails, no connection has two letters, no letter is forgotten, and nothing is left.
func TestThePoolCountsItsConnectionsWhateverFails(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			limit, taken := 1+int(seed%8), int(seed%5)
			var mu sync.Mutex
			open, used := 0, map[*conversation]bool{}
			dice := func() float64 { mu.Lock(); defer mu.Unlock(); return random.Float64() }
			wait := func(longest time.Duration) { time.Sleep(time.Duration(dice() * float64(longest))) }
			p := newPool(nil, 3*time.Second, limit)
			p.connect = func(ctx context.Context) (*conversation, error) {
				wait(time.Second)
				if dice() < 0.02 {
					pause(ctx, 30*time.Second)
				}
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
					for i := range 40 {
						ctx, cancel := context.WithTimeout(t.Context(), time.Duration(dice()*float64(20*time.Second)))
						c, err := p.get(ctx, Priority(i%2))
						for err == nil {
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
							if !c.broken || dice() < 0.4 {
								p.put(c)
								break
							}
							c, err = p.replace(ctx, Priority(i%2), c)
						}
						if err != nil {
							wait(time.Second)
						}
						cancel()
						wantConsistent(t, p)
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

func TestTheServerCountsAsReachedWhileLettersUseAllConnectionsThatItTakes(t *testing.T) {
	for name, change := range map[string]func(*smallServer){
		"421": func(*smallServer) {}, "hangs up": func(s *smallServer) { s.hangsUp = true }, "no greeting": func(s *smallServer) { s.silent = true },
	} {
		t.Run(name, func(t *testing.T) {
			server := &smallServer{limit: 1, waits: map[string]time.Duration{".": time.Second}}
			change(server)
			withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
				check := func() error {
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					return transport.Check(ctx)
				}
				stop := keepBusy(t, transport, 8)
				time.Sleep(20 * time.Second)
				if err := check(); err != nil {
					t.Errorf("got %v, want the server reached", err)
				}
				stop()
				if err := check(); err != nil {
					t.Errorf("got %v, want the server reached over the idle connection", err)
				}
			})
		})
	}
	withSmallServer(t, &smallServer{}, func(t *testing.T, transport *SMTP) {
		wantUnreached(t, transport.Check(t.Context()), 421, "4.7.0")
	})
}

func TestAChangedPasswordIsFoundThoughAConnectionIsOpen(t *testing.T) {
	s := &scripted{}
	s.answer = func(connection int, command string) string {
		if connection > 1 && command == "NOOP" {
			return "530 5.7.0 sign in\r\n"
		}
		return "-"
	}
	transport := transportTo(t, s)
	mustSend(t, transport)
	wantUnreached(t, transport.Check(t.Context()), 530, "5.7.0")
}
