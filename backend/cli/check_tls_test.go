package cli

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/pebble"
)

const day = 24 * time.Hour

func TestCheckWarnsOfACertificateThatExpiresSoon(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	s := newSite(t, testkit.SQLite(t))
	for _, c := range []struct {
		from, till time.Duration
		want       string
	}{
		{-75 * day, 15 * day, "tls: ok\n"},
		{-77 * day, 13 * day, "tls: ok; WARNING: AIKAGI_TLS_CERT: the certificate expires at "},
		{-350 * day, 15 * day, "tls: ok\n"},
		{-5 * day, 12 * time.Hour, "tls: ok; WARNING: AIKAGI_TLS_CERT: the certificate expires at "},
	} {
		tlsFiles(t, cert, key, selfSigned(t, ourDomain, time.Now().Add(c.from), time.Now().Add(c.till)))
		s.wantCheck(exitDone, c.want, "AIKAGI_TLS_CERT="+cert, "AIKAGI_TLS_KEY="+key)
	}
}

func TestCheckNamesWhyACMECannotWorkAndOrdersNothing(t *testing.T) {
	ca, folder := pebble.Start(t), t.TempDir()
	s := newSite(t, testkit.SQLite(t))
	acme := acmeSettings(ca, folder)
	s.wantCheck(exitDone, "tls: ok, there is no certificate yet: the server orders one when it runs\n", acme...)
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 || ca.Orders() > 0 {
		t.Errorf("check left %v behind and placed %d orders (%v)", left, ca.Orders(), err)
	}
	s.wantCheck(exitFailed, "tls: FAULT: AIKAGI_ACME_DOMAINS: support.example.jp, the host of AIKAGI_PUBLIC_URL, is not among them\n",
		append(acme, "AIKAGI_ACME_DOMAINS=www.example.jp")...)
	noCA := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(noCA.Close)
	s.wantCheck(exitFailed, "tls: FAULT: AIKAGI_ACME_DIRECTORY: ", append(acme, "AIKAGI_ACME_DIRECTORY="+noCA.URL)...)
	s.wantCheck(exitFailed, "certificate signed by unknown authority", acme[:len(acme)-1]...)
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
	t.Cleanup(other.Close)
	root := filepath.Join(t.TempDir(), "other.pem")
	write(t, root, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate().Raw})))
	s.wantCheck(exitFailed, "tls: FAULT: AIKAGI_ACME_DIRECTORY: acme: server does not support the RFC 8555 version of ACME\n",
		append(acme, "AIKAGI_ACME_DIRECTORY="+other.URL, "AIKAGI_TLS_CA="+root)...)
	s.wantCheck(exitFailed, "tls: FAULT: AIKAGI_ACME_FOLDER: ", append(acme, "AIKAGI_ACME_FOLDER=/proc")...) // nobody can write there

	opened, err := openACMEFolder(config.ACME{Folder: folder, Directory: ca.Directory})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name       string
		from, till time.Duration
		code       int
		want       string
	}{
		{"*.example.jp", -day, 60 * day, exitDone, "tls: ok\n"},
		{"*.example.jp", -80 * day, 10 * day, exitDone, "tls: ok; WARNING: AIKAGI_ACME_FOLDER: the certificate expires at "},
		{"*.example.jp", -90 * day, -day, exitFailed, "tls: FAULT: AIKAGI_ACME_FOLDER: the certificate expired at "},
		{"other.example.jp", -day, 60 * day, exitDone, "tls: ok, the certificate is for other domains: the server orders one when it runs\n"},
	} {
		pair := selfSigned(t, c.name, time.Now().Add(c.from), time.Now().Add(c.till))
		if err := opened.putPair(t.Context(), certificateFile, pair); err != nil {
			t.Fatal(err)
		}
		s.wantCheck(c.code, c.want, acme...)
	}
}
