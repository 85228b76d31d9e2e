package config

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"aikagi/backend/secret"
)

const key32 = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// readings are texts of a setting with what becomes of them: the value, or the mistake after "! ".
type readings map[string]string

func (r readings) check(t *testing.T, read func(text string) (string, error)) {
	t.Helper()
	for text, want := range r {
		got, err := read(text)
		if err != nil {
			got = "! " + err.Error()
		}
		if got != want {
			t.Errorf("%q: got  %s\n want %s", text, got, want)
		}
	}
}

// shown makes a reader show its value, secrets too.
func shown[T any](parse func(string) (T, error), show func(T) string) func(string) (string, error) {
	return func(text string) (string, error) {
		value, err := parse(text)
		if err != nil {
			return "", err
		}
		return show(value), nil
	}
}

func TestTheDatabaseIsMySQLOnSomeHostsOrAFile(t *testing.T) {
	readings{
		"mysql://u:p@h:3307/n": "mysql u/p [h:3307] n map[]",
		"mysql://u@H/n":        "mysql u/ [h:3306] n map[]",
		"mysql://u:p%40%2F%25@h1,h2:3307,[::1]:1,[::2]/n": "mysql u/p@/% [h1:3306 h2:3307 [::1]:1 [::2]:3306] n map[]",
		"mysql://u:p@a:b@h/n":                             "mysql u/p@a:b [h:3306] n map[]",
		"mysql://u:p@h/n?tls=skip-verify&timeout=5s":      "mysql u/p [h:3306] n map[timeout:5s tls:skip-verify]",
		"mysql://u:p@h/n?parseTime=true&charset=utf8mb4":  "mysql u/p [h:3306] n map[]",
		"mysql://h/n":                          "! has no user before the host",
		"mysql://u:p@h":                        "! has no database name after the host",
		"mysql://u:p@/n":                       "! has no host",
		"mysql://u:p@h,/n":                     "! has no host",
		"mysql://u:p@h:/n":                     "! has a port that is not a number from 1 to 65535",
		"mysql://u:p@h:0/n":                    "! has a port that is not a number from 1 to 65535",
		"mysql://u:p@::1/n":                    "! has a host that is not host:port (IPv6 in brackets)",
		"mysql://u:p@h h/n":                    "! holds a space or a control character",
		"mysql://u:p@256.1.1.1/n":              "! has a host that is neither a name nor an IP address",
		"mysql://u:secret%zz@h/n":              "! has a % in the user or the password that is not followed by two hexadecimal digits (write %25)",
		"mysql://u:sec/ret@h/n":                "! has a / or a ? in the user or the password (write %2F or %3F)",
		"mysql://u:sec?ret@h/n":                "! has a / or a ? in the user or the password (write %2F or %3F)",
		"mysql://u:p@h/n/m":                    "! has a database name that is not of A-Z a-z 0-9 _ $ -",
		"mysql://u:p@h/n?tls=yes":              "! has the option tls with none of true, false, preferred, skip-verify",
		"mysql://u:p@h/n?timeout=5":            "! has the option timeout without a duration such as 5s",
		"mysql://u:p@h/n?tls=true&tls=false":   "! has the option tls twice",
		"mysql://u:p@h/n?multiStatements=true": "! has an unknown option after the ? (known are tls, timeout, readTimeout and writeTimeout)",
		"mysql://u:p@h/n?loc=Local":            "! has an unknown option after the ? (known are tls, timeout, readTimeout and writeTimeout)",
		"mysql://u:p@h/n?a;b":                  "! has options after the ? that are not name=value&name=value",
		"u:p@tcp(h:3306)/n":                    "! does not begin with mysql://",
		"sqlite:a b.db":                        "sqlite a b.db",
		"sqlite:/var/lib/aikagi/aikagi.db":     "sqlite /var/lib/aikagi/aikagi.db",
		"sqlite:":                              "! has no path after its sqlite: prefix",
		"sqlite:///var/lib/a.db":               "! has slashes like a URL (write sqlite:/var/lib/aikagi/aikagi.db)",
		"sqlite::memory:":                      "! is a database in memory, which a restart would lose",
		"sqlite:a.db?mode=ro":                  "! is more than a path",
		"sqlite:file:a.db":                     "! is more than a path",
	}.check(t, shown(parseDatabase, func(d Database) string {
		if d.Dialect == SQLite {
			return "sqlite " + d.Path
		}
		return fmt.Sprint(d.Dialect, " ", d.User+"/"+d.Password.Reveal(), " ", d.Hosts, " ", d.Name, " ", d.Options)
	}))
}

