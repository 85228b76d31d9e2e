package mail

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"
	"testing"
)

var sender = netmail.Address{Name: "IMS サポート", Address: "support@example.jp"}

// headers parses a letter's header without decoding it.
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
