package mail

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestAServerWithoutEHLOIsGreetedWithHELO(t *testing.T) {
	for _, code := range []string{"500", "501 5.5.2 no", "502", "504", "550"} {
		s := &scripted{answers: map[string]string{"EHLO": code + "\r\n"}}
		mustSend(t, transportTo(t, s))
		if !strings.HasPrefix(s.said(), "EHLO example.jp\nHELO example.jp\nMAIL FROM:<support@example.jp>\n") {
			t.Errorf("%s: got %q, want HELO", code, s.said())
		}
	}
	for name, change := range map[string]func(*SMTPSettings){
		"with a password": signIn,
		"required":        func(settings *SMTPSettings) { settings.TLS = TLSRequired },
	} {
		s := &scripted{answers: map[string]string{"EHLO": "502\r\n"}}
		if err := send(t, transportTo(t, s, change)); !errors.Is(err, ErrNoTLS) {
			t.Errorf("%s: got %v, want ErrNoTLS", name, err)
		}
		if strings.Contains(s.said(), "MAIL") || strings.Contains(s.said(), "AUTH") {
			t.Errorf("%s: got %q, want nothing said in clear", name, s.said())
		}
	}
}

// RFC 5321, 4.2, allows a reply that ends after its code.
func TestRepliesWithoutATextAreUnderstood(t *testing.T) {
	for name, form := range map[string]string{
		"no text": "%s\r\n", "a space": "%s \r\n", "LF alone": "%s\n", "two lines": "%[1]s-\r\n%[1]s\r\n", "a tab": "%s\tok\r\n",
		"text before the end": "%[1]s-one\r\nand two\r\n%[1]s\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := &scripted{answers: map[string]string{}}
			for command, code := range map[string]string{
				"greeting": "220", "EHLO": "250", "MAIL": "250", "RCPT": "250", "DATA": "354", ".": "250", "QUIT": "221", "NOOP": "250",
			} {
				s.answers[command] = fmt.Sprintf(form, code)
			}
			transport := transportTo(t, s)
			if err := transport.Check(t.Context()); err != nil {
				t.Errorf("got %v, want the server found", err)
			}
			mustSend(t, transport)
			mustSend(t, transport)
			if letters, connections := s.count(); letters != 2 || connections != 2 { // one of them is Check's
				t.Errorf("got %d letters over %d connections, want 2 and 2", letters, connections)
			}
		})
	}
}

func TestAnAnswerThatIsNotSMTPIsAFailureAndIsNotQuoted(t *testing.T) {
	const words = "abcd@xxx.mm-m.ne.jp was here"
	for _, answer := range []string{words + "\r\n", "25\r\n", "\r\n", "2500 ok\r\n", "250ok\r\n", "099 ok\r\n", "٢٥٠ ok\r\n", strings.Repeat("250-ok\r\n", 300), "250 " + strings.Repeat("x", 5000) + "\r\n"} {
		for _, command := range []string{"greeting", "EHLO", "MAIL", "RCPT", "DATA", "."} {
			s := &scripted{answers: map[string]string{command: answer}}
			err := send(t, transportTo(t, s))
			if err == nil || strings.Contains(err.Error(), "abcd") {
				t.Errorf("%.20q to %s: got %v, want an error without the answer", answer, command, err)
			}
			var lost *LostError
			if got, want := errors.As(err, &lost), command == "."; got != want {
				t.Errorf("%.20q to %s: got %v, want it lost only after the letter", answer, command, err)
			}
		}
	}
}

// An unsolicited answer would be read as the answer to the letter.
func TestAnUnsolicitedAnswerIsNotReadAsTheNextAnswer(t *testing.T) {
	s := &scripted{answers: map[string]string{"DATA": "354 go on\r\n250 taken\r\n"}}
	err := send(t, transportTo(t, s))
	var lost *LostError
	if err == nil || !errors.As(err, &lost) && !errors.Is(err, errNotSMTP) {
		t.Errorf("got %v, want the letter not sent", err)
	}
}