func TestRedisIsOneServerOrSentinels(t *testing.T) {
	readings{
		"redis://h":                      "[h:6379]  / 0 false",
		"redis://h:1/3":                  "[h:1]  / 3 false",
		"rediss://u:p@h/":                "[h:6379]  u/p 0 true",
		"redis://:p@h":                   "[h:6379]  /p 0 false",
		"redis+sentinel://u:p@a,b:1/m/2": "[a:26379 b:1] m u/p 2 false",
		"rediss+sentinel://a/m":          "[a:26379] m / 0 true",
		"redis://secret@h":               "! has a user without a password (a password alone is :password@)",
		"redis://a,b":                    "! has several hosts, which need Sentinel (redis+sentinel://host:26379,host2:26379/master)",
		"redis+sentinel://a,b":           "! names no master after the Sentinels (redis+sentinel://host:26379/master)",
		"redis://h/x":                    "! has something else than a database number at the end",
		"redis://h/-1":                   "! has something else than a database number at the end",
		"redis://h?db=1":                 "! has options after a ?, but takes none",
		"h:6379":                         "! does not begin with redis:// or redis+sentinel:// or rediss:// or rediss+sentinel://",
	}.check(t, shown(parseRedis, func(r Redis) string {
		return fmt.Sprint(r.Hosts, " ", r.Master, " ", r.User+"/"+r.Password.Reveal(), " ", r.Database, " ", r.TLS)
	}))
}

func TestAPasswordIsNeverSentToAMailServerInClear(t *testing.T) {
	readings{
		"smtp://h":                    "h 587 / opportunistic",
		"smtp://h:25?tls=required":    "h 25 / required",
		"smtp://u:p%20w@h:2525":       "h 2525 u/p w required",
		"smtps://u%40example.jp:p@h/": "h 465 u@example.jp/p implicit",
		"smtp://[::1]:25":             "::1 25 / opportunistic",
		"smtp://u@h":                  "! has a user without a password, or a password without a user",
		"smtp://:p@h":                 "! has a user without a password, or a password without a user",
		"smtp://u:p@h?tls=off":        "! has the option tls with something else than required",
		"smtp://u:p@h?tls=":           "! has the option tls with something else than required",
		"smtp://u:p@h?auth=plain":     "! has an unknown option after the ? (known are tls, timeout and ehlo)",
		"smtp://a,b":                  "! has several hosts, but takes one",
		"smtp://h/x":                  "! has a path after the host",
		"mail.example.jp:25":          "! does not begin with smtp:// or smtps://",
	}.check(t, shown(parseSMTP, func(s SMTP) string {
		return fmt.Sprint(s.Host, " ", s.Port, " ", s.User+"/"+s.Password.Reveal(), " ", s.TLS)
	}))
}

func TestTheMailServersWaitsAndItsGreetingAreOptions(t *testing.T) {
	readings{
		"smtp://h":                                  "0s ",
		"smtp://h?timeout=90s":                      "1m30s ",
		"smtps://u:p@h/?timeout=10m&ehlo=a.b.jp":    "10m0s a.b.jp",
		"smtp://h?ehlo=mail-1.example.jp":           "0s mail-1.example.jp",
		"smtp://h?ehlo=localhost&tls=required":      "0s localhost",
		"smtp://h?ehlo=[192.0.2.1]":                 "0s [192.0.2.1]",
		"smtp://h?ehlo=%5BIPv6:2001:db8::1%5D":      "0s [IPv6:2001:db8::1]",
		"smtp://h?timeout=":                         "! has a timeout that is not a duration (a number and s, m, h or d)",
		"smtp://h?timeout=30":                       "! has a timeout that has no unit (s, m, h or d)",
		"smtp://h?timeout=999ms":                    "! has a timeout that is not between 1s and 10m0s",
		"smtp://h?timeout=11m":                      "! has a timeout that is not between 1s and 10m0s",
		"smtp://h?timeout=-5s":                      "! has a timeout that is not between 1s and 10m0s",
		"smtp://h?timeout=5s&timeout=6s":            "! has the option timeout twice",
		"smtp://h?ehlo=":                            "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=a%0d%0aMAIL":                 "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=a+b":                         "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=192.0.2.1":                   "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=[2001:db8::1]":               "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=[192.0.2.1":                  "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=" + strings.Repeat("a", 254): "! has the option ehlo with neither a host name nor an IP address in brackets",
	}.check(t, shown(parseSMTP, func(s SMTP) string { return s.Timeout.String() + " " + s.EHLO }))
}

