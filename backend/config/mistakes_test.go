package config_test

import (
	"os"
	"testing"

	"aikagi/backend/config"
	"aikagi/backend/secret"
)

// one begins the report of a single mistake.
const one = "there is a mistake in the settings:\n  "

// mistakeTest is an input of config.Load and the report that is wanted.
type mistakeTest struct {
	name string
	args config.Args
	want string // empty if there is no mistake
}

func wantMistakes(t *testing.T, tests []mistakeTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := config.Load(test.args)
			if got := text(err); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestEachMistakeIsReportedOnALineOfItsOwn(t *testing.T) {
	wantMistakes(t, []mistakeTest{
		{"an environment with which the server starts", config.Args{Environ: with(), Needs: config.All()}, ""},
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
			"a setting that is not needed is checked",
			config.Args{Environ: []string{"AIKAGI_DATABASE=sqlite:a.db", "AIKAGI_SMTP=smtp://mail.example.jp:99999"}, Needs: config.Needs{Database: true}},
			one + "AIKAGI_SMTP: the value has a port that is not a number from 1 to 65535; right would be smtp://user:password@host:587",
		},
		{
			"a wrong value is not reported as missing",
			config.Args{Environ: with("AIKAGI_DATABASE=postgres://a:hidden@b/c"), Needs: config.All()},
			one + "AIKAGI_DATABASE: the value does not begin with mysql://; right would be mysql://user:password@host:3306/name or sqlite:/var/lib/aikagi/aikagi.db",
		},
		{
			"several at once",
			config.Args{Environ: with("AIKAGI_LISTEN=8080", "AIKAGI_SESSION_IDLE=30", "AIKAGI_RECOVERY=closed")},
			"there are 3 mistakes in the settings:" +
				"\n  AIKAGI_LISTEN: \"8080\" is a port without a host (all interfaces would be :8080); right would be 127.0.0.1:8080" +
				"\n  AIKAGI_SESSION_IDLE: \"30\" has no unit (s, m, h or d); right would be 30m" +
				"\n  AIKAGI_RECOVERY: \"closed\" is neither paused nor open; right would be open",
		},
	})
}

func TestAnUnknownNameIsReportedWithTheNameThatWasMeant(t *testing.T) {
	wantMistakes(t, []mistakeTest{
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
			"an unknown name",
			config.Args{Environ: with("AIKAGI_COLOUR=green")},
			one + "AIKAGI_COLOUR: is not a setting; `aikagi settings` lists all names",
		},
		{
			"the variables of Kubernetes", config.Args{Environ: with("AIKAGI_PORT=tcp://10.0.0.1:80", "AIKAGI_PORT_8080_TCP_ADDR=10.0.0.1",
				"AIKAGI_SERVICE_HOST=10.0.0.1", "AIKAGI_DB_SERVICE_PORT_MYSQL=3306")}, "",
		},
		{
			"a port that an operator set",
			config.Args{Environ: with("AIKAGI_PORT=8080")},
			one + "AIKAGI_PORT: is not a setting; `aikagi settings` lists all names",
		},
	})
}

func TestSettingsThatDoNotFitTogetherAreReported(t *testing.T) {
	wantMistakes(t, []mistakeTest{
		{
			"both listeners on one port",
			config.Args{Environ: with("AIKAGI_OPS_LISTEN=127.0.0.1:8080")},
			one + "AIKAGI_OPS_LISTEN: is the same as AIKAGI_LISTEN; right would be another port, such as 127.0.0.1:8081",
		},
		{"both listeners on any port", config.Args{Environ: with("AIKAGI_LISTEN=127.0.0.1:0", "AIKAGI_OPS_LISTEN=127.0.0.1:0")}, ""},
		{
			"one of three settings of DKIM",
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
			"a certificate that does not exist",
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
			"a CA that does not exist, and a timeout without a unit",
			config.Args{Environ: with("AIKAGI_TLS_CA=/nowhere/ca.pem", "AIKAGI_SMTP=smtp://h?timeout=5")},
			"there are 2 mistakes in the settings:" +
				"\n  AIKAGI_SMTP: the value has a timeout that has no unit (s, m, h or d); right would be smtp://user:password@host:587" +
				"\n  AIKAGI_TLS_CA: cannot be read: no such file or directory; right would be a PEM file that holds the certificate of a CA",
		},
		{
			"a logo that does not exist",
			config.Args{Environ: with("AIKAGI_BRAND_LOGO=/nowhere/logo.svg")},
			one + "AIKAGI_BRAND_LOGO: cannot be read: open /nowhere/logo.svg: no such file or directory; " +
				"right would be a file that holds a small SVG or PNG",
		},
		{
			"a colour that is too light for white text",
			config.Args{Environ: with("AIKAGI_BRAND_COLOR=#ff8800")},
			one + `AIKAGI_BRAND_COLOR: "#ff8800" is too light: white text on it has a contrast of 2.39 to 1, and 4.5 is needed; right would be #0017c1`,
		},
		{
			"less memory than lanes",
			config.Args{Environ: with("AIKAGI_ARGON2_MEMORY=8", "AIKAGI_ARGON2_PARALLELISM=2")},
			one + "AIKAGI_ARGON2_MEMORY: is less than 8 KiB for each lane of AIKAGI_ARGON2_PARALLELISM; right would be 19456 with a parallelism of 1",
		},
	})
}

func TestTheSettingsOfACMEAndPlainHTTPAreChecked(t *testing.T) {
	wantMistakes(t, []mistakeTest{
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
			"ACME with a folder that does not exist",
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
	})
}

func TestADemoStaysOnLoopbackAndWithoutMembers(t *testing.T) {
	demo := &config.Demo{Path: "demo.db", Keys: secret.New("demo:" + key32)}
	wantMistakes(t, []mistakeTest{
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
		{
			"a demo with ACME and plain HTTP",
			config.Args{Demo: demo, Environ: []string{"AIKAGI_ACME_DOMAINS=a.example.jp", "AIKAGI_ACME_FOLDER=" + os.TempDir(), "AIKAGI_LISTEN_HTTP=:80"}},
			"there are 2 mistakes in the settings:" +
				"\n  AIKAGI_LISTEN_HTTP: is not on loopback, and this is a demo; right would be not to set it, or to serve without --demo" +
				"\n  AIKAGI_ACME_DOMAINS: is set, and this is a demo; right would be not to set it, or to serve without --demo",
		},
	})
}
