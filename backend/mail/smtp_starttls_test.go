package mail

import (
	"errors"
	"strings"
	"testing"
)

func TestSTARTTLSIsRecognisedInEveryFormOfTheOffer(t *testing.T) {
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

// CVE-2011-0411: text that an attacker adds in clear is read as if it had been sent over TLS.
func TestClearTextAfterSTARTTLSIsRefused(t *testing.T) {
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