func TestAKeyIsANameAnd32BytesOrMore(t *testing.T) {
	unpadded := strings.TrimRight(key32, "=")
	readings{
		"a:" + key32: "a=32 ",
		"new:" + unpadded + ",old:" + key32 + "AAAA":      "! has an entry (number 2) that is not base64 after the colon",
		"new:" + unpadded + ", old:_-8" + unpadded + "\n": "new=32 old=34 ",
		"a:" + key32 + "\nb:" + key32 + "\n":              "a=32 b=32 ",
		key32:                                             "! has an entry (number 1) without a colon between name and base64",
		"A:" + key32:                                      "! has an entry (number 1) whose name is not 1 to 32 of a-z 0-9 -",
		":" + key32:                                       "! has an entry (number 1) whose name is not 1 to 32 of a-z 0-9 -",
		strings.Repeat("a", 33) + ":":                     "! has an entry (number 1) whose name is not 1 to 32 of a-z 0-9 -",
		"a:" + key32 + ",a:" + key32:                      "! has an entry (number 2) with the name of an earlier one",
		"a:c2hvcnQ=":                                      "! has an entry (number 1) of 5 bytes, which must be at least 32",
		"a:hidden password":                               "! has an entry (number 1) that is not base64 after the colon",
		"name:base64, as you like":                        "! has an entry (number 1) of 4 bytes, which must be at least 32",
		",":                                               "! holds no key",
	}.check(t, shown(parseKeys, func(keys []Key) (text string) {
		for _, key := range keys {
			text += fmt.Sprintf("%s=%d ", key.Name, len(key.Secret.Reveal()))
		}
		return text
	}))
}

func TestThePublicURLIsABareOrigin(t *testing.T) {
	readings{
		"https://Support.Example.JP/": "https://support.example.jp",
		"https://h:443":               "https://h",
		"https://h:8443":              "https://h:8443",
		"http://localhost:8080":       "http://localhost:8080",
		"http://127.0.0.1:80":         "http://127.0.0.1",
		"http://[::1]:8080/":          "http://[::1]:8080",
		"http://support.example.jp":   "! uses http, which is for loopback only: members' passwords would cross the network in clear",
		"http://localhost.example.jp": "! uses http, which is for loopback only: members' passwords would cross the network in clear",
		"https://u:p@h":               "! holds a user name or a password",
		"https://h/support":           "! has a path after the host",
		"https://h?":                  "! has a ? or a # after the host",
		"https://h/#a":                "! has a ? or a # after the host",
		"https://日本.jp":               "! has a host that is not ASCII (write its xn-- form)",
		"https://h:99999":             "! has a wrong host or port",
		"https://h:":                  "! has a wrong host or port",
		"https://-":                   "! has a wrong host or port",
		"https://":                    "! is not an address that begins with https://",
		"support.example.jp":          "! is not an address that begins with https://",
		"ftp://h":                     "! is not an address that begins with https://",
		"https://h\r\nx":              "! is not an address that begins with https://",
	}.check(t, shown(parseOrigin, func(o Origin) string { return string(o) }))
}

func TestNobodyIsAProxyByMistake(t *testing.T) {
	readings{
		"10.0.0.0/8, 192.0.2.7,2001:db8::/32": "[10.0.0.0/8 192.0.2.7/32 2001:db8::/32]",
		"::ffff:192.0.2.7":                    "[192.0.2.7/32]",
		"0.0.0.0/0":                           `! holds "0.0.0.0/0", which is everyone`,
		"10.0.0.1,::/0":                       `! holds "::/0", which is everyone`,
		"10.0.0.1/8":                          `! holds "10.0.0.1/8": the network is 10.0.0.0/8, the address alone 10.0.0.1`,
		"::ffff:10.0.0.0/104":                 `! holds "::ffff:10.0.0.0/104": write IPv4 networks as such`,
		"proxy.example.jp":                    `! holds "proxy.example.jp", which is neither a network nor an IP address`,
		"10.0.0.1,":                           `! holds "", which is neither a network nor an IP address`,
		"fe80::1%eth0":                        `! holds "fe80::1%eth0", which is neither a network nor an IP address`,
	}.check(t, shown(parseProxies, func(p []netip.Prefix) string { return fmt.Sprint(p) }))
}

