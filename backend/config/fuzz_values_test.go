package config

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
)

// FuzzValues gives a text to the parsers of all settings. No parser may panic. An accepted value must have its form and must
// be the same after it is written and read again. No mistake may repeat a secret.
func FuzzValues(f *testing.F) {
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	f.Add(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: der})))
	for _, group := range new(Settings).table() {
		for _, setting := range group.settings {
			f.Add(setting.example)
		}
	}
	for _, seed := range []string{
		"1d12h", "1e3h", "-1h", "65535d", "65536d", "0x10s", "1h1d", "9223372036854775807ns", "NaN", ":0", "[::1]:80", "[fe80::1%x]:1", "1.2.3:4",
		"0.0.0.0/0", "::/0", "::ffff:10.0.0.0/104", "10.0.0.1/8", "10.0.0.0/8, 192.0.2.7,", "https://[::1]:443/", "http://localhost:080", "https://a.b@c", "HTTPS://É.jp",
		`"IMS" <a@b.jp>`, "a <b> <c@d.jp>", "x\r\nBcc: y <a@b.jp>", "\u2028", "\xff", "mailto:a@b.jp?x", "https:", "@a.b", "…@x.jp", "a.b.c-", "18446744073709551616",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, group := range new(Settings).table() {
			for _, setting := range group.settings {
				const secret = "qK7vXw93"
				if err := setting.read(secret + text); err != nil && strings.Contains(err.Error(), secret) && setting.secret {
					t.Errorf("%s %q: the mistake repeats it: %v", setting.name, text, err)
				}
				_ = setting.read(text)
			}
		}
		checkAddresses(t, text)
		checkTexts(t, text)
		if duration, err := durationBetween(time.Second, day)(text); err == nil && (duration < time.Second || duration > day) {
			t.Errorf("%q is read as %s", text, duration)
		}
		if duration, err := parseDuration(text); err == nil {
			if again, err := parseDuration(duration.String()); err != nil || again != duration {
				t.Errorf("%q is read as %s, and that as %s, %v", text, duration, again, err)
			}
		}
		if number, err := wholeNumber[uint8](1, 16)(text); err == nil && (number < 1 || number > 16) {
			t.Errorf("%q is read as %d", text, number)
		}
		if key, err := parseDKIMKey(text); err == nil {
			if key.Reveal() == nil || !strings.Contains(text, "-----BEGIN") {
				t.Errorf("%q is read as a key", text)
			}
		}
	})
}

func checkAddresses(t *testing.T, text string) {
	t.Helper()
	if address, err := parseAddress(text); err == nil {
		if again, err := parseAddress(address.String()); err != nil || again != address {
			t.Errorf("%q is read as %s, and that as %s, %v", text, address, again, err)
		}
	}
	if proxies, err := parseProxies(text); err == nil {
		for _, proxy := range proxies {
			if proxy != proxy.Masked() || proxy.Bits() < 1 || proxy.Contains(netip.IPv4Unspecified()) && proxy.Contains(netip.MustParseAddr("255.255.255.255")) {
				t.Errorf("%q trusts %s", text, proxy)
			}
			if again, err := parseProxies(proxy.String()); err != nil || again[0] != proxy {
				t.Errorf("%q trusts %s, which is read as %s, %v", text, proxy, again, err)
			}
		}
	}
	if origin, err := parseOrigin(text); err == nil {
		if again, err := parseOrigin(string(origin)); err != nil || again != origin {
			t.Errorf("%q is read as %s, and that as %s, %v", text, origin, again, err)
		}
		address, err := url.Parse(string(origin))
		if err != nil || address.Scheme+"://"+address.Host != string(origin) || !origin.IsHTTPS() && !origin.IsLoopback() {
			t.Errorf("%q is read as %s, which is no bare origin", text, origin)
		}
	}
}

func checkTexts(t *testing.T, text string) {
	t.Helper()
	for what, parse := range map[string]func(string) (string, error){
		"a line": parseLine, "a paragraph": parseParagraph, "a mail address": parseMailAddress, "a domain": parseDomain,
		"a selector": parseSelector, "a login suffix": parseLoginSuffix, "a mail example": parseMailExample, "a contact": parseContact,
	} {
		got, err := parse(text)
		if err != nil {
			continue
		}
		if again, err := parse(got); err != nil || again != got {
			t.Errorf("%s: %q is read as %q, and that as %q, %v", what, text, got, again, err)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) && (r != '\n' || what != "a paragraph") }) {
			t.Errorf("%s: %q is read with a control character", what, text)
		}
	}
	if sender, err := parseMailbox(text); err == nil {
		if strings.ContainsAny(sender.Name+sender.Address, "\r\n") || strings.Count(sender.Address, "@") != 1 {
			t.Errorf("%q is read as the sender %q", text, sender)
		}
	}
}

// FuzzTOML writes a TOML file with a password and random text after it. No mistake may repeat the password.
func FuzzTOML(f *testing.F) {
	const secret = "qK7vXw93"
	beginnings := []string{
		"database = \"mysql://u:" + secret, "keys = \"a:" + secret, "dkim_key = \"\"\"" + secret, "smtp = '" + secret, "smtp = " + secret,
	}
	for _, seed := range []string{
		`"`, "\"\nlisten = \":1\"", "\"\nlisten = \":1\"\nlisten = 2", "\"\n[database]\nx = 1", "\"\nx = [1, {a = 2}]", "'", "\\u0000\"", "\n", "\"\"\"", "\"\nlog_level = 1979-05-27", "\xff\"",
	} {
		for which := range beginnings {
			f.Add(uint8(which), seed)
		}
	}
	path := filepath.Join(f.TempDir(), "settings.toml")
	f.Fuzz(func(t *testing.T, which uint8, rest string) {
		text := beginnings[int(which)%len(beginnings)] + rest
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(Args{File: path}); err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%q: the mistake repeats it: %v", text, err)
		}
	})
}
