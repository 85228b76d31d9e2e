package mail

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// never is longer than any timeout of a transport.
const never = 24 * time.Hour

// slow makes a scripted server wait before its answers, and after QUIT for ever.
func slow(s *scripted, waits map[string]time.Duration) func(*SMTPSettings) {
	return func(settings *SMTPSettings) {
		settings.dial = func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go s.serve(&slowConn{Conn: server, waits: waits, command: "greeting"})
			return client, nil
		}
	}
}

// slowConn waits before each answer as long as waits says for the command, or else for "any".
type slowConn struct {
	net.Conn
	waits   map[string]time.Duration
	command string
}

func (c *slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.command, _, _ = strings.Cut(strings.TrimRight(string(p[:n]), "\r\n"), " ")
	if strings.HasSuffix(string(p[:n]), "\r\n.\r\n") {
		c.command = "."
	}
	return n, err
}

func (c *slowConn) Write(p []byte) (int, error) {
	wait, named := c.waits[c.command]
	if !named {
		wait = c.waits["any"]
	}
	time.Sleep(wait)
	return c.Conn.Write(p)
}

// inBubble runs a test with a transport to a slow scripted server in a synctest bubble, in which an hour passes at
// once.
func inBubble(t *testing.T, waits map[string]time.Duration, test func(t *testing.T, transport *SMTP, s *scripted), change ...func(*SMTPSettings)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		transport := newTransport(t, &sink{}, append(change, slow(s, waits))...)
		test(t, transport, s)
		_ = transport.Close()
		time.Sleep(never) // until the server's side has ended too
	})
}

func TestAServerMayTakeMinutesToAnswer(t *testing.T) {
	for name, waits := range map[string]map[string]time.Duration{
		"greeting after 12 s":        {"greeting": 12 * time.Second},
		"greeting after 4 minutes":   {"greeting": 4 * time.Minute},
		"4 s for each":               {"any": 4 * time.Second},
		"40 s for each":              {"any": 40 * time.Second},
		"MAIL after 4 minutes":       {"MAIL": 4 * time.Minute},
		"RCPT after 4 minutes":       {"RCPT": 4 * time.Minute},
		"DATA after 100 s":           {"DATA": 100 * time.Second},
		"the letter after 9 minutes": {".": 9 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, waits, func(t *testing.T, transport *SMTP, s *scripted) {
				mustSend(t, transport)
				mustSend(t, transport)
				if letters, _ := s.count(); letters != 2 {
					t.Errorf("got %d letters, want 2", letters)
				}
			})
		})
	}
}

func TestATimeoutNamesTheMissingAnswer(t *testing.T) {
	timeout := func(limit time.Duration) func(*SMTPSettings) {
		return func(settings *SMTPSettings) { settings.Timeout = limit }
	}
	for _, test := range []struct {
		name   string
		waits  map[string]time.Duration
		change func(*SMTPSettings)
		want   string
		after  time.Duration
	}{
		{"greeting", map[string]time.Duration{"greeting": never}, timeout(0), "no greeting within 5m0s", openTimeout},
		{
			"TLS handshake",
			map[string]time.Duration{"greeting": never},
			func(settings *SMTPSettings) { settings.TLS, settings.Timeout = TLSImplicit, 20*time.Second },
			"no TLS handshake within 20s", 20 * time.Second,
		},
		{"EHLO", map[string]time.Duration{"EHLO": never}, timeout(30 * time.Second), "no answer to EHLO within 30s", 30 * time.Second},
		{"MAIL", map[string]time.Duration{"MAIL": never}, timeout(0), "no answer to MAIL within 5m0s", 5 * time.Minute},
		{"RCPT", map[string]time.Duration{"RCPT": never}, timeout(time.Minute), "no answer to RCPT within 1m0s", time.Minute},
		{"DATA", map[string]time.Duration{"DATA": never}, timeout(0), "no answer to DATA within 2m0s", 2 * time.Minute},
		{"letter", map[string]time.Duration{".": never}, timeout(0), "the mail server's answer was lost: no answer to the letter within 10m0s", 10 * time.Minute},
		{"letter, set", map[string]time.Duration{".": never}, timeout(7 * time.Second), "the mail server's answer was lost: no answer to the letter within 7s", 7 * time.Second},
		{
			"all up to DATA",
			map[string]time.Duration{"any": 2 * time.Minute},
			timeout(0),
			"no answer to MAIL within 5m0s, the time for all up to DATA", 5 * time.Minute,
		},
		{
			"all up to DATA, set",
			map[string]time.Duration{"any": 2 * time.Minute},
			timeout(9 * time.Minute),
			"no answer to MAIL within 5m0s, the time for all up to DATA", 5 * time.Minute,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, test.waits, func(t *testing.T, transport *SMTP, _ *scripted) {
				begun := time.Now()
				err := send(t, transport)
				// Two limits of the same 5 minutes may end one conversation.
				if err == nil || strings.TrimSuffix(err.Error(), ", the time for all up to DATA") != test.want && err.Error() != test.want {
					t.Errorf("got %v, want %s", err, test.want)
				}
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want a deadline exceeded", err)
				}
				if took := time.Since(begun); took != test.after {
					t.Errorf("got the end after %s, want %s", took, test.after)
				}
			}, test.change)
		})
	}
}