func TestAListenerHasAHostAndAPort(t *testing.T) {
	readings{
		"127.0.0.1:8080":  "127.0.0.1:8080 true",
		"[::1]:0":         "[::1]:0 true",
		"localhost:80":    "localhost:80 true",
		":8080":           ":8080 false",
		"0.0.0.0:8080":    "0.0.0.0:8080 false",
		"127.0.0.1":       "! is not host:port",
		"127.0.0.1:http":  "! has a port that is not a number from 0 to 65535",
		"127.0.0.1:65536": "! has a port that is not a number from 0 to 65535",
		"127.0.0.300:1":   "! has a host that is neither a name nor an IP address",
		"http://h:1":      "! is not host:port",
	}.check(t, shown(parseAddress, func(a Address) string { return fmt.Sprint(a, " ", a.IsLoopback()) }))
}

func TestASenderIsAnAddressPerhapsWithAName(t *testing.T) {
	readings{
		"a@example.jp":                   "|a@example.jp",
		"<a@example.jp>":                 "|a@example.jp",
		"会員サポート <a@example.jp>":          "会員サポート|a@example.jp",
		`"IMS, Inc." <a@example.jp>`:     "IMS, Inc.|a@example.jp",
		"IMS, Inc. <a@localhost>":        "IMS, Inc.|a@localhost",
		"IMS <a@example.jp":              "! has a < without a > at the end",
		"IMS":                            "! is neither an address nor a name and <address>",
		"a@example.jp, b@example.jp":     "! is neither an address nor a name and <address>",
		"IMS <あ@example.jp>":             "! is neither an address nor a name and <address>",
		"IMS <a@[192.0.2.1]>":            "! is neither an address nor a name and <address>",
		"IMS <a@b c>":                    "! is neither an address nor a name and <address>",
		"IMS\r\nBcc: x <a@example.jp>":   "! has a name that holds a line break or another control character",
		"IMS <a@example.jp\r\nBcc: b@c>": "! is neither an address nor a name and <address>",
	}.check(t, shown(parseMailbox, func(m Mailbox) string { return m.Name + "|" + m.Address }))
}

func TestADurationHasAUnitAndBounds(t *testing.T) {
	readings{
		"60m": "1h0m0s", "1h30m": "1h30m0s", "2d": "48h0m0s", "1d12h": "36h0m0s", "90s": "1m30s",
		"60":          "! has no unit (s, m, h or d)",
		"1.5":         "! has no unit (s, m, h or d)",
		"0":           "! is not between 1m0s and 3d",
		"an hour":     "! is not a duration (a number and s, m, h or d)",
		"d":           "! is not a duration (a number and s, m, h or d)",
		"1.5d":        "! is not a duration (a number and s, m, h or d)",
		"9999999999d": "! is not a duration (a number and s, m, h or d)",
		"60000d":      "! is not between 1m0s and 3d",
		"59s":         "! is not between 1m0s and 3d",
		"-1h":         "! is not between 1m0s and 3d",
		"73h":         "! is not between 1m0s and 3d",
	}.check(t, shown(durationBetween(time.Minute, 3*day), time.Duration.String))
}

