package cli

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/testkit/sink"
)

func TestAPreviewHasTheSenderAndTheLifetimeOfTheSettings(t *testing.T) {
	dir, before := t.TempDir(), time.Now()
	code, printed := runIn(t, []string{
		"AIKAGI_MAIL_FROM=IMS Support <support@example.jp>", "AIKAGI_TEMPORARY_PASSWORD_LIFETIME=24h",
	}, "mail", "preview", dir)
	if code != exitDone {
		t.Fatalf("got %d\n%s", code, printed)
	}
	eml, err := os.ReadFile(filepath.Join(dir, "temporary_password.en.eml"))
	if err != nil || !strings.Contains(string(eml), "\r\nFrom: \"IMS Support\" <support@example.jp>\r\n") {
		t.Errorf("got %v,\n%s\nwant the sender's name", err, eml)
	}
	text, err := os.ReadFile(filepath.Join(dir, "temporary_password.ja.txt"))
	_, after, _ := strings.Cut(string(text), "【有効期限】\n")
	line, _, _ := strings.Cut(after, "\n")
	expires, parseErr := time.ParseInLocation("20060102 15:04", line, time.FixedZone("JST", 9*60*60))
	if err != nil || parseErr != nil || expires.Before(before.Add(24*time.Hour).Truncate(time.Minute)) || expires.After(time.Now().Add(24*time.Hour)) {
		t.Errorf("got %v, %v,\n%s\nwant the expiry a day ahead", err, parseErr, text)
	}
}

func TestATestLetterIsSentAndTheAnswerIsPrinted(t *testing.T) {
	mails, err := sink.Start(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mails.Close() })
	environ := []string{"AIKAGI_SMTP=" + mails.SMTP(), "AIKAGI_MAIL_FROM=IMS <support@example.jp>", "AIKAGI_PUBLIC_URL=https://members.example.jp"}

	code, printed := runIn(t, environ, "mail", "test", "Operator@example.jp")
	letters := mails.Take()
	if code != exitDone || len(letters) != 1 {
		t.Fatalf("got %d and %d letters\n%s", code, len(letters), printed)
	}
	letter := letters[0]
	if letter.To[0] != "operator@example.jp" || letter.TemporaryPassword() == "" || !strings.Contains(letter.Text, "https://members.example.jp/recover/") {
		t.Errorf("got %+v, want the letter that members get", letter)
	}
	if id := letter.Header("Message-Id"); !strings.Contains(printed, "250") || !strings.Contains(printed, id) {
		t.Errorf("got %q, want the answer 250 and %s", printed, id)
	}
	runIn(t, environ, "mail", "test", "operator@example.jp", "--kind=former_address", "--language=en")
	if again := mails.Take(); len(again) != 1 || again[0].Header("Message-Id") == letter.Header("Message-Id") || !strings.Contains(again[0].Text, "Dear customer") {
		t.Errorf("got %+v, want another letter, in English", again)
	}

	mails.SetMode(sink.Mode{Refuse: 550, At: "rcpt"})
	if code, printed := runIn(t, environ, "mail", "test", "operator@example.jp"); code != exitFailed || !strings.Contains(printed, "the mail server refused the recipient: 550") {
		t.Errorf("refused: got %d\n%s", code, printed)
	}
	away := append(environ, "AIKAGI_SMTP=smtp://127.0.0.1:1")
	if code, printed := runIn(t, away, "mail", "test", "operator@example.jp"); code != exitFailed || !strings.Contains(printed, "connection refused") {
		t.Errorf("away: got %d\n%s", code, printed)
	}
}

func TestATestLetterNeedsAnAddressAndAMailServer(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"mail", "test"}, `expected "<address>"`},
		{[]string{"mail", "test", "nobody"}, "right would be a single address such as name@example.jp"},
		{[]string{"mail", "test", "a@example.jp,b@example.jp"}, "right would be a single address"},
		{[]string{"mail", "test", "a@例え.jp"}, "right would be a single address"},
		{[]string{"mail", "test", "a@example.jp", "--kind=greeting"}, "temporary_password"},
		{[]string{"mail", "test", "a@example.jp"}, "AIKAGI_SMTP: is not set"},
		{[]string{"mail", "test", "a@example.jp"}, "AIKAGI_MAIL_FROM: is not set"},
	} {
		if code, printed := runIn(t, nil, test.args...); code != exitUsage || !strings.Contains(printed, test.want) {
			t.Errorf("%q: got %d\n%s\nwant %d and %q", test.args, code, printed, exitUsage, test.want)
		}
	}
}

func TestBothKeysAndTheReturnPathAreUsed(t *testing.T) {
	keys := make([]string, 2)
	for i := range keys {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	dir := t.TempDir()
	environ := []string{
		"AIKAGI_MAIL_FROM=support@example.jp", "AIKAGI_MAIL_RETURN_PATH=bounces@example.jp", "AIKAGI_DKIM_DOMAIN=example.jp",
		"AIKAGI_DKIM_SELECTOR=first", "AIKAGI_DKIM_KEY=" + keys[0], "AIKAGI_DKIM_SELECTOR_2=second", "AIKAGI_DKIM_KEY_2=" + keys[1],
	}
	if code, printed := runIn(t, environ, "mail", "preview", dir); code != exitDone {
		t.Fatalf("got %d\n%s", code, printed)
	}
	eml, err := os.ReadFile(filepath.Join(dir, "temporary_password.ja.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, selector := range []string{" s=first;", " s=second;"} {
		if strings.Count(string(eml), selector) != 1 {
			t.Errorf("got\n%s\nwant a signature with%s", eml, selector)
		}
	}
	settings, err := config.Load(config.Args{Environ: environ})
	if got := smtpSettings(settings).ReturnPath; err != nil || got != "bounces@example.jp" {
		t.Errorf("got the return path %q, %v", got, err)
	}
}