func TestALineBreakInAValueMakesNoSecondCommand(t *testing.T) {
	for _, value := range []string{"a.example\r\nMAIL FROM:<thief@example.org>", "a.example\nQUIT", "a\r"} {
		s := &scripted{}
		err := send(t, transportTo(t, s, func(settings *SMTPSettings) { settings.HELO = value }))
		wantUnreached(t, err, 0, "")
		if !errors.Is(err, errLineBreak) || s.said() != "\n" {
			t.Errorf("%q: got %v after %q, want nothing said", value, err, s.said())
		}
	}
}

// A server may accept a few letters on a connection and refuse the next one, with or without closing the connection.
func TestAServerThatTakesThreeLettersAConnectionGetsAll(t *testing.T) {
	for name, at := range map[string]struct {
		command, answer string
		hangsUp         bool
	}{
		"452 to MAIL":              {"MAIL", "452 4.5.3 too many messages this session\r\n", false},
		"452 to RCPT":              {"RCPT", "452 4.5.3 too many recipients\r\n", false},
		"451 to DATA":              {"DATA", "451 4.3.2 enough\r\n", false},
		"450 without a text":       {"MAIL", "450\r\n", false},
		"421 to MAIL":              {"MAIL", "421 4.7.0 too many messages\r\n", true},
		"421 to RCPT":              {"RCPT", "421\r\n", true},
		"nothing, and it hangs up": {"MAIL", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := &scripted{}
			taken, left := map[int]int{}, map[int]bool{}
			s.answer = func(connection int, command string) string {
				if command == "." {
					taken[connection]++
				}
				if left[connection] {
					return ""
				}
				if command == at.command && taken[connection] == 3 {
					left[connection] = at.hangsUp
					return at.answer
				}
				return "-"
			}
			transport := transportTo(t, s, func(settings *SMTPSettings) { settings.Connections = 1 })
			for range 45 {
				mustSend(t, transport)
			}
			if letters, connections := s.count(); letters != 45 || connections != 15 {
				t.Errorf("got %d letters over %d connections, want 45 and 15", letters, connections)
			}
		})
	}
}

func TestARefusalOnANewConnectionIsNotRepeated(t *testing.T) {
	s := &scripted{answers: map[string]string{"MAIL": "452 4.3.1 disk full\r\n"}}
	transport := transportTo(t, s)
	wantUnreached(t, send(t, transport), 452, "4.3.1")
	if _, connections := s.count(); connections != 1 {
		t.Errorf("got %d connections, want 1", connections)
	}
}

func TestALetterThatIsRefusedTemporarilyIsNotSentAgainAtOnce(t *testing.T) {
	s := &scripted{}
	given := 0
	s.answer = func(_ int, command string) string {
		if command == "." {
			if given++; given == 2 {
				return "451 4.3.0 later\r\n"
			}
		}
		return "-"
	}
	transport := transportTo(t, s)
	mustSend(t, transport)
	var refused *RefusedError
	if err := send(t, transport); !errors.As(err, &refused) || *refused != (RefusedError{451, "4.3.0", false}) {
		t.Errorf("got %v, want the refusal", err)
	}
	mustSend(t, transport)
	if letters, connections := s.count(); letters != 3 || connections != 2 {
		t.Errorf("got %d letters given over %d connections, want 3 and 2", letters, connections)
	}
}

func TestARefusingGreetingIsReportedWithItsCodes(t *testing.T) {
	for answer, want := range map[string]UnreachedError{
		"421 4.3.2 too busy\r\n": {Code: 421, Enhanced: "4.3.2"}, "554\r\n": {Code: 554}, "450-4.7.1 a\r\n450 4.7.1 b\r\n": {Code: 450, Enhanced: "4.7.1"},
	} {
		s := &scripted{answers: map[string]string{"greeting": answer}}
		wantUnreached(t, send(t, transportTo(t, s)), want.Code, want.Enhanced)
	}
}
