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
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/secret"
)

const key32 = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" // 0123456789…, 32 bytes

// served is an environment with which the server starts.
var served = []string{
	"PATH=/usr/bin",
	"AIKAGI_PUBLIC_URL=https://support.example.jp",
	"AIKAGI_DATABASE=mysql://aikagi:hidden-1@db1,db2:3307/aikagi?tls=true",
	"AIKAGI_SMTP=smtp://postman:hidden-2@mail.example.jp",
	"AIKAGI_MAIL_FROM=会員サポート <support@example.jp>",
	"AIKAGI_KEYS=2026-07:" + key32,
}

// with adds to the environment that serves; a name that is there already is replaced.
func with(entries ...string) []string {
	environ := make([]string, 0, len(served)+len(entries))
	for _, old := range served {
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

func TestWhatIsWrongWithTheSettingsIsSaidOnALineEach(t *testing.T) {
	const one = "there is a mistake in the settings:\n  "
	demo := &config.Demo{Path: "demo.db", Keys: secret.New("demo:" + key32)}
	tests := []struct {
		name string
		args config.Args
		want string // empty: no mistake
	}{
		{"an environment that serves", config.Args{Environ: with(), Needs: config.All()}, ""},
		{
			"nothing set, nothing needed", config.Args{}, "",
		},
		{
			"nothing set, all needed",
			config.Args{Needs: config.All()},
			"there are 5 mistakes in the settings:" +
				"\n  AIKAGI_PUBLIC_URL: is not set; right would be https://support.example.jp" +
				"\n  AIKAGI_DATABASE: is not set; right would be mysql://user:password@host:3306/name or sqlite:/var/lib/aikagi/aikagi.db" +
				"\n  AIKAGI_KEYS: is not set; right would be name:base64, as `aikagi keys new` prints it" +
				"\n  AIKAGI_SMTP: is not set; right would be smtp://user:password@host:587" +
				"\n  AIKAGI_MAIL_FROM: is not set; right would be IMS <support@example.jp>",
		},
		{
			"an import without a database",
			config.Args{Environ: []string{"AIKAGI_DATABASE="}, Needs: config.Needs{Database: true}},
			one + "AIKAGI_DATABASE: is not set; right would be mysql://user:password@host:3306/name or sqlite:/var/lib/aikagi/aikagi.db",
		},
		{
			"what is not needed is checked all the same",
			config.Args{Environ: []string{"AIKAGI_DATABASE=sqlite:a.db", "AIKAGI_SMTP=smtp://mail.example.jp:99999"}, Needs: config.Needs{Database: true}},
			one + "AIKAGI_SMTP: the value has a port that is not a number from 1 to 65535; right would be smtp://user:password@host:587",
		},
		{
			"a wrong value is not also missing",
			config.Args{Environ: with("AIKAGI_DATABASE=postgres://a:hidden@b/c"), Needs: config.All()},
			one + "AIKAGI_DATABASE: the value does not begin with mysql://; right would be mysql://user:password@host:3306/name or sqlite:/var/lib/aikagi/aikagi.db",
		},
		{
			"a misspelt name",
			config.Args{Environ: with("AIKAGI_LISTN=:1")},
			one + "AIKAGI_LISTN: is not a setting; did you mean AIKAGI_LISTEN?",
		},
		{
			"a name with a word too many",
			config.Args{Environ: with("AIKAGI_REDIS_URL=redis://h")},
			one + "AIKAGI_REDIS_URL: is not a setting; did you mean AIKAGI_REDIS?",
		},
		{
			"a name with a word too few",
			config.Args{Environ: with("AIKAGI_BRAND=IMS")},
			one + "AIKAGI_BRAND: is not a setting; did you mean AIKAGI_BRAND_JA?",
		},
		{
			"a misspelt name of a file",
			config.Args{Environ: with("AIKAGI_DATABSE_FILE=/x")},
			one + "AIKAGI_DATABSE_FILE: is not a setting; did you mean AIKAGI_DATABASE_FILE?",
		},
		{
			"a name like none",
			config.Args{Environ: with("AIKAGI_COLOUR=green")},
			one + "AIKAGI_COLOUR: is not a setting; `aikagi settings` lists all names",
		},
		{
			"what Kubernetes adds", config.Args{Environ: with("AIKAGI_PORT=tcp://10.0.0.1:80", "AIKAGI_PORT_8080_TCP_ADDR=10.0.0.1",
				"AIKAGI_SERVICE_HOST=10.0.0.1", "AIKAGI_DB_SERVICE_PORT_MYSQL=3306")}, "",
		},
		{
			"a port that somebody set",
			config.Args{Environ: with("AIKAGI_PORT=8080")},
			one + "AIKAGI_PORT: is not a setting; `aikagi settings` lists all names",
		},
		{
			"several at once",
			config.Args{Environ: with("AIKAGI_LISTEN=8080", "AIKAGI_SESSION_IDLE=30", "AIKAGI_RECOVERY=closed")},
			"there are 3 mistakes in the settings:" +
				"\n  AIKAGI_LISTEN: \"8080\" is a port without a host (all interfaces would be :8080); right would be 127.0.0.1:8080" +
				"\n  AIKAGI_SESSION_IDLE: \"30\" has no unit (s, m, h or d); right would be 30m" +
				"\n  AIKAGI_RECOVERY: \"closed\" is neither paused nor open; right would be open",
		},
		{
			"both listeners on one port",
			config.Args{Environ: with("AIKAGI_OPS_LISTEN=127.0.0.1:8080")},
			one + "AIKAGI_OPS_LISTEN: is the same as AIKAGI_LISTEN; right would be another port, such as 127.0.0.1:8081",
		},
		{"both listeners on any port", config.Args{Environ: with("AIKAGI_LISTEN=127.0.0.1:0", "AIKAGI_OPS_LISTEN=127.0.0.1:0")}, ""},
		{
			"a third of DKIM",
			config.Args{Environ: with("AIKAGI_DKIM_DOMAIN=example.jp")},
			"there are 2 mistakes in the settings:" +
				"\n  AIKAGI_DKIM_SELECTOR: is not set, but AIKAGI_DKIM_DOMAIN is; right would be to set all of them, or none" +
				"\n  AIKAGI_DKIM_KEY: is not set, but AIKAGI_DKIM_DOMAIN is; right would be to set all of them, or none",
		},
		{
			"a certificate without its key",
			config.Args{Environ: with("AIKAGI_TLS_CERT=/nowhere/cert.pem")},
			one + "AIKAGI_TLS_KEY: is not set, but AIKAGI_TLS_CERT is; right would be to set all of them, or none",
		},
		{
			"ACME without a folder",
			config.Args{Environ: with("AIKAGI_ACME_DOMAINS=a.example.jp")},
			one + "AIKAGI_ACME_FOLDER: is not set, but AIKAGI_ACME_DOMAINS is; right would be to set all of them, or none",
		},
		{
			"ACME without a domain",
			config.Args{Environ: with("AIKAGI_ACME_FOLDER="+os.TempDir(), "AIKAGI_ACME_MAIL=a@example.jp")},
			one + "AIKAGI_ACME_DOMAINS: is not set, but AIKAGI_ACME_FOLDER is; right would be to set all of them, or none",
		},
		{
			"ACME with a mail address alone",
			config.Args{Environ: with("AIKAGI_ACME_MAIL=a@example.jp")},
			one + "AIKAGI_ACME_MAIL: is set, but AIKAGI_ACME_DOMAINS and AIKAGI_ACME_FOLDER are not; right would be to set all of them, or none",
		},
		{
			"ACME with a folder that is not there",
			config.Args{Environ: with("AIKAGI_ACME_DOMAINS=a.example.jp", "AIKAGI_ACME_FOLDER=/nowhere/acme")},
			one + "AIKAGI_ACME_FOLDER: cannot be used: stat /nowhere/acme: no such file or directory; right would be a folder that the server may write to, such as /var/lib/aikagi/acme",
		},
		{
			"ACME with a file for a folder, and a directory without TLS",
			config.Args{Environ: with("AIKAGI_ACME_DOMAINS=a.example.jp", "AIKAGI_ACME_FOLDER=load_test.go", "AIKAGI_ACME_DIRECTORY=http://ca.example/directory")},
			"there are 2 mistakes in the settings:" +
				"\n  AIKAGI_ACME_DIRECTORY: \"http://ca.example/directory\" is not an address that begins with https://; right would be https://acme-v02.api.letsencrypt.org/directory" +
				"\n  AIKAGI_ACME_FOLDER: is not a folder; right would be a folder that the server may write to, such as /var/lib/aikagi/acme",
		},
		{
			"ACME and a certificate",
			config.Args{Environ: with("AIKAGI_ACME_DOMAINS=a.example.jp", "AIKAGI_ACME_FOLDER="+os.TempDir(), "AIKAGI_TLS_KEY=/nowhere/key.pem")},
			"there are 2 mistakes in the settings:" +
				"\n  AIKAGI_ACME_DOMAINS: is set, but AIKAGI_TLS_KEY is as well; right would be ACME, or a certificate of your own, but not both" +
				"\n  AIKAGI_TLS_CERT: is not set, but AIKAGI_TLS_KEY is; right would be to set all of them, or none",
		},
		{
			"ACME for a wildcard",
			config.Args{Environ: with("AIKAGI_ACME_DOMAINS=*.example.jp", "AIKAGI_ACME_FOLDER="+os.TempDir())},
			one + "AIKAGI_ACME_DOMAINS: \"*.example.jp\" holds a wildcard, for which this server cannot get a certificate; right would be support.example.jp",
		},
		{
			"ACME for an address",
			config.Args{Environ: with("AIKAGI_ACME_DOMAINS=a.example.jp,192.0.2.1", "AIKAGI_ACME_FOLDER="+os.TempDir())},
			one + "AIKAGI_ACME_DOMAINS: \"a.example.jp,192.0.2.1\" holds what is not a domain; right would be support.example.jp",
		},
		{"ACME", config.Args{Environ: with("AIKAGI_ACME_DOMAINS=a.example.jp, B.example.jp", "AIKAGI_ACME_FOLDER="+os.TempDir(), "AIKAGI_LISTEN_HTTP=:80")}, ""},
		{"plain HTTP that is off", config.Args{Environ: with("AIKAGI_LISTEN_HTTP=off")}, ""},
		{
			"plain HTTP on the port of another listener",
			config.Args{Environ: with("AIKAGI_LISTEN_HTTP=127.0.0.1:8080")},
			one + "AIKAGI_LISTEN_HTTP: is the same as AIKAGI_LISTEN; right would be another port, such as :80",
		},
		{
			"plain HTTP on a port without a host",
			config.Args{Environ: with("AIKAGI_LISTEN_HTTP=80")},
			one + "AIKAGI_LISTEN_HTTP: \"80\" is a port without a host (all interfaces would be :80); right would be off",
		},
		{
			"a demo with ACME and plain HTTP",
			config.Args{Demo: demo, Environ: []string{"AIKAGI_ACME_DOMAINS=a.example.jp", "AIKAGI_ACME_FOLDER=" + os.TempDir(), "AIKAGI_LISTEN_HTTP=:80"}},
			"there are 2 mistakes in the settings:" +
				"\n  AIKAGI_LISTEN_HTTP: is not on loopback, and this is a demo; right would be not to set it, or to serve without --demo" +
				"\n  AIKAGI_ACME_DOMAINS: is set, and this is a demo; right would be not to set it, or to serve without --demo",
		},
		{
			"a certificate that is not there",
			config.Args{Environ: with("AIKAGI_TLS_CERT=/nowhere/cert.pem", "AIKAGI_TLS_KEY=/nowhere/key.pem")},
			one + "AIKAGI_TLS_CERT: and AIKAGI_TLS_KEY cannot be used: open /nowhere/cert.pem: no such file or directory; " +
				"right would be two PEM files that belong together: the certificate with its chain, and its private key",
		},
		{
			"the certificate in the place of its path",
			config.Args{Environ: with("AIKAGI_TLS_CERT=-----BEGIN CERTIFICATE-----", "AIKAGI_TLS_KEY=/nowhere")},
			one + "AIKAGI_TLS_CERT: \"-----BEGIN CERTIFICATE-----\" is the content of a PEM file, not its path; right would be /etc/aikagi/cert.pem",
		},
		{
			"a CA that is not there, and a timeout without a unit",
			config.Args{Environ: with("AIKAGI_TLS_CA=/nowhere/ca.pem", "AIKAGI_SMTP=smtp://h?timeout=5")},
			"there are 2 mistakes in the settings:" +
				"\n  AIKAGI_SMTP: the value has a timeout that has no unit (s, m, h or d); right would be smtp://user:password@host:587" +
				"\n  AIKAGI_TLS_CA: cannot be read: no such file or directory; right would be a PEM file that holds the certificate of a CA",
		},
		{
			"a logo that is not there",
			config.Args{Environ: with("AIKAGI_BRAND_LOGO=/nowhere/logo.svg")},
			one + "AIKAGI_BRAND_LOGO: cannot be read: open /nowhere/logo.svg: no such file or directory; " +
				"right would be a file that holds a small SVG or PNG",
		},
		{
			"a colour that white text cannot stand on",
			config.Args{Environ: with("AIKAGI_BRAND_COLOR=#ff8800")},
			one + `AIKAGI_BRAND_COLOR: "#ff8800" is too light: white text on it has a contrast of 2.39 to 1, and 4.5 is needed; right would be #0017c1`,
		},
		{
			"less memory than lanes",
			config.Args{Environ: with("AIKAGI_ARGON2_MEMORY=8", "AIKAGI_ARGON2_PARALLELISM=2")},
			one + "AIKAGI_ARGON2_MEMORY: is less than 8 KiB for each lane of AIKAGI_ARGON2_PARALLELISM; right would be 19456 with a parallelism of 1",
		},
		{"a demo", config.Args{Demo: demo, Needs: config.All()}, ""},
		{"a demo on a file and an address of its own", config.Args{Demo: demo, Environ: []string{
			"AIKAGI_DATABASE=sqlite:x.db", "AIKAGI_LISTEN=[::1]:0", "AIKAGI_PUBLIC_URL=http://localhost:5173", "AIKAGI_SMTP=",
		}}, ""},
		{
			"a demo with a wrong listener",
			config.Args{Demo: demo, Environ: []string{"AIKAGI_LISTEN=localhost"}},
			one + "AIKAGI_LISTEN: \"localhost\" is not host:port; right would be 127.0.0.1:8080",
		},
		{
			"a demo on the network",
			config.Args{Demo: demo, Environ: with("AIKAGI_LISTEN=:0", "AIKAGI_OPS_LISTEN=0.0.0.0:1")},
			"there are 5 mistakes in the settings:" +
				"\n  AIKAGI_LISTEN: is not on loopback, and this is a demo; right would be 127.0.0.1:8080, or to serve without --demo" +
				"\n  AIKAGI_OPS_LISTEN: is not on loopback, and this is a demo; right would be 127.0.0.1:8081, or to serve without --demo" +
				"\n  AIKAGI_DATABASE: is on MySQL, and this is a demo; right would be not to set it, or to serve without --demo" +
				"\n  AIKAGI_SMTP: is set, and this is a demo, whose letters stay inside; right would be not to set it, or to serve without --demo" +
				"\n  AIKAGI_PUBLIC_URL: is not on loopback, and this is a demo; right would be not to set it, or to serve without --demo",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := config.Load(test.args)
			if got := text(err); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestFilesGiveSettingsAndTheEnvironmentWins(t *testing.T) {
	const one = "there is a mistake in the settings:\n  "
	tests := []struct {
		name    string
		content string // of the file at PATH
		environ []string
		config  bool // the file is the TOML file, by flag
		want    string
	}{
		{"a secret's file, its line break cut", "sqlite:from-file.db\r\n", []string{"AIKAGI_DATABASE_FILE=PATH"}, false, ""},
		{
			"both a value and a file", "sqlite:from-file.db",
			[]string{"AIKAGI_DATABASE=sqlite:a.db", "AIKAGI_DATABASE_FILE=PATH"},
			false,
			one + "AIKAGI_DATABASE: is set twice, also by AIKAGI_DATABASE_FILE; right would be one of the two",
		},
		{
			"a file that is not there, perhaps a password", "",
			[]string{"AIKAGI_DATABASE_FILE=mysql://u:hidden@h/n"},
			false,
			one + "AIKAGI_DATABASE (from AIKAGI_DATABASE_FILE): the file cannot be used: no such file or directory; right would be the path of a file that holds the value",
		},
		{
			"an empty file", "\n",
			[]string{"AIKAGI_DATABASE_FILE=PATH"},
			false,
			one + "AIKAGI_DATABASE (from AIKAGI_DATABASE_FILE): the file cannot be used: it is empty; right would be the path of a file that holds the value",
		},
		{
			"an endless file", "",
			[]string{"AIKAGI_DATABASE_FILE=/dev/zero"},
			false,
			one + "AIKAGI_DATABASE (from AIKAGI_DATABASE_FILE): the file cannot be used: it is over 1 MiB; right would be the path of a file that holds the value",
		},
		{
			"a wrong value in a file", "sqlite:",
			[]string{"AIKAGI_DATABASE_FILE=PATH"},
			false,
			one + "AIKAGI_DATABASE (from AIKAGI_DATABASE_FILE): the value has no path after its sqlite: prefix; right would be mysql://user:password@host:3306/name or sqlite:/var/lib/aikagi/aikagi.db",
		},
		{"TOML by flag", "\uFEFFdatabase = \"sqlite:from-file.db\"\nargon2_memory = 65536\n", []string{"AIKAGI_CONFIG=/nowhere"}, true, ""},
		{"TOML by name", "database = 'sqlite:from-file.db'", []string{"AIKAGI_CONFIG=PATH"}, false, ""},
		{"TOML under the environment", "database = 'sqlite:wrong?'", []string{"AIKAGI_CONFIG=PATH", "AIKAGI_DATABASE=sqlite:from-file.db"}, false, ""},
		{"TOML under an empty environment", "database = 'sqlite:from-file.db'", []string{"AIKAGI_CONFIG=PATH", "AIKAGI_DATABASE="}, false, ""},
		{
			"TOML with wrong values and names", "database = 'sqlite:from-file.db'\nlisten = 'x'\nlisten_adress = ':1'\nAIKAGI_REDIS = 'redis://h'\nKEYS = 'k'\nrecovery = true\n[smtp]\nhost = 'h'", nil, true,
			"there are 6 mistakes in the settings:" +
				"\n  AIKAGI_CONFIG (PATH): \"AIKAGI_REDIS\" is not a setting; did you mean redis?" +
				"\n  AIKAGI_CONFIG (PATH): \"KEYS\" is not a setting; did you mean keys?" +
				"\n  AIKAGI_CONFIG (PATH): \"listen_adress\" is not a setting; did you mean listen?" +
				"\n  AIKAGI_RECOVERY (recovery in PATH): is neither text nor a whole number; right would be text in quotation marks" +
				"\n  AIKAGI_SMTP (smtp in PATH): is neither text nor a whole number; right would be text in quotation marks" +
				"\n  AIKAGI_LISTEN (listen in PATH): \"x\" is not host:port; right would be 127.0.0.1:8080",
		},
		{
			"TOML that is none does not show its passwords", "listen = ':1'\nkeys = hidden:hidden\n", nil, true,
			one + "AIKAGI_CONFIG (PATH): is not TOML at line 2; right would be lines like listen = \"127.0.0.1:8080\", each name once",
		},
		{
			"TOML that is not there", "",
			[]string{"AIKAGI_CONFIG=/nowhere"},
			false,
			one + "AIKAGI_CONFIG (/nowhere): the file cannot be read: no such file or directory; right would be the path of a TOML file",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			args := config.Args{}
			for _, entry := range test.environ {
				args.Environ = append(args.Environ, strings.ReplaceAll(entry, "PATH", path))
			}
			if test.config {
				args.File = path
			}
			settings, err := config.Load(args)
			if got, want := text(err), strings.ReplaceAll(test.want, "PATH", path); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if err == nil && settings.Database.Path != "from-file.db" {
				t.Errorf("got the database %q, want from-file.db", settings.Database.Path)
			}
		})
	}
}

func TestWhatIsNotSetHasTheDefaultsOfTheReference(t *testing.T) {
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

func TestTheSentinelsHaveAPasswordOfTheirOwn(t *testing.T) {
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
			t.Errorf("%s: got %+v, want what the demo brings", test.listen, got)
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
			t.Errorf("%q is in what was printed:\n%s", secret, printed.String())
		}
	}
	if !strings.Contains(printed.String(), "[secret]") {
		t.Error("nothing was redacted, so nothing was looked at")
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
