package mail

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// tooMany is the answer to MAIL of a server that takes no further letter over a connection.
const tooMany = "452 4.5.3 too many messages this session\r\n"

func TestNoLetterFailsWhenAllConnectionsReachTheServersLimitOfLettersTogether(t *testing.T) {
	server := &smallServer{limit: 8, waits: map[string]time.Duration{"greeting": 100 * time.Millisecond, ".": 400 * time.Millisecond}}
	server.limitLetters(10)
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var senders sync.WaitGroup
		for i := range 8 {
			senders.Go(func() {
				time.Sleep(time.Duration(i) * 50 * time.Millisecond)
				for range 100 {
					mustSend(t, transport)
					time.Sleep(7 * time.Millisecond)
				}
			})
		}
		senders.Wait()
	})
}

func TestALetterTakesAnIdleConnectionIfNoNewOneCanBeOpened(t *testing.T) {
	for name, change := range map[string]func(*smallServer){
		"the closed one still counts":   func(s *smallServer) { s.late = 5 * time.Millisecond },
		"another client took its place": func(s *smallServer) { s.set(1) },
	} {
		t.Run(name, func(t *testing.T) {
			server := &smallServer{limit: 2, waits: map[string]time.Duration{".": 100 * time.Millisecond}}
			refuses := false
			server.answer = func(_ int, command string) string {
				if refuses && command == "MAIL" {
					refuses = false
					return tooMany
				}
				return "-"
			}
			withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
				var two sync.WaitGroup
				two.Go(func() { mustSend(t, transport) })
				two.Go(func() { mustSend(t, transport) })
				two.Wait()
				refuses = true
				change(server)
				begun := time.Now()
				mustSend(t, transport)
				if took := time.Since(begun); took > time.Second {
					t.Errorf("the letter took %s beside an idle connection", took)
				}
			})
		})
	}
}

func TestAServerThatIsAwayIsNoticedThoughDeadConnectionsAreIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &smallServer{limit: 8, waits: map[string]time.Duration{".": 100 * time.Millisecond}}
		isAway := false
		var mu sync.Mutex
		var open []net.Conn
		transport := newTransport(t, &sink{}, func(settings *SMTPSettings) {
			settings.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				mu.Lock()
				defer mu.Unlock()
				if isAway {
					return nil, syscall.ECONNREFUSED
				}
				conn, err := server.dial(ctx, network, address)
				open = append(open, conn)
				return conn, err
			}
		})
		var two sync.WaitGroup
		two.Go(func() { mustSend(t, transport) })
		two.Go(func() { mustSend(t, transport) })
		two.Wait()
		isAway = true
		for _, conn := range open {
			_ = conn.Close()
		}
		begun := time.Now()
		wantUnreached(t, send(t, transport), 0, "")
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took %s", took)
		}
		_ = transport.Close()
		time.Sleep(never)
	})
}

// All letters send the same MAIL, so a refusal of it concerns the connection, also a permanent one.
func TestAConnectionIsNotUsedAgainAfterAPermanentRefusalOfMAIL(t *testing.T) {
	server := &smallServer{limit: 8}
	taken := map[int]int{}
	server.answer = func(connection int, command string) string {
		switch {
		case command == ".":
			taken[connection]++
		case command == "MAIL" && taken[connection] == 3:
			return "554 5.7.0 too many messages in this session\r\n"
		}
		return "-"
	}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		for range 10 {
			mustSend(t, transport)
		}
	})
}

func TestATryWhoseRCPTWasAnsweredHasReachedTheServer(t *testing.T) {
	server := &smallServer{}
	hangsUp := false
	server.answer = func(_ int, command string) string {
		if command == "DATA" && hangsUp {
			return ""
		}
		return "-"
	}
	besideASlowLetter(t, server, func(t *testing.T, transport *SMTP) {
		hangsUp = true
		if err := send(t, transport); err == nil || isUnreached(err) {
			t.Errorf("got %v, want an error of a try that has reached the server", err)
		}
		hangsUp = false
	})
}

func TestAStopEndsALetterWhoseFormerConnectionDoesNotAnswerQUIT(t *testing.T) {
	server := &smallServer{limit: 8, waits: map[string]time.Duration{"QUIT": time.Hour}}
	server.limitLetters(1)
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		mustSend(t, transport)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = transport.Send(ctx, exampleMessage)
		}()
		time.Sleep(10 * time.Millisecond)
		begun := time.Now()
		cancel()
		<-ended
		if took := time.Since(begun); took > 0 {
			t.Errorf("Send returned after %s, want at once", took)
		}
	})
}

func TestALetterThatExchangesItsConnectionTakesAnIdleOneWhileTheNewOneIsNotGreeted(t *testing.T) {
	server := &smallServer{limit: 8, waits: map[string]time.Duration{".": 100 * time.Millisecond}}
	refusals := 0
	server.answer = func(_ int, command string) string {
		if refusals > 0 && command == "MAIL" {
			refusals--
			return tooMany
		}
		return "-"
	}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var letters sync.WaitGroup
		for range 4 {
			letters.Go(func() { mustSend(t, transport) })
		}
		letters.Wait()
		refusals = 2 // the first idle one is spent too
		server.setWaits(map[string]time.Duration{"greeting": never})
		begun := time.Now()
		mustSend(t, transport)
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("the letter took %s beside idle connections", took)
		}
	})
}

func TestTheLastConnectionIsOpenedAgainThoughAllEndTogether(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			p := newPool(nil, time.Minute, 8)
			p.connect = func(context.Context) (*conversation, error) {
				time.Sleep(10 * time.Millisecond)
				if at := time.Since(begun); at > 100*time.Millisecond && at < 200*time.Millisecond { // the server still counts them
					return nil, &UnreachedError{Code: 421, Err: errors.New("greeting")}
				}
				conn := bareConn{left: func() {}}
				return &conversation{conn: conn, stream: conn, reader: bufio.NewReader(conn)}, nil
			}
			var letters sync.WaitGroup
			for range 8 {
				letters.Go(func() {
					c, err := p.get(t.Context(), Notices)
					if err != nil {
						t.Error(err)
						return
					}
					time.Sleep(time.Until(begun.Add(101 * time.Millisecond)))
					c.broken = true
					if c, err = p.replace(t.Context(), Notices, c); err != nil {
						t.Error(err)
						return
					}
					p.put(c)
				})
			}
			letters.Wait()
			p.shut()
		})
	}
}