func TestCheckEndsWithItsOwnDeadlineAndSaysWhatItWaitedFor(t *testing.T) {
	inBubble(t, map[string]time.Duration{"greeting": time.Hour}, func(t *testing.T, transport *SMTP, _ *scripted) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begun := time.Now()
		err := transport.Check(ctx)
		if want := "check the mail server: no greeting in time: context deadline exceeded"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("got the end after %s, want 10s", took)
		}
	})
}

func TestASlowConversationDelaysOnlyItsOwnConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		connections := 0
		transport := newTransport(t, &sink{}, func(settings *SMTPSettings) {
			settings.Connections = 2
			settings.dial = func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				waits := map[string]time.Duration{}
				if connections++; connections == 1 {
					waits["RCPT"] = 4 * time.Minute
				}
				go s.serve(&slowConn{Conn: server, waits: waits, command: "greeting"})
				return client, nil
			}
		})
		var slowest sync.WaitGroup
		slowest.Go(func() { mustSend(t, transport) })
		synctest.Wait() // the first letter waits for its RCPT
		begun := time.Now()
		for range 20 {
			mustSend(t, transport)
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("got 20 letters after %s, want them beside the slow one", took)
		}
		slowest.Wait()
		_ = transport.Close()
	})
}

// A firewall may forget an idle connection: written data is lost and no end is reported.
func TestAKeptConnectionThatDiedSilentlyIsReplacedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		waits := map[string]time.Duration{}
		transport := newTransport(t, &sink{}, slow(s, waits))
		mustSend(t, transport)
		waits["MAIL"] = never
		transport.settings.dial = s.dial
		begun := time.Now()
		mustSend(t, transport)
		if took := time.Since(begun); took != reusedAnswerTimeout {
			t.Errorf("got the letter after %s, want %s", took, reusedAnswerTimeout)
		}
		_ = transport.Close()
		time.Sleep(never)
	})
}

func TestClosingQuitsAllConnectionsAtOnceAndInTime(t *testing.T) {
	inBubble(t, map[string]time.Duration{"QUIT": time.Hour, ".": time.Second}, func(t *testing.T, transport *SMTP, s *scripted) {
		var senders sync.WaitGroup
		for range 8 {
			senders.Go(func() { mustSend(t, transport) })
		}
		senders.Wait()
		if _, connections := s.count(); connections != 8 {
			t.Fatalf("got %d connections, want 8", connections)
		}
		begun := time.Now()
		_ = transport.Close()
		if took := time.Since(begun); took != quitTimeout {
			t.Errorf("got the transport closed after %s, want %s", took, quitTimeout)
		}
		if got := strings.Count(s.said(), "QUIT\n"); got != 8 {
			t.Errorf("got %d goodbyes, want 8", got)
		}
	}, func(settings *SMTPSettings) { settings.Connections = 8 })
}
