package mail

import (
	"strings"
	"testing"

	"aikagi/backend/secret"
)

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
			for step, err := range map[string]error{"send": send(t, transport), "check": transport.Check(t.Context())} {
				wantUnreached(t, err, want.Code, want.Enhanced)
				if !strings.HasSuffix(err.Error(), "AUTH: "+want.Codes()) {
					t.Errorf("%s: got %q, want the step and the codes", step, err)
				}
			}
		})
	}
}
