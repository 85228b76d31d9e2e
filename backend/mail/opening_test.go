package mail

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// RFC 5321 gives a server five minutes for its greeting.
func TestAServerThatGreetsAfterMinutesGetsItsLettersOverAllConnections(t *testing.T) {
	server := &smallServer{limit: 100, waits: map[string]time.Duration{"greeting": 2 * time.Minute, ".": 10 * time.Second}}
	server.limitLetters(5)
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		stop := keepBusy(t, transport, 8)
		time.Sleep(time.Hour)
		stop()
		if letters, _ := server.count(); letters < 700 {
			t.Errorf("%d letters were sent in an hour, want 5 over each of 8 connections in 2 min 50 s", letters)
		}
	})
}

// dropped is a dial to a server that drops what is sent to it.
func dropped(ctx context.Context) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestAServerThatDropsPacketsIsNoticedThoughLettersComeOneAfterTheOther(t *testing.T) {
	for _, count := range []int{2, 4, 8} {
		synctest.Test(t, func(t *testing.T) {
			transport := newTransport(t, &sink{}, func(settings *SMTPSettings) {
				settings.Connections = 8
				settings.dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return dropped(ctx) }
			})
			begun := time.Now()
			var first sync.Once
			var letters sync.WaitGroup
			for i := range count {
				letters.Go(func() {
					time.Sleep(time.Duration(i) * 15 * time.Second)
					err := send(t, transport)
					first.Do(func() {
						wantUnreached(t, err, 0, "")
						if took := time.Since(begun); took > time.Minute {
							t.Errorf("%d letters: the first one failed after %s", count, took)
						}
					})
				})
			}
			letters.Wait()
			_ = transport.Close()
		})
	}
}

func TestAServerThatIsAwayIsNoticedThoughItHoldsOneConversation(t *testing.T) {
	for name, dial := range map[string]func(context.Context) (net.Conn, error){
		"refused": func(context.Context) (net.Conn, error) { return nil, syscall.ECONNREFUSED },
		"dropped": dropped,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &smallServer{limit: 8, waits: map[string]time.Duration{".": never}}
				isAway := false
				transport := newTransport(t, &sink{}, func(settings *SMTPSettings) {
					settings.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
						if isAway {
							return dial(ctx)
						}
						return server.dial(ctx, network, address)
					}
				})
				var hung sync.WaitGroup
				hung.Go(func() { _ = send(t, transport) })
				synctest.Wait()
				isAway = true
				if err := send(t, transport); !isUnreached(err) || errors.Is(err, ErrAllBusy) {
					t.Errorf("got %v, want an error that begins an outage", err)
				}
				hung.Wait()
				_ = transport.Close()
				time.Sleep(never)
			})
		})
	}
}
