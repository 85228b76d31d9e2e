package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"aikagi/backend/config"
)

var sender = netmail.Address{Name: "IMS サポート", Address: "support@example.jp"}

// headers reads a letter's headers, undecoded.
func headers(t *testing.T, raw string) netmail.Header {
	t.Helper()
	message, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return message.Header
}

func mustCompose(t *testing.T, m Message) string {
	t.Helper()
	raw, err := compose(sender, m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestEveryHeaderStandsOnce(t *testing.T) {
	got := headers(t, mustCompose(t, exampleMessage))
	for name, want := range map[string]string{
		"From":                     `=?utf-8?q?IMS_=E3=82=B5=E3=83=9D=E3=83=BC=E3=83=88?= <support@example.jp>`,
		"To":                       "<abcd@xxx.mm-m.ne.jp>",
		"Date":                     "Sun, 22 Nov 2026 06:30:00 +0000",
		"Message-Id":               "<abc@example.jp>",
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "All",
		"Mime-Version":             "1.0",
	} {
		if values := got[name]; len(values) != 1 || values[0] != want {
			t.Errorf("got %s %q, want it once: %q", name, values, want)
		}
	}
	if values := got["Subject"]; len(values) != 1 || decoded(t, values[0]) != exampleMessage.Subject {
		t.Errorf("got Subject %q, want it once: %q", values, exampleMessage.Subject)
	}
	if len(got) != 9 { // those above, Subject and Content-Type
		t.Errorf("got headers %v, want no others", got)
	}
}

func decoded(t *testing.T, header string) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestLinesAreShortAndASCII(t *testing.T) {
	message := exampleMessage
	message.Subject = strings.Repeat("会員サポートパスワード", 20)
	message.Text = strings.Repeat("一行に書かれた長い文章。", 200) + "\n.\n"
	for line := range strings.SplitSeq(mustCompose(t, message), "\r\n") {
		if len(line) > maxHeaderLine {
			t.Errorf("got a line of %d bytes: %q", len(line), line)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r > 126 || r < ' ' }) {
			t.Errorf("got a line that is not printable ASCII: %q", line)
		}
	}
}

func TestTheTextPartComesFirstAndWhole(t *testing.T) {
	message, err := netmail.ReadMessage(strings.NewReader(mustCompose(t, exampleMessage)))
	if err != nil {
		t.Fatal(err)
	}
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("got %s (%v), want multipart/alternative", kind, err)
	}
	parts := multipart.NewReader(message.Body, parameters["boundary"])
	for _, want := range []struct{ kind, content string }{
		{"text/plain; charset=UTF-8", exampleMessage.Text},
		{"text/html; charset=UTF-8", exampleMessage.HTML},
	} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if got := part.Header.Get("Content-Type"); got != want.kind {
			t.Errorf("got %s, want %s", got, want.kind)
		}
		content, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(content); got != strings.ReplaceAll(want.content, "\n", "\r\n") {
			t.Errorf("got %q, want %q with CRLF", got, want.content)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("got %v, want two parts only", err)
	}
}

// CVE-2026-23829: a line break in a value adds a header or a recipient.
func TestALineBreakInAValueAddsNoHeader(t *testing.T) {
	message := exampleMessage
	message.Subject = "仮パスワード\r\nBcc: thief@example.org"
	message.ID = "x\r\nBcc: thief@example.org"
	raw, err := compose(netmail.Address{Name: "IMS\r\nBcc: thief@example.org", Address: "support@example.jp"}, message)
	if err != nil {
		t.Fatal(err)
	}
	got := headers(t, string(raw))
	if len(got["Bcc"]) != 0 || len(got) != 9 {
		t.Errorf("got headers %v, want no new one", got)
	}
}

func TestLettersAreSigned(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"rsa": rsaKey, "ed25519": edKey} {
		t.Run(name, func(t *testing.T) {
			checkLeaks(t)
			s := newSink(t)
			transport := newTransport(t, s, func(settings *SMTPSettings) {
				settings.DKIM = &DKIM{Domain: "example.jp", Selector: "aikagi", Key: config.NewSecret(key)}
			})
			mustSend(t, transport)
			letter := s.letters()[0].data

			verification := verifyDKIM(t, letter, name, key)
			if verification.Err != nil {
				t.Fatalf("got %v, want a good signature", verification.Err)
			}
			if got, want := verification.Domain, "example.jp"; got != want {
				t.Errorf("got domain %s, want %s", got, want)
			}
			signed := strings.ToLower(strings.Join(verification.HeaderKeys, " "))
			for _, header := range []string{"from", "to", "subject", "date", "message-id", "mime-version", "content-type", "auto-submitted"} {
				if !strings.Contains(signed, header) {
					t.Errorf("got %s signed, want %s too", signed, header)
				}
			}
			for _, added := range []string{"Subject: another\r\n", "From: thief@example.org\r\n"} {
				if verifyDKIM(t, added+letter, name, key).Err == nil {
					t.Errorf("got a good signature with %q added", added)
				}
			}
		})
	}
}

func verifyDKIM(t *testing.T, letter, algorithm string, key crypto.Signer) *dkim.Verification {
	t.Helper()
	var public []byte
	switch key := key.Public().(type) {
	case ed25519.PublicKey:
		public = key
	default:
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		public = der
	}
	verifications, err := dkim.VerifyWithOptions(bytes.NewReader([]byte(letter)), &dkim.VerifyOptions{
		LookupTXT: func(domain string) ([]string, error) {
			if domain != "aikagi._domainkey.example.jp" {
				t.Errorf("got %s looked up", domain)
			}
			return []string{"v=DKIM1; k=" + algorithm + "; p=" + base64.StdEncoding.EncodeToString(public)}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(verifications) != 1 {
		t.Fatalf("got %d signatures, want 1", len(verifications))
	}
	return verifications[0]
}
