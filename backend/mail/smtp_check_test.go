package mail

import (
	"context"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestALetterDuringACheckIsSentToAServerThatTakesOneConnection(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{"NOOP": 100 * time.Millisecond, ".": time.Second}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var check sync.WaitGroup
		check.Go(func() {
			if err := transport.Check(t.Context()); err != nil {
				t.Errorf("the check failed: %v", err)
			}
		})
		synctest.Wait()
		mustSend(t, transport)
		check.Wait()
	})
}

func TestALetterGetsTheConnectionOfACheckWhenThatHasEnded(t *testing.T) {
	server := &smallServer{limit: 2, waits: map[string]time.Duration{"NOOP": 100 * time.Millisecond, ".": time.Minute}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var others sync.WaitGroup
		others.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		server.setWaits(map[string]time.Duration{"NOOP": 100 * time.Millisecond})
		others.Go(func() { _ = transport.Check(t.Context()) })
		synctest.Wait()
		begun := time.Now()
		mustSend(t, transport)
		if took := time.Since(begun); took > time.Second {
			t.Errorf("beside a check a letter took %s", took)
		}
		others.Wait()
	})
}

func TestACheckOpensNoMoreConnectionsThanAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var count connectionCounter
		transport := newTransport(t, &sink{}, slow(&scripted{}, map[string]time.Duration{".": time.Minute}), count.atMost(2))
		var letters sync.WaitGroup
		letters.Go(func() { mustSend(t, transport) })
		letters.Go(func() { mustSend(t, transport) })
		synctest.Wait()
		if err := transport.Check(t.Context()); err != nil {
			t.Errorf("the check failed: %v", err)
		}
		letters.Wait()
		if count.most > 2 {
			t.Errorf("%d connections were open, want two at most", count.most)
		}
		_ = transport.Close()
		time.Sleep(never)
	})
}

func TestACheckDoesNotWaitBehindLetters(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 10 * time.Second}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		stop := keepBusy(t, transport, 8)
		time.Sleep(20 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := transport.Check(ctx); err != nil {
			t.Errorf("got %v, though a letter is sent every 10 s", err)
		}
		stop()
	})
}

func TestAPermanentRefusalOfAFurtherConnectionDoesNotFailTheCheck(t *testing.T) {
	server := &smallServer{limit: 1, refusal: "554 5.3.2 too many connections\r\n", waits: map[string]time.Duration{".": time.Second}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		stop := keepBusy(t, transport, 3)
		time.Sleep(20 * time.Second)
		if err := transport.Check(t.Context()); err != nil {
			t.Errorf("got %v, though letters are sent", err)
		}
		stop()
	})
}

// Many servers close idle connections sooner than this program does.
func TestACheckReplacesADeadConnectionThatIsTheOnlyOneAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &smallServer{limit: 1}
		var open []net.Conn
		transport := newTransport(t, &sink{}, func(settings *SMTPSettings) {
			settings.Connections = 1
			settings.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := server.dial(ctx, network, address)
				open = append(open, conn)
				return conn, err
			}
		})
		mustSend(t, transport)
		server.set(2) // it no longer counts the first one
		_ = open[0].Close()
		if err := transport.Check(t.Context()); err != nil {
			t.Errorf("got %v, want the server reached", err)
		}
		_ = transport.Close()
		time.Sleep(never)
	})
}

func TestACheckThatIsRefusedOpensNoOtherConnection(t *testing.T) {
	server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 9 * time.Minute}}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		var letters sync.WaitGroup
		for range 4 {
			letters.Go(func() { _ = send(t, transport) })
		}
		time.Sleep(12 * time.Second)
		before, _, _ := server.counts()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_ = transport.Check(ctx)
		if after, _, _ := server.counts(); after-before != 1 {
			t.Errorf("%d connections were refused, want the one of the check", after-before)
		}
		letters.Wait()
	})
}

func TestACheckUsesTheConnectionThatALetterOpenedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &smallServer{limit: 1, waits: map[string]time.Duration{".": 10 * time.Second}}
		isFirst := true
		transport := newTransport(t, &sink{}, func(settings *SMTPSettings) {
			settings.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if isFirst {
					isFirst = false
					time.Sleep(time.Second) // a lost packet is sent again
				}
				return server.dial(ctx, network, address)
			}
		})
		var check sync.WaitGroup
		check.Go(func() {
			if err := transport.Check(t.Context()); err != nil {
				t.Errorf("got %v, though a letter is sent", err)
			}
		})
		synctest.Wait()
		mustSend(t, transport)
		check.Wait()
		_ = transport.Close()
		if err := transport.Check(t.Context()); err == nil {
			t.Error("a check after Close opened a connection")
		}
		time.Sleep(never)
	})
}

func TestALetterWaitsUntilTheServerNoLongerCountsTheConnectionOfACheckThatWasStopped(t *testing.T) {
	server := &smallServer{limit: 1, late: 100 * time.Millisecond, waits: map[string]time.Duration{"NOOP": 1500 * time.Millisecond}}
	synctest.Test(t, func(t *testing.T) {
		transport := newTransport(t, &sink{}, func(settings *SMTPSettings) { settings.Connections, settings.dial = 1, server.dial })
		ctx, cancel := context.WithCancel(t.Context())
		var check sync.WaitGroup
		check.Go(func() { _ = transport.Check(ctx) })
		synctest.Wait()
		time.AfterFunc(time.Second, cancel)
		mustSend(t, transport)
		check.Wait()
		_ = transport.Close()
		time.Sleep(never)
	})
}
