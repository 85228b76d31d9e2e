package mail

import (
	"context"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// connectionCounter counts the open connections.
type connectionCounter struct {
	mu         sync.Mutex
	open, most int
}

type countedConn struct {
	net.Conn
	count *connectionCounter
	once  sync.Once
}

func (c *connectionCounter) opened(conn net.Conn) net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	c.most = max(c.most, c.open)
	return &countedConn{Conn: conn, count: c}
}

func (c *countedConn) Close() error {
	c.once.Do(func() {
		c.count.mu.Lock()
		defer c.count.mu.Unlock()
		c.count.open--
	})
	return c.Conn.Close()
}

// atMost allows a transport so many connections, and counts those that it opens.
func (c *connectionCounter) atMost(limit int) func(*SMTPSettings) {
	return func(settings *SMTPSettings) {
		settings.Connections = limit
		dial := settings.dial
		settings.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return c.opened(conn), err
		}
	}
}

// Mail servers limit the connections of one client. A connection counts until it is closed.
func TestNoMoreConnectionsAreOpenThanAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: map[string]string{".": "451 4.3.0 later\r\n"}}
		count := &connectionCounter{}
		transport := newTransport(t, &sink{}, slow(s, map[string]time.Duration{"QUIT": time.Second}), count.atMost(3))
		var senders sync.WaitGroup
		for range 30 {
			senders.Go(func() { _ = send(t, transport) })
		}
		senders.Wait()
		_ = transport.Close()
		if count.most != 3 || count.open != 0 {
			t.Errorf("got %d connections at once and %d left, want 3 and 0", count.most, count.open)
		}
	})
}

func TestASteadyTrickleKeepsOneConnection(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, transport *SMTP, s *scripted) {
		for range 614 {
			mustSend(t, transport)
			time.Sleep(3 * time.Minute)
		}
		if letters, connections := s.count(); letters != 614 || connections != 1 {
			t.Errorf("got %d letters over %d connections, want 614 over 1", letters, connections)
		}
	})
}

func TestBurstsAMinuteApartShareTheirConnections(t *testing.T) {
	inBubble(t, map[string]time.Duration{".": time.Second}, func(t *testing.T, transport *SMTP, s *scripted) {
		for range 60 {
			var senders sync.WaitGroup
			for range 10 {
				senders.Go(func() { mustSend(t, transport) })
			}
			senders.Wait()
			time.Sleep(time.Minute)
		}
		if letters, connections := s.count(); letters != 600 || connections != 8 {
			t.Errorf("got %d letters over %d connections, want 600 over 8", letters, connections)
		}
	}, func(settings *SMTPSettings) { settings.Connections = 8 })
}
