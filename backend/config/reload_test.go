package config_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aikagi/backend/config"
)

// reading returns a function that reads servable together with a TOML file, and one that replaces the file.
func reading(t *testing.T, toml string, environ ...string) (read func() config.Reading, write func(string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "aikagi.toml")
	write = func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(toml)
	return func() config.Reading {
		t.Helper()
		found, err := config.Read(config.Args{Environ: with(environ...), File: path, Needs: config.All()})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}, write
}

func names(mistakes []config.Mistake) (found []string) {
	for _, m := range mistakes {
		found = append(found, m.Setting)
	}
	return found
}

func TestEachSettingIsReloadedSeparately(t *testing.T) {
	read, write := reading(t, `
announcement_ja = "前"
help_desk_phone = "0120-000-000"
mailbox_help_en = "before"
log_level = "info"
`)
	former := read()
	write(`
announcement_ja = "後"
announcement_en = "After"
help_desk_mail = "neither s3cret nor a mail address"
recovery = "paused"
log_level = "s3cret"
smtp = "smtp://user:s3cret@other.example.jp"
brand_ja = "別"
argon2_memory = "s3cret"
trusted_proxies = "s3cret"
`)
	again := former.Reload()
	s := again.Settings
	for what, is := range map[string]bool{
		"the announcement":       s.Announcement == config.Text{JA: "後", EN: "After"},
		"RECOVERY":               s.RecoveryPaused,
		"a removed phone":        s.HelpDesk.Phone == "",
		"a removed mailbox help": s.MailboxHelp.EN == "",
		"the old level":          s.LogLevel == slog.LevelInfo,
		"the old mail":           s.HelpDesk.Mail == "",
		"the old brand":          s.Brand.JA == "IMS",
		"the old mail server":    s.SMTP.Host == "mail.example.jp",
	} {
		if !is {
			t.Errorf("%s: got %+v", what, s)
		}
	}
	if want := []string{"AIKAGI_RECOVERY", "AIKAGI_HELP_DESK_PHONE", "AIKAGI_MAILBOX_HELP_EN", "AIKAGI_ANNOUNCEMENT_JA", "AIKAGI_ANNOUNCEMENT_EN"}; !slices.Equal(again.Changed, want) {
		t.Errorf("changed: got %v, want %v", again.Changed, want)
	}
	if want := []string{"AIKAGI_BRAND_JA"}; !slices.Equal(again.Restart, want) { // the environment overrides smtp in the file
		t.Errorf("restart: got %v, want %v", again.Restart, want)
	}
	if got, want := names(again.Mistakes), []string{"AIKAGI_TRUSTED_PROXIES", "AIKAGI_ARGON2_MEMORY", "AIKAGI_HELP_DESK_MAIL", "AIKAGI_LOG_LEVEL"}; !slices.Equal(got, want) {
		t.Errorf("mistakes: got %v, want %v", got, want)
	}
	if text := fmt.Sprint(again.Mistakes); strings.Contains(text, "s3cret") {
		t.Errorf("the mistakes repeat a value: %s", text)
	}

	third := again.Reload()
	if len(third.Changed) > 0 || !slices.Equal(third.Restart, again.Restart) {
		t.Errorf("read once more: got %v and %v, want nothing changed and the same restart", third.Changed, third.Restart)
	}
}

