package mail

import (
	"errors"
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

func TestARecipientThatIsRefusedIsTriedOverFewConnections(t *testing.T) {
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
		if refused := (*RefusedError)(nil); !errors.As(transport.Send(t.Context(), m), &refused) || tries > maxRefusals {
			t.Errorf("got the refusal %v after %d tries, want it after %d at most", refused, tries, maxRefusals)
		}
		stop()
	})
}

// Each letter needs a connection of its own, and no letter may wait behind those that came later.
func TestAServerThatTakesOneLetterOverAConnectionGetsThemInOrder(t *testing.T) {
	for _, senders := range []int{2, 7, 8} {
		server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 500 * time.Millisecond}}
		server.limitLetters(1)
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
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 4900 * time.Millisecond}}
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
		server.setWaits(map[string]time.Duration{".": time.Second})
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

// A server that is slow to greet may still take each connection.
func TestOneConnectionThatIsNotGreetedHoldsUpNoOtherLetter(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 9 * time.Minute}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var hung, others sync.WaitGroup
		hung.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		begun := time.Now()
		for range 6 {
			others.Go(func() { _ = send(t, transport) })
		}
		synctest.Wait()
		server.set(8)
		server.setWaits(map[string]time.Duration{"greeting": 9 * time.Minute})
		time.Sleep(refusalLifetime) // one letter waits for the greeting
		synctest.Wait()
		server.setWaits(nil)
		time.Sleep(refusalLifetime)
		synctest.Wait()
		if letters, _ := server.count(); letters != 1+6 {
			t.Errorf("%d letters were taken %s later, want all", letters, time.Since(begun))
		}
		others.Wait()
		hung.Wait()
	})
}

// Some servers count a connection for a moment after they have answered QUIT.
func TestAConnectionIsOpenedAgainThoughTheServerCountsTheFormerOneForAMoment(t *testing.T) {
	for _, limit := range []int{1, 2} {
		server := &smallServer{limit: limit, late: 5 * time.Millisecond, waits: map[string]time.Duration{".": time.Second}}
		server.answers = map[string]string{".": "451 4.3.0 later\r\n"}
		withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
			var senders sync.WaitGroup
			for range 8 {
				senders.Go(func() {
					if refused := (*RefusedError)(nil); !errors.As(send(t, transport), &refused) {
						t.Error("a letter was not refused by the server")
					}
				})
			}
			senders.Wait()
		})
	}
}

// The next letter opens its connection in the place of the one that was closed, and no further one is tried.
func TestAServerThatRefusesEachLetterIsNotAskedForFurtherConnections(t *testing.T) {
	server := &smallServer{limit: 2, waits: map[string]time.Duration{".": 100 * time.Millisecond}}
	server.answers = map[string]string{".": "451 4.3.0 later\r\n"}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var senders sync.WaitGroup
		for range 8 {
			senders.Go(func() {
				for range 25 {
					_ = send(t, transport)
				}
			})
		}
		senders.Wait()
		if refused, _, _ := server.counts(); refused > 8 {
			t.Errorf("%d connections were refused, want 8 at most", refused)
		}
	})
}

// besideASlowLetter runs a test while one connection is idle, the other one has a letter, and the server takes no more.
func besideASlowLetter(t *testing.T, server *smallServer, test func(t *testing.T, transport *SMTP)) {
	t.Helper()
	server.limit, server.waits = 2, map[string]time.Duration{".": 9 * time.Minute}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var slow sync.WaitGroup
		slow.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		server.setWaits(nil)
		mustSend(t, transport)
		server.set(1)
		test(t, transport)
		slow.Wait()
	})
}

func TestARefusedRecipientIsReportedThoughNoOtherConnectionIsFree(t *testing.T) {
	server := &smallServer{}
	server.answer = func(_ int, command string) string {
		if command == "RCPT" && strings.Contains(server.lines[len(server.lines)-1], "full@") {
			return "452 4.2.2 mailbox full\r\n"
		}
		return "-"
	}
	besideASlowLetter(t, server, func(t *testing.T, transport *SMTP) {
		m := exampleMessage
		m.To = "full@example.jp"
		if refused := (*RefusedError)(nil); !errors.As(transport.Send(t.Context(), m), &refused) {
			t.Error("the refusal of the recipient was not reported")
		}
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
		server.setWaits(map[string]time.Duration{".": time.Second})
		begun := time.Now()
		sendRefused := func() {
			if refused := (*RefusedError)(nil); !errors.As(send(t, transport), &refused) {
				t.Error("a letter was not refused by the server")
			}
		}
		others.Go(sendRefused)
		others.Go(sendRefused)
		others.Wait()
		synctest.Wait() // until both connections are closed
		sendRefused()
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
