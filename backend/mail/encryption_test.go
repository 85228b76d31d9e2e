package mail

import (
	"crypto/tls"
	"errors"
	"net/mail"
	"strings"
	"testing"
	"time"
)

// A local mail server often has a self-signed certificate.
func TestWithoutAPasswordAnyCertificateIsBetterThanClearText(t *testing.T) {
	ours, ourPool := newCertificate(t, "127.0.0.1")
	othersName, othersPool := newCertificate(t, "mail.example.jp")
	for name, test := range map[string]struct {
		certificate tls.Certificate
		change      func(*SMTPSettings)
		warning     string
	}{
		"good":           {ours, func(s *SMTPSettings) { s.RootCAs = ourPool }, ""},
		"unknown issuer": {ours, func(s *SMTPSettings) { s.RootCAs = othersPool }, "the mail server's certificate is signed by an unknown authority"},
		"no authority":   {ours, func(*SMTPSettings) {}, "the mail server's certificate is signed by an unknown authority"},
		"wrong name":     {othersName, func(s *SMTPSettings) { s.RootCAs = othersPool }, "the mail server's certificate is for another name than the server's"},
		"expired":        {newCertificateUntil(t, "127.0.0.1", time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)), func(*SMTPSettings) {}, "the mail server's certificate has expired, or is not valid yet"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &scripted{certificate: &test.certificate, answers: map[string]string{"EHLO": "250-mail.example\r\n250 starttls\r\n"}}
			transport := transportTo(t, s, test.change)
			mustSend(t, transport)
			if !strings.Contains(s.said(), "TLS MAIL") {
				t.Errorf("got %q, want the letter under TLS", s.said())
			}
			warning, err := transport.Inspect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var unverified *UnverifiedError
			switch {
			case test.warning == "" && warning != nil:
				t.Errorf("got the warning %q, want none", warning)
			case test.warning != "" && (!errors.As(warning, &unverified) || warning.Error() != test.warning):
				t.Errorf("got the warning %v, want %q", warning, test.warning)
			}
			if err := transport.Check(t.Context()); err != nil {
				t.Errorf("got %v, want the server found", err)
			}
		})
	}
}

func TestWhereProofIsAskedForNoLetterLeavesWithoutIt(t *testing.T) {
	certificate, _ := newCertificate(t, "127.0.0.1")
	_, othersPool := newCertificate(t, "127.0.0.1")
	for name, test := range map[string]struct {
		implicit bool
		change   func(*SMTPSettings)
	}{
		"with a password": {false, signIn},
		"required":        {false, func(s *SMTPSettings) { s.TLS = TLSRequired }},
		"implicit":        {true, func(s *SMTPSettings) { s.TLS = TLSImplicit }},
	} {
		t.Run(name, func(t *testing.T) {
			s := &scripted{certificate: &certificate, implicit: test.implicit, answers: map[string]string{
				"EHLO": "250-mail.example\r\n250-starttls\r\n250 auth plain\r\n",
			}}
			transport := transportTo(t, s, test.change, func(settings *SMTPSettings) { settings.RootCAs = othersPool })
			for step, err := range map[string]error{"send": send(t, transport), "check": transport.Check(t.Context())} {
				wantUnreached(t, err, 0, "")
				if !strings.HasSuffix(err.Error(), "the mail server's certificate is signed by an unknown authority") {
					t.Errorf("%s: got %q, want what is wrong with the certificate", step, err)
				}
			}
			if strings.Contains(s.said(), "MAIL") || strings.Contains(s.said(), "AUTH ") {
				t.Errorf("got %q, want nothing sent", s.said())
			}
		})
	}
}

// An attacker on the network can break a handshake as easily as remove STARTTLS. The next connection must not be in
// clear text either.
func TestAFailedHandshakeIsNeverFollowedByClearText(t *testing.T) {
	checkLeaks(t)
	tooOld, _ := newCertificate(t, "127.0.0.1")
	s := newSink(t, withTLS(tooOld), withOldTLS)
	transport := newTransport(t, s)
	for range 3 {
		wantUnreached(t, send(t, transport), 0, "")
	}
	if got := strings.Count(s.transcriptText(), "EHLO example.jp\r\n"); got != 3 || strings.Contains(s.transcriptText(), "MAIL FROM") {
		t.Errorf("got %q, want STARTTLS alone three times", s.transcriptText())
	}
}

func TestNoPasswordIsSentWithoutTLSWhateverTheSettingsAre(t *testing.T) {
	s := &scripted{answers: map[string]string{"EHLO": "250-mail.example\r\n250 AUTH PLAIN\r\n"}}
	settings := SMTPSettings{Host: "127.0.0.1", Port: 25, TLS: TLSOpportunistic, From: mail.Address{Address: "a@example.jp"}, dial: s.dial}
	signIn(&settings)
	if _, err := settings.connect(t.Context()); !errors.Is(err, ErrNoTLS) {
		t.Errorf("got %v, want ErrNoTLS", err)
	}
	c := &conversation{extensions: parseExtensions([]string{"AUTH PLAIN"})}
	if err := settings.authenticate(t.Context(), c); !errors.Is(err, ErrNoTLS) {
		t.Errorf("got %v, want ErrNoTLS", err)
	}
	if strings.Contains(s.said(), "AUTH") {
		t.Errorf("got %q, want no password", s.said())
	}
}
