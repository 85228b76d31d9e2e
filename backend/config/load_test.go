package config_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/secret"
)

const key32 = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" // 0123456789…, 32 bytes

// servable is an environment with which the server starts.
var servable = []string{
	"PATH=/usr/bin",
	"AIKAGI_PUBLIC_URL=https://support.example.jp",
	"AIKAGI_DATABASE=mysql://aikagi:hidden-1@db1,db2:3307/aikagi?tls=true",
	"AIKAGI_SMTP=smtp://postman:hidden-2@mail.example.jp",
	"AIKAGI_MAIL_FROM=会員サポート <support@example.jp>",
	"AIKAGI_KEYS=2026-07:" + key32,
}

// with returns servable with the entries added. An entry replaces one with the same name.
func with(entries ...string) []string {
	environ := make([]string, 0, len(servable)+len(entries))
	for _, old := range servable {
		name, _, _ := strings.Cut(old, "=")
		replaced := false
		for _, entry := range entries {
			replaced = replaced || strings.HasPrefix(entry, name+"=") || strings.HasPrefix(entry, name+"_FILE=")
		}
		if !replaced {
			environ = append(environ, old)
		}
	}
	return append(environ, entries...)
}

func TestASettingThatIsNotSetHasItsDefault(t *testing.T) {
	got, err := config.Load(config.Args{})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Settings{
		Listen: config.Address{Host: "127.0.0.1", Port: 8080}, OpsListen: config.Address{Host: "127.0.0.1", Port: 8081},
		StopDelay: 5 * time.Second, HSTS: 63072000, ACME: config.ACME{Directory: "https://acme-v02.api.letsencrypt.org/directory"},
		Database: config.Database{Connections: 32}, SMTP: config.SMTP{Connections: 8},
		TemporaryPasswordLifetime: time.Hour, SessionIdle: 30 * time.Minute, SessionAbsolute: 12 * time.Hour,
		Argon2: config.Argon2{Memory: 19456, Iterations: 2, Parallelism: 1}, RateLimits: true,
		RetentionRecoveries: 30 * 24 * time.Hour, RetentionLetters: 90 * 24 * time.Hour, RetentionActivities: 400 * 24 * time.Hour,
		Brand: config.Text{JA: "IMS", EN: "IMS"}, LoginSuffix: "@wakwak.com", MailExample: "…@xxx.mm-m.ne.jp",
		HelpDesk: config.HelpDesk{Name: config.Text{JA: "ヘルプデスク", EN: "Help desk"}},
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	for _, line := range []string{"AIKAGI_LISTEN [127.0.0.1:8080]\n", "AIKAGI_KEYS\n", "Such as https://support.example.jp\n"} {
		if !strings.Contains(config.Reference(), line) {
			t.Errorf("the reference does not say %q", line)
		}
	}
}

func TestConnectionsAndHSTSAreSettings(t *testing.T) {
	got, err := config.Load(config.Args{Environ: with("AIKAGI_DATABASE_CONNECTIONS=5", "AIKAGI_SMTP_CONNECTIONS=2", "AIKAGI_HSTS=0"), Needs: config.All()})
	if err != nil || got.Database.Connections != 5 || got.SMTP.Connections != 2 || got.HSTS != 0 {
		t.Errorf("got %d, %d, %d, %v", got.Database.Connections, got.SMTP.Connections, got.HSTS, err)
	}
	_, err = config.Load(config.Args{Environ: with("AIKAGI_DATABASE_CONNECTIONS=0", "AIKAGI_SMTP_CONNECTIONS=many", "AIKAGI_HSTS=1y"), Needs: config.All()})
	if err == nil || strings.Count(err.Error(), "is not a whole number from") != 3 {
		t.Errorf("got %v, want three mistakes", err)
	}
}

func TestTheSentinelsHaveTheirOwnPassword(t *testing.T) {
	url := "redis+sentinel://u:p@h/main/2"
	got, err := config.Load(config.Args{Environ: []string{"AIKAGI_REDIS=" + url + "?sentinel_user=su&sentinel_password=s%2Bp"}})
	if r := got.Redis; err != nil || r.SentinelUser != "su" || r.SentinelPassword.Reveal() != "s+p" || r.User != "u" || r.Password.Reveal() != "p" || r.Master != "main" || r.Database != 2 {
		t.Errorf("got %+v, %v", got.Redis, err)
	}
	for setting, want := range map[string]string{
		url + "?sentinel_user=hidden":                  "without sentinel_password",
		"redis://h?sentinel_password=hidden":           "takes none",
		url + "?password=hidden":                       "unknown option",
		url + "?sentinel_password=a&sentinel_password": "twice",
	} {
		if _, err := config.Load(config.Args{Environ: []string{"AIKAGI_REDIS=" + setting}}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: got %v, want %q", setting, err, want)
		}
	}
}

func TestADemoNeedsNothingSet(t *testing.T) {
	demo := &config.Demo{Path: "demo.db", Keys: secret.New("demo:" + key32)}
	tests := []struct{ listen, want string }{
		{"127.0.0.1:8080", "http://localhost:8080"},
		{"localhost:80", "http://localhost"},
		{"[::1]:9000", "http://[::1]:9000"},
		{"127.0.0.1:0", ""},
	}
	for _, test := range tests {
		got, err := config.Load(config.Args{Demo: demo, Needs: config.All(), Environ: []string{"AIKAGI_LISTEN=" + test.listen}})
		if err != nil {
			t.Fatal(err)
		}
		if string(got.PublicURL) != test.want {
			t.Errorf("%s: got the public URL %q, want %q", test.listen, got.PublicURL, test.want)
		}
		if !got.Demo || got.Database.Path != "demo.db" || got.Keys[0].Name != "demo" || got.SMTP.IsSet() || got.MailFrom.Address == "" || got.StopDelay != 0 {
			t.Errorf("%s: got %+v, want the defaults of the demo", test.listen, got)
		}
	}
}

func TestSettingsPrintWithoutTheirSecrets(t *testing.T) {
	environ := with("AIKAGI_REDIS=redis://:hidden-3@redis", "AIKAGI_DKIM_DOMAIN=example.jp", "AIKAGI_DKIM_SELECTOR=s", "AIKAGI_DKIM_KEY="+ed25519PEM(t))
	settings, err := config.Load(config.Args{Environ: environ, Needs: config.All()})
	if err != nil {
		t.Fatal(err)
	}
	if got := settings.Database.Password.Reveal() + settings.SMTP.Password.Reveal() + settings.Redis.Password.Reveal(); got != "hidden-1hidden-2hidden-3" {
		t.Fatalf("got the passwords %q", got)
	}
	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%d", "%x", "%q"} {
		fmt.Fprintf(&printed, verb+"\n", settings)
		fmt.Fprintf(&printed, verb+"\n", &settings)
	}
	slog.New(slog.NewJSONHandler(&printed, nil)).Info("json", "settings", settings, "password", settings.SMTP.Password)
	slog.New(slog.NewTextHandler(&printed, nil)).Info("text", "settings", settings, "password", settings.SMTP.Password)
	encoded, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	printed.Write(encoded)
	secrets := []string{"hidden", "68696464656e", key32, "0123456789", "[48 49 50", "0x30, 0x31", "303132333435"}
	for _, secret := range secrets {
		if strings.Contains(printed.String(), secret) {
			t.Errorf("%q was printed:\n%s", secret, printed.String())
		}
	}
	if !strings.Contains(printed.String(), "[secret]") {
		t.Error("nothing was redacted, so the test has checked nothing")
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	if mistakes := (*config.MistakesError)(nil); !errors.As(err, &mistakes) {
		return "not a MistakesError: " + err.Error()
	}
	return err.Error()
}

func ed25519PEM(t *testing.T) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	content, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: content}))
}
