package mail

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"aikagi/backend/secret"
)

func TestSTARTTLSIsSeenInWhateverFormItIsOffered(t *testing.T) {
	certificate, pool := newCertificate(t, "127.0.0.1")
	for name, ehlo := range map[string]string{
		"upper case":       "250-mail.example\r\n250 STARTTLS\r\n",
		"lower case":       "250-mail.example\r\n250-starttls\r\n250 size 100\r\n",
		"mixed case":       "250-mail.example\r\n250 StartTls\r\n",
		"spaces around":    "250-mail.example\r\n250-  STARTTLS \t\r\n250 \r\n",
		"a tab":            "250-mail.example\r\n250\tstarttls\r\n",
		"a parameter":      "250-mail.example\r\n250 starttls required\r\n",
		"LF alone":         "250-mail.example\n250-starttls\n250 ok\n",
		"empty lines":      "250-\r\n250-starttls\r\n250-\r\n250\r\n",
		"no name before":   "250-starttls\r\n250 SIZE\r\n",
		"on one line":      "250 STARTTLS\r\n",
		"text in between":  "250-mail.example\r\nwelcome\r\n250-STARTTLS\r\n250 ok\r\n",
		"after many lines": "250-mail.example\r\n" + strings.Repeat("250-X\r\n", 100) + "250 starttls\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := &scripted{answers: map[string]string{"EHLO": ehlo}, certificate: &certificate}
			mustSend(t, transportTo(t, s, func(settings *SMTPSettings) { settings.RootCAs = pool }))
			if !strings.Contains(s.said(), "STARTTLS\nTLS EHLO example.jp\nTLS MAIL FROM:") {
				t.Errorf("got %q, want the letter under TLS", s.said())
			}
			if letters, _ := s.count(); letters != 1 {
				t.Errorf("got %d letters, want 1", letters)
			}
		})
	}
}

func TestAUTHIsSeenInWhateverFormItIsOffered(t *testing.T) {
	certificate, pool := newCertificate(t, "127.0.0.1")
	plain := "TLS AUTH PLAIN " + inBase64("\x00ims\x00"+smtpPassword)
	login := "TLS AUTH LOGIN\nTLS " + inBase64("ims") + "\nTLS " + inBase64(smtpPassword)
	for ehlo, want := range map[string]string{
		"AUTH PLAIN LOGIN": plain, "auth plain login": plain, "Auth Login Plain": plain, "AUTH=PLAIN": plain, "auth=login plain": plain,
		"AUTH  CRAM-MD5   PLAIN ": plain, "AUTH GSSAPI\r\n250-AUTH=LOGIN\r\n250-auth PLAIN": plain,
		"AUTH LOGIN": login, "auth login": login, "AUTH=LOGIN": login, "auth=login": login, "AUTH XOAUTH2 Login": login,
	} {
		t.Run(ehlo, func(t *testing.T) {
			s := &scripted{certificate: &certificate}
			challenges := 0
			s.answer = func(_ int, command string) string {
				switch command {
				case "EHLO":
					return "250-mail.example\r\n250-starttls\r\n250-" + ehlo + "\r\n250 ok\r\n"
				case "AUTH", inBase64("ims"), inBase64(smtpPassword):
					if challenges++; challenges < 3 && want == login {
						return "334\r\n"
					}
					return "235\r\n"
				}
				return "-"
			}
			mustSend(t, transportTo(t, s, signIn, func(settings *SMTPSettings) { settings.RootCAs = pool }))
			if !strings.Contains(s.said(), want+"\nTLS MAIL") {
				t.Errorf("got %q, want %q", s.said(), want)
			}
		})
	}
}

func TestALongPasswordGoesOnALineOfItsOwn(t *testing.T) {
	certificate, pool := newCertificate(t, "127.0.0.1")
	long := strings.Repeat("p", 500)
	s := &scripted{certificate: &certificate, answers: map[string]string{
		"EHLO": "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
		"AUTH": "334 \r\n", inBase64("\x00ims\x00" + long): "235 2.7.0 welcome\r\n",
	}}
	mustSend(t, transportTo(t, s, signIn, func(settings *SMTPSettings) { settings.RootCAs, settings.Password = pool, secret.New(long) }))
	if !strings.Contains(s.said(), "TLS AUTH PLAIN\nTLS "+inBase64("\x00ims\x00"+long)+"\n") {
		t.Errorf("got %q, want the answer on a line of its own", s.said())
	}
}

