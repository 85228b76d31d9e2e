package mail

import (
	"errors"
	"strings"
	"testing"

	"aikagi/backend/secret"
)

const smtpPassword = "correct-horse"

func signIn(settings *SMTPSettings) {
	settings.User, settings.Password = "ims", secret.New(smtpPassword)
}

func TestALetterGoesOverSTARTTLSWhenOffered(t *testing.T) {
	checkLeaks(t)
	certificate, pool := newCertificate(t, "127.0.0.1")
	s := newSink(t, withTLS(certificate))
	s.password = smtpPassword
	transport := newTransport(t, s, signIn, func(settings *SMTPSettings) { settings.RootCAs = pool })
	mustSend(t, transport)
	mustSend(t, transport)
	if got := len(s.letters()); got != 2 {
		t.Errorf("got %d letters, want 2", got)
	}
	if !strings.Contains(s.transcriptText(), "STARTTLS\r\n") || !strings.Contains(s.transcriptText(), "AUTH PLAIN") {
		t.Error("got no STARTTLS and AUTH")
	}
	if got := s.connected(); got != 1 {
		t.Errorf("got %d connections, want 1", got)
	}
}

func TestALetterGoesOverTLSFromTheFirstByte(t *testing.T) {
	checkLeaks(t)
	certificate, pool := newCertificate(t, "127.0.0.1")
	s := startSink(t, true, withTLS(certificate))
	s.password = smtpPassword
	mustSend(t, newTransport(t, s, signIn, func(settings *SMTPSettings) {
		settings.TLS, settings.RootCAs = TLSImplicit, pool
	}))
	if got := len(s.letters()); got != 1 {
		t.Errorf("got %d letters, want 1", got)
	}
	if strings.Contains(s.transcriptText(), "STARTTLS\r\n") {
		t.Error("got STARTTLS inside TLS")
	}
}

func TestAStrangersCertificateIsRefused(t *testing.T) {
	certificate, pool := newCertificate(t, "127.0.0.1")
	othersName, othersPool := newCertificate(t, "mail.example.jp")
	for name, test := range map[string]struct {
		options sinkOption
		change  func(*SMTPSettings)
	}{
		"unknown issuer": {withTLS(certificate), func(s *SMTPSettings) { s.RootCAs = othersPool }},
		"wrong name":     {withTLS(othersName), func(s *SMTPSettings) { s.RootCAs = othersPool }},
		"required":       {withTLS(othersName), func(s *SMTPSettings) { s.RootCAs, s.TLS = pool, TLSRequired }},
	} {
		t.Run(name, func(t *testing.T) {
			checkLeaks(t)
			s := newSink(t, test.options)
			s.password = smtpPassword
			if err := send(t, newTransport(t, s, signIn, test.change)); err == nil {
				t.Error("got the letter sent, want an error")
			}
			if len(s.letters()) != 0 || strings.Contains(s.transcriptText(), "AUTH PLAIN ") {
				t.Error("got a letter or a password sent to a stranger")
			}
		})
	}
}

// An attacker on the network can remove STARTTLS from the server's answer (RFC 3207, 6).
func TestSTARTTLSStrippedSendsNeitherPasswordNorLetter(t *testing.T) {
	for name, change := range map[string]func(*SMTPSettings){
		"with a password": signIn,
		"required":        func(settings *SMTPSettings) { settings.TLS = TLSRequired },
	} {
		t.Run(name, func(t *testing.T) {
			checkLeaks(t)
			s := newSink(t)
			s.password = smtpPassword
			err := send(t, newTransport(t, s, change))
			if !errors.Is(err, ErrNoTLS) {
				t.Errorf("got %v, want ErrNoTLS", err)
			}
			if strings.Contains(s.transcriptText(), "AUTH PLAIN ") || strings.Contains(s.transcriptText(), "MAIL FROM") {
				t.Errorf("got %q, want nothing said after EHLO", s.transcriptText())
			}
		})
	}
}

func TestAWrongSMTPPasswordIsNoRefusalOfALetter(t *testing.T) {
	checkLeaks(t)
	certificate, pool := newCertificate(t, "127.0.0.1")
	s := newSink(t, withTLS(certificate))
	s.password = "another"
	transport := newTransport(t, s, signIn, func(settings *SMTPSettings) { settings.RootCAs = pool })
	for name, err := range map[string]error{"send": send(t, transport), "check": transport.Check(t.Context())} {
		wantUnreached(t, err, 454, "4.7.0") // which go-smtp answers
		if !strings.Contains(err.Error(), "AUTH") || strings.Contains(err.Error(), smtpPassword) {
			t.Errorf("%s: got %q, want the step named and no password", name, err)
		}
	}
}

func TestAServerWithoutSignInIsNamed(t *testing.T) {
	checkLeaks(t)
	certificate, pool := newCertificate(t, "127.0.0.1")
	s := newSink(t, withTLS(certificate))
	err := send(t, newTransport(t, s, signIn, func(settings *SMTPSettings) { settings.RootCAs = pool }))
	if !errors.Is(err, ErrNoAuth) {
		t.Errorf("got %v, want ErrNoAuth", err)
	}
}

func TestCheckSignsInAndSendsNothing(t *testing.T) {
	checkLeaks(t)
	certificate, pool := newCertificate(t, "127.0.0.1")
	s := newSink(t, withTLS(certificate))
	s.password = smtpPassword
	transport := newTransport(t, s, signIn, func(settings *SMTPSettings) { settings.RootCAs = pool })
	if err := transport.Check(t.Context()); err != nil {
		t.Errorf("got %v, want the server found", err)
	}
	<-s.left
	for _, word := range []string{"AUTH PLAIN ", "NOOP\r\n", "QUIT\r\n"} {
		if !strings.Contains(s.transcriptText(), word) {
			t.Errorf("got no %q", word)
		}
	}
	if strings.Contains(s.transcriptText(), "MAIL FROM") {
		t.Error("got a letter begun")
	}
}

func TestCheckNamesAServerThatIsNotThere(t *testing.T) {
	checkLeaks(t)
	s := newSink(t)
	transport := newTransport(t, s, func(settings *SMTPSettings) { settings.Port = 1 })
	if err := transport.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "connect") {
		t.Errorf("got %v, want an error that says connect", err)
	}
}