func TestTextsFitWhereTheyStand(t *testing.T) {
	read := make(map[string]func(string) error)
	for _, group := range new(Settings).table() {
		for _, setting := range group.settings {
			read[setting.name] = setting.read
		}
	}
	tests := []struct{ name, text, want string }{
		{"BRAND_JA", "IMS", ""},
		{"BRAND_JA", " ", "is blank"},
		{"BRAND_JA", "IMS\r\nBcc: a@b", "holds a line break or another control character"},
		{"BRAND_JA", "IMS\u2028", ""},
		{"BRAND_JA", "I\u2028MS", "holds a line break or another control character"},
		{"BRAND_JA", strings.Repeat("社", 201), "is longer than 200 characters"},
		{"BRAND_JA", "\xff", "is not UTF-8"},
		{"ANNOUNCEMENT_JA", "one\r\ntwo", ""},
		{"ANNOUNCEMENT_JA", "one\x1b[0m", "holds a line break or another control character"},
		{"LOGIN_SUFFIX", "wakwak.com", "is not an @ and a domain"},
		{"MAIL_EXAMPLE", "xxx.mm-m.ne.jp", "is not something, an @ and a domain"},
		{"HELP_DESK_MAIL", "help", "is not a mail address"},
		{"HELP_DESK_MAIL", "help@", "is not a mail address"},
		{"HELP_DESK_URL", "www.example.jp", "is not the address of a web page"},
		{"HELP_DESK_URL", "javascript:alert(1)", "is not the address of a web page"},
		{"SECURITY_CONTACT", "https://example.jp/security", ""},
		{"SECURITY_CONTACT", "http://example.jp/security", "is neither a mailto: nor an https: address"},
		{"SECURITY_CONTACT", "mailto:nobody", "is not a mail address"},
		{"DKIM_DOMAIN", "example", "is not a domain"},
		{"MAIL_RETURN_PATH", "Bounces <bounces@example.jp>", "is not a mail address"},
		{"MAIL_RETURN_PATH", "<>", "is not a mail address"},
		{"DKIM_SELECTOR_2", "a b", "is not a DKIM selector (letters, digits, hyphens and dots)"},
		{"DKIM_SELECTOR", "a b", "is not a DKIM selector (letters, digits, hyphens and dots)"},
		{"ARGON2_MEMORY", "19 MiB", "is not a whole number from 8 to 262144"},
		{"ARGON2_PARALLELISM", "256", "is not a whole number from 1 to 16"},
		{"LOG_LEVEL", "loud", "is none of debug, info, warn, error"},
		{"LOG_FORMAT", "text", ""},
		{"RETENTION_LETTERS", "24h", "is not between 2d and 3650d"},
		{"TEMPORARY_PASSWORD_LIFETIME", "2d", "is not between 1s and 24h"},
		{"STOP_DELAY", "0", ""},
		{"STOP_DELAY", "0s", ""},
		{"STOP_DELAY", "5m", ""},
		{"STOP_DELAY", "301s", "is not between 0 and 5m0s"},
		{"STOP_DELAY", "-1s", "is not between 0 and 5m0s"},
		{"STOP_DELAY", "5", "has no unit (s, m, h or d)"},
	}
	for _, test := range tests {
		got := ""
		if err := read[test.name](test.text); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s=%q: got %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

func TestATextSetInOneLanguageServesBoth(t *testing.T) {
	tests := []struct {
		text   Text
		ja, en string
	}{
		{Text{"あ", "a"}, "あ", "a"},
		{Text{"あ", ""}, "あ", "あ"},
		{Text{"", "a"}, "a", "a"},
		{Text{}, "", ""},
	}
	for _, test := range tests {
		if ja, en := test.text.In("ja"), test.text.In("en"); ja != test.ja || en != test.en {
			t.Errorf("%+v: got %q and %q, want %q and %q", test.text, ja, en, test.ja, test.en)
		}
	}
}

func TestADKIMKeyIsAnUnencryptedPrivateKey(t *testing.T) {
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	short, err := rsa.GenerateKey(rand.Reader, 2040)
	must(t, err)
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	encode := func(kind string, content []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))
	}
	pkcs8 := func(key any) string {
		content, err := x509.MarshalPKCS8PrivateKey(key)
		must(t, err)
		return encode("PRIVATE KEY", content)
	}
	readings{
		pkcs8(edwards): "ed25519.PrivateKey",
		pkcs8(rsaKey):  "*rsa.PrivateKey",
		encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)): "*rsa.PrivateKey",
		pkcs8(short):                            "! is an RSA key of less than 2048 bits",
		pkcs8(elliptic):                         "! is a key that is neither RSA nor Ed25519",
		encode("PRIVATE KEY", []byte("secret")): "! is a private key that cannot be read",
		encode("ENCRYPTED PRIVATE KEY", []byte("secret")): "! is PEM, but not of an unencrypted private key",
		"/etc/aikagi/dkim.pem":                            "! is not PEM",
	}.check(t, shown(parseDKIMKey, func(key secret.Value[crypto.Signer]) string { return fmt.Sprintf("%T", key.Reveal()) }))
}

func TestEveryExampleOfTheReferenceIsRight(t *testing.T) {
	for _, group := range new(Settings).table() {
		for _, setting := range group.settings {
			if setting.doc == "" || setting.example == "" {
				t.Errorf("%s has no sentence or no example", setting.name)
			}
			// A key that can be read somewhere is no key: no example must work as one.
			isKey := setting.name == "KEYS" || strings.HasPrefix(setting.name, "DKIM_KEY")
			for example := range strings.SplitSeq(setting.example, " or ") {
				if err := setting.read(example); (err != nil) != isKey {
					t.Errorf("%s=%s: got the mistake %v", setting.name, example, err)
				}
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