func TestARefusedSignInIsToldWithItsCodes(t *testing.T) {
	certificate, pool := newCertificate(t, "127.0.0.1")
	for answer, want := range map[string]UnreachedError{
		"535 5.7.8 no ims here\r\n":              {Code: 535, Enhanced: "5.7.8"},
		"535\r\n":                                {Code: 535},
		"534 5.7.9 too weak\r\n":                 {Code: 534, Enhanced: "5.7.9"},
		"538 5.7.11 encrypt\r\n":                 {Code: 538, Enhanced: "5.7.11"},
		"530 5.7.0 no\r\n":                       {Code: 530, Enhanced: "5.7.0"},
		"454 4.7.0 later\r\n":                    {Code: 454, Enhanced: "4.7.0"},
		"535-5.7.8 ims:\r\n535 5.7.8 see help\n": {Code: 535, Enhanced: "5.7.8"},
		"334 more\r\n":                           {Code: 334},
	} {
		t.Run(answer, func(t *testing.T) {
			s := &scripted{certificate: &certificate, answers: map[string]string{
				"EHLO": "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n", "AUTH": answer,
			}}
			transport := transportTo(t, s, signIn, func(settings *SMTPSettings) { settings.RootCAs = pool })
			for deed, err := range map[string]error{"send": send(t, transport), "check": transport.Check(t.Context())} {
				wantUnreached(t, err, want.Code, want.Enhanced)
				if !strings.HasSuffix(err.Error(), "AUTH: "+want.Codes()) {
					t.Errorf("%s: got %q, want the deed and the codes", deed, err)
				}
			}
		})
	}
}

func TestAServerThatKnowsNoEHLOIsGreetedWithHELO(t *testing.T) {
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

// RFC 5321, 4.2, lets a reply end after its code.
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

func TestAnAnswerThatIsNoSMTPIsNeitherYesNorRepeated(t *testing.T) {
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

// An answer that comes before its command would be read as the answer to the letter.
func TestAnAnswerThatNothingAskedForIsNotTakenForTheNext(t *testing.T) {
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

// CVE-2011-0411: what a man in the middle adds in clear is read as if it had come under TLS.
func TestWhatComesInClearAfterSTARTTLSIsRefused(t *testing.T) {
	certificate, pool := newCertificate(t, "127.0.0.1")
	s := &scripted{certificate: &certificate, answers: map[string]string{
		"EHLO": "250-mail.example\r\n250 STARTTLS\r\n", "STARTTLS": "220 go on\r\n250-evil\r\n250 AUTH PLAIN\r\n",
	}}
	err := send(t, transportTo(t, s, func(settings *SMTPSettings) { settings.RootCAs = pool }))
	wantUnreached(t, err, 0, "")
	if !errors.Is(err, errInjected) || strings.Contains(s.said(), "MAIL") {
		t.Errorf("got %v after %q, want the connection left", err, s.said())
	}
}

func TestARefusedSTARTTLSIsNotFollowedByClearText(t *testing.T) {
	for answer, code := range map[string]int{"454 4.7.0 TLS is not available\r\n": 454, "502\r\n": 502, "250 ok\r\n": 250} {
		s := &scripted{answers: map[string]string{"EHLO": "250-mail.example\r\n250 STARTTLS\r\n", "STARTTLS": answer}}
		err := send(t, transportTo(t, s))
		var unreached *UnreachedError
		if !errors.As(err, &unreached) || unreached.Code != code || strings.Contains(s.said(), "MAIL") {
			t.Errorf("%q: got %v after %q, want nothing sent", answer, err, s.said())
		}
	}
}

// A server may allow a few letters a connection and refuse the next without hanging up, or hang up as well.
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

func TestALetterRefusedForNowAfterItWasGivenIsNotGivenAgainAtOnce(t *testing.T) {
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

func TestAGreetingThatRefusesIsToldWithItsCodes(t *testing.T) {
	for answer, want := range map[string]UnreachedError{
		"421 4.3.2 too busy\r\n": {Code: 421, Enhanced: "4.3.2"}, "554\r\n": {Code: 554}, "450-4.7.1 a\r\n450 4.7.1 b\r\n": {Code: 450, Enhanced: "4.7.1"},
	} {
		s := &scripted{answers: map[string]string{"greeting": answer}}
		wantUnreached(t, send(t, transportTo(t, s)), want.Code, want.Enhanced)
	}
}
