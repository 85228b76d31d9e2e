package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"aikagi/backend/testkit"
)

// tlsFiles writes a certificate and its key for AIKAGI_TLS_CERT and AIKAGI_TLS_KEY.
func tlsFiles(t *testing.T, cert, key string, pair tls.Certificate) {
	t.Helper()
	pkcs8, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// shownBy returns the certificate of a listener.
func shownBy(t *testing.T, address string) []byte {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	return conn.ConnectionState().PeerCertificates[0].Raw
}

func TestASIGHUPReadsTheSettingsAgain(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	s.stop()
	folder := t.TempDir()
	toml, secret := filepath.Join(folder, "aikagi.toml"), filepath.Join(folder, "announcement")
	write(t, toml, `log_level = "info"`)
	write(t, secret, "before")
	p := s.run("AIKAGI_CONFIG="+toml, "AIKAGI_ANNOUNCEMENT_EN_FILE="+secret, "AIKAGI_STOP_DELAY=0")
	s.base = p.base
	begun := s.browser().ask(taro, taroAddress)
	s.letters(1)

	write(t, toml, "recovery = \"paused\"\nlog_level = \"debug\"\nhelp_desk_phone = \"0120-111-111\"\nbrand_ja = \"後\"\nhelp_desk_mail = \"s3cret\"\n")
	write(t, secret, "after")
	p.signal(t, syscall.SIGHUP)
	p.says(t, "the settings were read again")
	site := s.browser().want(200, "GET", "/api/site").body
	for _, want := range []string{`"en":"after"`, "0120-111-111", `"recovery":"paused"`, `"ja":"IMS"`} {
		if !strings.Contains(site, want) {
			t.Errorf("the site does not say %s: %s", want, site)
		}
	}
	s.browser().want(200, "GET", "/livez") // logged at debug only
	for _, want := range []string{"level=DEBUG", "need_restart=[AIKAGI_BRAND_JA]", "setting=AIKAGI_HELP_DESK_MAIL", "AIKAGI_ANNOUNCEMENT_EN"} {
		eventually(t, want, func() bool { return strings.Contains(p.log.String(), want) })
	}
	if strings.Contains(p.log.String(), "s3cret") {
		t.Errorf("the log repeats a value:\n%s", p.log.String())
	}
	s.browser().want(503, "POST", "/api/recoveries", "login_id", taro, "mail_address", taroAddress)
	s.browser().want(503, "POST", begun+"/letter")
	b := s.browser()
	b.want(200, "GET", begun) // a recovery that was begun goes on
	b.want(200, "POST", begun+"/redemption", "temporary_password", temporaryPassword(t, s.letters(1)[0]))
	s.browser().want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)

	write(t, toml, "help_desk_phone = \"0120-222-222\"\n")
	p.signal(t, syscall.SIGHUP)
	eventually(t, "recovery that is open again", func() bool {
		return strings.Contains(s.browser().call("GET", "/api/site").body, `"recovery":"open"`)
	})
	b.want(204, "PUT", begun+"/password", "new_password", newPassword)
	eventually(t, "a notice with the new telephone number", func() bool {
		for _, letter := range s.mails.Letters() {
			if strings.Contains(letter.Text, "0120-222-222") {
				return true
			}
		}
		return false
	})
}

func TestASIGHUPReplacesTheCertificateAndAHalfWrittenOneChangesNothing(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	first, _ := privateCertificate(t)
	second, _ := privateCertificate(t)
	tlsFiles(t, cert, key, first)
	s := newSite(t, testkit.SQLite(t))
	s.stop()
	p := s.run("AIKAGI_TLS_CERT="+cert, "AIKAGI_TLS_KEY="+key)
	address := strings.TrimPrefix(p.base, "http://")
	if string(shownBy(t, address)) != string(first.Certificate[0]) {
		t.Fatal("the listener shows another certificate than the first")
	}
	tlsFiles(t, cert, filepath.Join(folder, "elsewhere"), second) // the key is not written yet
	p.signal(t, syscall.SIGHUP)
	p.says(t, "a setting is wrong; its former value stays")
	p.says(t, "the settings were read again")
	if string(shownBy(t, address)) != string(first.Certificate[0]) {
		t.Error("the listener shows half a pair")
	}
	tlsFiles(t, cert, key, second)
	p.signal(t, syscall.SIGHUP)
	p.says(t, "changed=[AIKAGI_TLS_CERT]")
	if string(shownBy(t, address)) != string(second.Certificate[0]) {
		t.Error("the listener shows another certificate than the second")
	}
}

