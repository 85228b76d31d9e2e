package cli

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/acme"

	"aikagi/backend/config"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/pebble"
)

const ourDomain = "support.example.jp"

// acmeSettings returns the settings of a server that gets its certificate from the CA.
func acmeSettings(ca *pebble.CA, folder string) []string {
	return []string{
		"AIKAGI_ACME_DOMAINS=" + ourDomain + ",www.example.jp", "AIKAGI_ACME_FOLDER=" + folder,
		"AIKAGI_ACME_DIRECTORY=" + ca.Directory, "AIKAGI_ACME_MAIL=hostmaster@" + ourDomain, "AIKAGI_TLS_CA=" + ca.RootFile,
	}
}

// shake does a TLS handshake for a name and returns the certificate of the server.
func shake(address, name string, protocols ...string) (shown []byte, err error) {
	conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: name, InsecureSkipVerify: true, NextProtos: protocols})
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	leaf := conn.ConnectionState().PeerCertificates[0]
	return leaf.Raw, leaf.VerifyHostname(name)
}

// issued waits for the certificate and returns it.
func issued(t *testing.T, s *site) (shown []byte) {
	t.Helper()
	eventually(t, "a certificate", func() (so bool) {
		var err error
		shown, err = shake(s.server.public.Addr().String(), ourDomain)
		return err == nil
	})
	return shown
}

func TestACertificateIsIssuedByTLSALPN01(t *testing.T) {
	ca, folder := pebble.Start(t), t.TempDir()
	s := newSite(t, testkit.SQLite(t), acmeSettings(ca, folder)...)
	address := s.server.public.Addr().String()
	if _, err := shake(address, ourDomain); err == nil {
		t.Error("a certificate was shown before there was one")
	}
	if remains := s.scrape().values["aikagi_certificate_expires_seconds"]; remains != 0 {
		t.Errorf("without a certificate certificate_expires_seconds is %v, want 0", remains)
	}
	ca.TLS.LeadTo(address)
	first := issued(t, s)
	if _, err := shake(address, "www.example.jp", "h2", "http/1.1"); err != nil {
		t.Errorf("the second domain: %v", err)
	}
	if _, err := shake(address, ourDomain, acme.ALPNProto); err == nil {
		t.Error("a challenge is answered that is not under way")
	}
	if remains := s.scrape().values["aikagi_certificate_expires_seconds"]; remains < 24*3600 {
		t.Errorf("certificate_expires_seconds is %v", remains)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: ourDomain}}}
	defer client.CloseIdleConnections()
	answer, err := client.Get("https://" + address + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	err = filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && path != folder && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others can use %s (%v)", path, info.Mode())
		}
		if strings.HasPrefix(entry.Name(), challengePrefix) || strings.HasPrefix(entry.Name(), answerPrefix) {
			t.Errorf("%s is left behind", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}

	s.stop()
	s.start()
	if !bytes.Equal(issued(t, s), first) || ca.Orders() != 1 {
		t.Errorf("a restart ordered a certificate: %d orders, want 1", ca.Orders())
	}
}

func TestACertificateIsIssuedByHTTP01IfTheTLSPortCannotBeReached(t *testing.T) {
	ca := pebble.Start(t)
	ca.TLS.LeadTo()
	s := newSite(t, testkit.SQLite(t), append(acmeSettings(ca, t.TempDir()), "AIKAGI_LISTEN_HTTP=127.0.0.1:0")...)
	ca.HTTP.LeadTo(s.server.plain.Addr().String())
	issued(t, s)
	if ca.Orders() != 2 {
		t.Errorf("got %d orders, want one for each challenge", ca.Orders())
	}
}

func TestServersThatShareAFolderGetOneCertificateWhicheverServerTheCAAsks(t *testing.T) {
	ca, folder := pebble.Start(t), t.TempDir()
	one := newSite(t, testkit.SQLite(t), acmeSettings(ca, folder)...)
	other := newSite(t, testkit.SQLite(t), acmeSettings(ca, folder)...)
	// Pebble asks three times for each domain.
	ca.TLS.LeadTo(one.server.public.Addr().String(), other.server.public.Addr().String())
	if !bytes.Equal(issued(t, one), issued(t, other)) {
		t.Error("the servers show different certificates")
	}
	if ca.Orders() != 1 {
		t.Errorf("got %d orders, want 1", ca.Orders())
	}
}

func TestPlainHTTPLeadsToThePublicURLWhateverTheHost(t *testing.T) {
	s := newSite(t, testkit.SQLite(t), "AIKAGI_LISTEN_HTTP=127.0.0.1:0")
	address := s.server.plain.Addr().String()
	for target, want := range map[string]string{
		"/":                           "https://support.example.jp/",
		"/recover/abc?next=%2Fmember": "https://support.example.jp/recover/abc?next=%2Fmember",
		"//attacker.example/":         "https://support.example.jp//attacker.example/",
		"/@attacker.example":          "https://support.example.jp/@attacker.example",
		"http://attacker.example/a":   "https://support.example.jp/a",
		"/a%0d%0aSet-Cookie:%20a=b":   "https://support.example.jp/a%0d%0aSet-Cookie:%20a=b",
	} {
		for _, method := range []string{"GET ", "HEAD "} {
			answer := sendRaw(t, address, method+target+" HTTP/1.1\r\nHost: attacker.example\r\nX-Forwarded-Host: attacker.example\r\n\r\n")
			if answer == nil || answer.StatusCode != http.StatusPermanentRedirect || answer.Header.Get("Location") != want {
				t.Errorf("%s%s: got %+v, want a redirect to %s", method, target, answer, want)
			} else if answer.Header.Get("Strict-Transport-Security") != "" || answer.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s%s: got %v, want neither HSTS (RFC 6797, 7.2) nor a cookie", method, target, answer.Header)
			}
		}
	}
	for request, want := range map[string]int{
		"GET /api/site":     http.StatusNotFound,
		"POST /api/session": http.StatusMethodNotAllowed,
		"POST /":            http.StatusMethodNotAllowed,
		"GET /.well-known/acme-challenge/" + rand22:         http.StatusNotFound,
		"GET /.well-known/acme-challenge/..%2Fcertificate1": http.StatusNotFound,
	} {
		answer := sendRaw(t, address, request+" HTTP/1.1\r\nHost: support.example.jp\r\nContent-Length: 0\r\n\r\n")
		if answer == nil || answer.StatusCode != want || answer.Header.Get("Location") != "" {
			t.Errorf("%s: got %+v, want %d", request, answer, want)
		}
	}
}

const rand22 = "LoqXcYV8q5ONbJQxbmR7SC"

func TestNoTokenLeadsToAnotherFile(t *testing.T) {
	folder, err := openACMEFolder(config.ACME{Folder: t.TempDir(), Directory: "https://ca.example/directory"})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder.path, answerPrefix+rand22), "answer")
	write(t, filepath.Join(folder.path, "certificate-0123456789"), "secret")
	if got, known := folder.answer(t.Context(), rand22); got != "answer" || !known {
		t.Errorf("got %q, %v", got, known)
	}
	for _, asked := range []string{"", "/../certificate-0123456789", "a/../../certificate-0123456789", strings.Repeat("a", 5000)} {
		if got, known := folder.answer(t.Context(), asked); known || got != "" {
			t.Errorf("%.40q: got %q", asked, got)
		}
	}
}