func TestAnUnreadableFileKeepsTheOldValuesOfItsSettings(t *testing.T) {
	valueFile := filepath.Join(t.TempDir(), "announcement")
	writeValue := func(text string) {
		t.Helper()
		if err := os.WriteFile(valueFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	writeValue("before")
	read, write := reading(t, `help_desk_phone = "1"`, "AIKAGI_ANNOUNCEMENT_EN_FILE="+valueFile)
	former := read()
	write(`help_desk_phone = "s3cret`) // no TOML
	writeValue("after")
	again := former.Reload()
	if again.Settings.HelpDesk.Phone != "1" || again.Settings.Announcement.EN != "after" {
		t.Errorf("got %+v", again.Settings)
	}
	if got := names(again.Mistakes); !slices.Equal(got, []string{"AIKAGI_CONFIG"}) || len(again.Restart) > 0 {
		t.Errorf("got the mistakes %v and for a restart %v", got, again.Restart)
	}

	write(`help_desk_phone = "2"`)
	if err := os.Remove(valueFile); err != nil {
		t.Fatal(err)
	}
	again = again.Reload()
	if again.Settings.HelpDesk.Phone != "2" || again.Settings.Announcement.EN != "after" {
		t.Errorf("got %+v", again.Settings)
	}
	if got := names(again.Mistakes); !slices.Equal(got, []string{"AIKAGI_ANNOUNCEMENT_EN"}) {
		t.Errorf("got the mistakes %v", got)
	}
}

func TestACertificateAndItsKeyAreReloadedTogetherOrNotAtAll(t *testing.T) {
	folder := t.TempDir()
	cert, key := writePair(t, folder, "a")
	other, otherKey := writePair(t, folder, "b")
	set := func(cert, key string) string { return fmt.Sprintf("tls_cert = %q\ntls_key = %q\n", cert, key) }
	read, write := reading(t, set(cert, key))
	former := read()
	write(set(other, key))
	again := former.Reload()
	if again.Settings.TLS != former.Settings.TLS || !slices.Equal(names(again.Mistakes), []string{"AIKAGI_TLS_CERT"}) || len(again.Changed)+len(again.Restart) > 0 {
		t.Errorf("half a pair: got %+v", again)
	}
	write(set("/nowhere/s3cret", key))
	again = again.Reload()
	if text := fmt.Sprint(again.Mistakes); again.Settings.TLS != former.Settings.TLS || !strings.Contains(text, "AIKAGI_TLS_CERT") || strings.Contains(text, "s3cret") {
		t.Errorf("a path that does not exist: got %+v", again)
	}
	write(set(other, otherKey))
	again = again.Reload()
	if want := (config.TLS{CertFile: other, KeyFile: otherKey}); again.Settings.TLS != want || len(again.Changed) != 2 || len(again.Mistakes) > 0 {
		t.Errorf("another pair: got %+v", again)
	}
	write("")
	if again = again.Reload(); !again.Settings.TLS.IsSet() || len(again.Changed) > 0 || !slices.Equal(again.Restart, []string{"AIKAGI_TLS_CERT", "AIKAGI_TLS_KEY"}) {
		t.Errorf("without TLS: got %+v", again)
	}
}

// writePair writes a self-signed certificate and its key.
func writePair(t *testing.T, folder, name string) (cert, key string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(folder, name+".pem"), filepath.Join(folder, name+".key")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestEachTextThatTheReferenceSaysAHangUpChangesIsChanged(t *testing.T) {
	read, write := reading(t, "")
	former := read()
	get := map[string]func(config.Settings) string{
		"announcement_ja": func(s config.Settings) string { return s.Announcement.JA }, "announcement_en": func(s config.Settings) string { return s.Announcement.EN },
		"mailbox_help_ja": func(s config.Settings) string { return s.MailboxHelp.JA }, "mailbox_help_en": func(s config.Settings) string { return s.MailboxHelp.EN },
		"help_desk_name_ja": func(s config.Settings) string { return s.HelpDesk.Name.JA }, "help_desk_name_en": func(s config.Settings) string { return s.HelpDesk.Name.EN },
		"help_desk_hours_ja": func(s config.Settings) string { return s.HelpDesk.Hours.JA }, "help_desk_hours_en": func(s config.Settings) string { return s.HelpDesk.Hours.EN },
		"help_desk_phone": func(s config.Settings) string { return s.HelpDesk.Phone }, "help_desk_mail": func(s config.Settings) string { return s.HelpDesk.Mail },
		"help_desk_url": func(s config.Settings) string { return s.HelpDesk.URL },
		"log_level":     func(s config.Settings) string { return s.LogLevel.String() },
		"recovery":      func(s config.Settings) string { return fmt.Sprint(s.RecoveryPaused) },
	}
	values := map[string][2]string{
		"help_desk_phone": {"0120-111-111", "0120-111-111"}, "help_desk_mail": {"desk@example.jp", "desk@example.jp"},
		"help_desk_url": {"https://example.jp/desk", "https://example.jp/desk"}, "log_level": {"debug", "DEBUG"}, "recovery": {"paused", "true"},
	}
	for name, value := range get {
		text, want := name, name
		if one, has := values[name]; has {
			text, want = one[0], one[1]
		}
		write(fmt.Sprintf("%s = %q\n", name, text))
		again := former.Reload()
		setting := "AIKAGI_" + strings.ToUpper(name)
		if got := value(again.Settings); got != want || !slices.Equal(again.Changed, []string{setting}) || len(again.Restart) > 0 {
			t.Errorf("%s: got %q, changed %v, restart %v", setting, got, again.Changed, again.Restart)
		}
	}
	if all := strings.Count(config.Reference(), "SIGHUP changes it while the server runs."); all != len(get)+2 { // the certificate and its key are two more
		t.Errorf("the reference names %d settings, want %d", all, len(get)+2)
	}
}