func TestASIGHUPKeepsAWorkingCertificateIfTheNewOneHasExpired(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	day := 24 * time.Hour
	working := selfSigned(t, "support.example.jp", time.Now().Add(-day), time.Now().Add(day))
	tlsFiles(t, cert, key, working)
	s := newSite(t, testkit.SQLite(t))
	s.stop()
	p := s.run("AIKAGI_TLS_CERT="+cert, "AIKAGI_TLS_KEY="+key)
	tlsFiles(t, cert, key, selfSigned(t, "support.example.jp", time.Now().Add(-2*day), time.Now().Add(-day)))
	p.signal(t, syscall.SIGHUP)
	p.says(t, "browsers refuse the certificate")
	p.says(t, "the certificate expired at ")
	p.says(t, "the settings were read again")
	if string(shownBy(t, strings.TrimPrefix(p.base, "http://"))) != string(working.Certificate[0]) {
		t.Error("the listener shows the certificate that has expired")
	}
}

func TestAStartWarnsOfACertificateThatBrowsersRefuse(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	day := 24 * time.Hour
	s := newSite(t, testkit.SQLite(t))
	s.stop()
	for name, c := range map[string]struct {
		certificate tls.Certificate
		wrong       string
	}{
		"expired":    {selfSigned(t, "support.example.jp", time.Now().Add(-2*day), time.Now().Add(-day)), "the certificate expired at "},
		"wrong name": {selfSigned(t, "other.example.jp", time.Now().Add(-day), time.Now().Add(day)), "the certificate is not for support.example.jp"},
		"right":      {selfSigned(t, "support.example.jp", time.Now().Add(-day), time.Now().Add(60*day)), ""},
	} {
		tlsFiles(t, cert, key, c.certificate)
		p := s.run("AIKAGI_TLS_CERT="+cert, "AIKAGI_TLS_KEY="+key, "AIKAGI_STOP_DELAY=0")
		warned := strings.Contains(p.log.String(), certificateRefused)
		if warned != (c.wrong != "") || !strings.Contains(p.log.String(), c.wrong) {
			t.Errorf("%s: got\n%s", name, p.log.String())
		}
		p.kill()
	}
}

func TestTLSAcceptsOnlyAuthenticatedEncryption(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	pair, _ := privateCertificate(t)
	tlsFiles(t, cert, key, pair)
	s := newSite(t, testkit.SQLite(t), "AIKAGI_TLS_CERT="+cert, "AIKAGI_TLS_KEY="+key)
	address := s.server.public.Addr().String()
	for name, c := range map[string]struct {
		version uint16
		suites  []uint16
		taken   bool
	}{
		"TLS 1.1":          {version: tls.VersionTLS11},
		"TLS 1.2 with CBC": {version: tls.VersionTLS12, suites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA}},
		"TLS 1.2 with GCM": {version: tls.VersionTLS12, suites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}, taken: true},
		"TLS 1.3":          {version: tls.VersionTLS13, taken: true},
	} {
		conn, err := tls.Dial("tcp", address, &tls.Config{
			InsecureSkipVerify: true, MinVersion: c.version, MaxVersion: c.version, CipherSuites: c.suites,
		})
		if (err == nil) != c.taken {
			t.Errorf("%s: got %v, want it taken: %v", name, err, c.taken)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

// selfSigned returns a self-signed certificate for one name.
func selfSigned(t *testing.T, name string, from, till time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: from, NotAfter: till}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
