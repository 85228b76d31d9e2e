package mail

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func TestARefusalIsKeptAsCodesAlone(t *testing.T) {
	refuse := func(code int, enhanced smtp.EnhancedCode) func() error {
		return func() error {
			return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "no abcd@xxx.mm-m.ne.jp here"}
		}
	}
	for _, test := range []struct {
		name string
		set  func(s *sink)
		want RefusedError
	}{
		{"recipient", func(s *sink) { s.onRcpt = refuse(550, smtp.EnhancedCode{5, 1, 1}) }, RefusedError{550, "5.1.1", true}},
		{"greylisting", func(s *sink) { s.onRcpt = refuse(450, smtp.NoEnhancedCode) }, RefusedError{450, "", true}},
		{"letter", func(s *sink) {
			no := refuse(552, smtp.EnhancedCode{5, 2, 2})
			s.onData = func(*smtp.Conn) error { return no() }
		}, RefusedError{552, "5.2.2", false}},
		{"letter for now", func(s *sink) {
			no := refuse(451, smtp.EnhancedCode{4, 3, 0})
			s.onData = func(*smtp.Conn) error { return no() }
		}, RefusedError{451, "4.3.0", false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkLeaks(t)
			s := newSink(t)
			test.set(s)
			transport := newTransport(t, s)
			for range 2 {
				err := send(t, transport)
				var refused *RefusedError
				if !errors.As(err, &refused) {
					t.Fatalf("got %v, want a RefusedError", err)
				}
				if *refused != test.want {
					t.Errorf("got %+v, want %+v", *refused, test.want)
				}
				if strings.Contains(err.Error(), "abcd") || !strings.HasSuffix(err.Error(), refused.Codes()) {
					t.Errorf("got %q, want the codes and no word of the server's", err)
				}
			}
			forGood := test.want.Code >= 500 // then the connection can still be used
			if got := s.connected(); got == 1 != forGood {
				t.Errorf("got %d connections after %d", got, test.want.Code)
			}
			if forGood && strings.Contains(s.transcriptText(), "DATA\r\n") == strings.Contains(s.transcriptText(), "RSET\r\n") {
				t.Errorf("got %q, want RSET after a refused envelope, and only then", s.transcriptText())
			}
		})
	}
}

func TestARefusalOfTheConnectionIsNoRefusalOfTheLetter(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	no := func() error {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "sign in first"}
	}
	for _, set := range []func(){func() { s.onMail = no }, func() { s.onMail, s.onRcpt = nil, no }} {
		set()
		wantUnreached(t, send(t, newTransport(t, s)), 530, "5.7.0")
	}
}

func TestAnAddressThatMailCannotReachIsRefused(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	message := exampleMessage
	message.To = "cüre@example.jp"
	err := newTransport(t, s).Send(t.Context(), message)
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Code != 553 {
		t.Errorf("got %v, want a refusal", err)
	}
	if got := s.connected(); got != 0 {
		t.Errorf("got %d connections, want 0", got)
	}
}

func TestALostAnswerIsTold(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	s.onData = func(c *smtp.Conn) error { return c.Conn().Close() }
	err := send(t, newTransport(t, s))
	var lost *LostError
	if !errors.As(err, &lost) {
		t.Errorf("got %v, want a LostError", err)
	}
}

func TestAConnectionLostBeforeTheLetterLosesNothing(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	s.onRcpt = func() error { s.closeConnections(); return nil }
	err := send(t, newTransport(t, s))
	var lost *LostError
	var refused *RefusedError
	if errors.As(err, &lost) || errors.As(err, &refused) {
		t.Errorf("got %v, want an error that is neither lost nor refused", err)
	}
	wantUnreached(t, err, 0, "")
}

func TestACancelledSendEndsBeforeTheServerAnswers(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan struct{})
	s.onRcpt = func() error { cancel(); <-answer; return nil }
	err := newTransport(t, s).Send(ctx, exampleMessage)
	close(answer)
	var lost *LostError
	if !errors.Is(err, context.Canceled) || errors.As(err, &lost) {
		t.Errorf("got %v, want a cancelled send that lost nothing", err)
	}
}

func TestASendCancelledAfterTheLetterIsLost(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan struct{})
	s.onData = func(*smtp.Conn) error { cancel(); <-answer; return nil }
	err := newTransport(t, s).Send(ctx, exampleMessage)
	close(answer)
	var lost *LostError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &lost) {
		t.Errorf("got %v, want a cancelled send whose answer is lost", err)
	}
}

func TestAServerThatDoesNotAnswerIsLeft(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	answer := make(chan struct{})
	s.onRcpt = func() error { <-answer; return nil }
	transport := newTransport(t, s, func(settings *SMTPSettings) { settings.Timeout = 50 * time.Millisecond })
	err := send(t, transport)
	close(answer)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline exceeded", err)
	}
}
