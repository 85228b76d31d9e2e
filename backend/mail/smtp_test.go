package mail

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"aikagi/backend/member"
)

var _ Transport = (*SMTP)(nil)

var exampleMessage = Message{
	ID:      "abc@example.jp",
	To:      "abcd@xxx.mm-m.ne.jp",
	Subject: "【IMS】仮パスワードのお知らせ",
	Text:    "お客様\n\n【仮パスワード】\nKd7mPw3xR\n",
	HTML:    "<p>お客様</p>\n",
	Date:    time.Date(2026, 11, 22, 6, 30, 0, 0, time.UTC),
}

// newTransport makes a transport to the sink. At the end of the test it is closed, and no goroutine may be left.
func newTransport(t *testing.T, s *sink, change ...func(*SMTPSettings)) *SMTP {
	t.Helper()
	settings := SMTPSettings{
		Host: "127.0.0.1",
		Port: s.port,
		TLS:  TLSOpportunistic,
		From: netmail.Address{Name: "IMS", Address: "support@example.jp"},
	}
	for _, change := range change {
		change(&settings)
	}
	transport := NewSMTP(settings)
	t.Cleanup(func() { _ = transport.Close() })
	return transport
}

// checkLeaks is called first, so that it checks last.
func checkLeaks(t *testing.T) {
	t.Helper()
	already := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, already) })
}

func send(t *testing.T, transport Transport) error {
	t.Helper()
	return transport.Send(t.Context(), exampleMessage)
}

func mustSend(t *testing.T, transport Transport) {
	t.Helper()
	if err := send(t, transport); err != nil {
		t.Fatalf("got %v, want the letter sent", err)
	}
}

func TestALetterIsDelivered(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	mustSend(t, newTransport(t, s))

	letters := s.letters()
	if len(letters) != 1 {
		t.Fatalf("got %d letters, want 1", len(letters))
	}
	if got, want := letters[0].from, "support@example.jp"; got != want {
		t.Errorf("got sender %q, want %q", got, want)
	}
	if got, want := letters[0].to, "abcd@xxx.mm-m.ne.jp"; got != want {
		t.Errorf("got recipient %q, want %q", got, want)
	}
	if !strings.Contains(s.transcriptText(), "EHLO example.jp\r\n") {
		t.Error("got no EHLO with the sender's domain")
	}
	if strings.Contains(s.transcriptText(), "BODY=8BITMIME SMTPUTF8") {
		t.Error("got SMTPUTF8 asked for, want plain ASCII envelopes")
	}
}

func TestAKeptConnectionIsUsedAgain(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	transport := newTransport(t, s)
	for range 5 {
		mustSend(t, transport)
	}
	if got := len(s.letters()); got != 5 {
		t.Errorf("got %d letters, want 5", got)
	}
	if got := s.connected(); got != 1 {
		t.Errorf("got %d connections, want 1", got)
	}
}

func TestADeadKeptConnectionIsReplacedUnnoticed(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	transport := newTransport(t, s)
	mustSend(t, transport)
	s.closeConnections()
	mustSend(t, transport)
	if got := len(s.letters()); got != 2 {
		t.Errorf("got %d letters, want 2", got)
	}
	if got := s.connected(); got != 2 {
		t.Errorf("got %d connections, want 2", got)
	}
}

func TestAKeptConnectionThatTheServerEndsWith421IsReplaced(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	mails := 0
	s.onMail = func() error {
		if mails++; mails == 2 {
			return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "enough"}
		}
		return nil
	}
	transport := newTransport(t, s)
	mustSend(t, transport)
	mustSend(t, transport)
	if got := s.connected(); got != 2 {
		t.Errorf("got %d connections, want 2", got)
	}
}

func TestAnIdleConnectionIsClosedWithAGoodbye(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	transport := newTransport(t, s, func(settings *SMTPSettings) { settings.Idle = time.Millisecond })
	mustSend(t, transport)
	<-s.left
	if !strings.Contains(s.transcriptText(), "QUIT\r\n") {
		t.Error("got no QUIT")
	}
	mustSend(t, transport)
}

func TestClosingSaysGoodbyeAndSendsNoMore(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	transport := newTransport(t, s)
	mustSend(t, transport)
	if err := transport.Close(); err != nil {
		t.Fatal(err)
	}
	<-s.left
	if !strings.Contains(s.transcriptText(), "QUIT\r\n") {
		t.Error("got no QUIT")
	}
	if err := send(t, transport); err == nil {
		t.Error("got a letter sent after Close, want an error")
	}
}

func TestManySendersShareAFewConnections(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	transport := newTransport(t, s, func(settings *SMTPSettings) { settings.Connections = 3 })
	const letters = 40
	var senders sync.WaitGroup
	for i := range letters {
		senders.Go(func() {
			message := exampleMessage
			message.To = member.MailAddress(fmt.Sprintf("member%d@xxx.mm-m.ne.jp", i))
			if err := transport.Send(t.Context(), message); err != nil {
				t.Errorf("got %v, want every letter sent", err)
			}
		})
	}
	senders.Wait()
	recipients := map[string]bool{}
	for _, letter := range s.letters() {
		recipients[letter.to] = true
	}
	if got := len(recipients); got != letters || len(s.letters()) != letters {
		t.Errorf("got %d letters to %d recipients, want %d each", len(s.letters()), got, letters)
	}
	if got := s.connected(); got > 3 {
		t.Errorf("got %d connections, want 3 at most", got)
	}
}

func TestAddressesThatRFC5321ForbidsAreQuoted(t *testing.T) {
	for _, address := range []member.MailAddress{"a..b@xxx.mm-m.ne.jp", "a.@xxx.mm-m.ne.jp", ".a@xxx.mm-m.ne.jp"} {
		t.Run(string(address), func(t *testing.T) {
			checkLeaks(t)
			s := newSink(t)
			message := exampleMessage
			message.To = address
			if err := newTransport(t, s).Send(t.Context(), message); err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf(`<"%s"@%s>`, address.Local(), address.Domain())
			if !strings.Contains(s.transcriptText(), "RCPT TO:"+want+"\r\n") {
				t.Errorf("got %q, want the envelope to hold %s", s.transcriptText(), want)
			}
			if got := headers(t, s.letters()[0].data)["To"]; len(got) != 1 || got[0] != want {
				t.Errorf("got To %q, want %s", got, want)
			}
		})
	}
}
