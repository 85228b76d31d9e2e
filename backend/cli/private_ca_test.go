package cli

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aikagi/backend/testkit/sink"
)

// privateServer is a server with a certificate of a private CA. It does the handshake of its protocol up to TLS and closes
// the connection.
type privateServer struct {
	address string
	// handshakes receives the result of each TLS handshake: nil if the client has trusted the certificate.
	handshakes chan error
}

// startPrivate starts a server that calls clear on the connection before TLS.
func startPrivate(t *testing.T, certificate tls.Certificate, clear func(net.Conn)) *privateServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s := &privateServer{address: listener.Addr().String(), handshakes: make(chan error, 100)}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				clear(conn)
				// In TLS 1.3 the server's handshake ends before the client has verified the certificate.
				config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}
				s.handshakes <- tls.Server(conn, config).HandshakeContext(context.Background())
			}()
		}
	}()
	return s
}

// greetAsMySQL sends the greeting of a MySQL server that offers TLS, and reads the client's request for TLS.
func greetAsMySQL(conn net.Conn) {
	const capabilities = 0x0008_0000 | 0x8000 | 0x0800 | 0x0200 // plugin authentication, secure connection, TLS, protocol 4.1
	greeting := slices.Concat([]byte{10}, []byte("8.0.36\x00"), []byte{1, 0, 0, 0}, []byte("12345678\x00"),
		[]byte{capabilities & 0xff, capabilities >> 8 & 0xff}, []byte{45, 2, 0}, []byte{capabilities >> 16 & 0xff, capabilities >> 24},
		[]byte{21}, make([]byte, 10), []byte("123456789012\x00"), []byte("mysql_native_password\x00"))
	_, _ = conn.Write(append([]byte{byte(len(greeting)), 0, 0, 0}, greeting...))
	_, _ = io.ReadFull(conn, make([]byte, 4+32)) // the request for TLS, and no byte of the handshake
}

func TestAPrivateCAIsTrustedByTheDatabaseRedisAndTheMailServer(t *testing.T) {
	certificate, ca := privateCertificate(t)
	nothing := func(net.Conn) {}
	// check runs the command with new servers, and returns its output and the first handshake of each server.
	check := func(environ ...string) (printed string, handshakes map[string]error) {
		database, redis, mails := startPrivate(t, certificate, greetAsMySQL), startPrivate(t, certificate, nothing), startPrivate(t, certificate, nothing)
		_, printed = runIn(t, append([]string{
			"AIKAGI_DATABASE=mysql://u:p@" + database.address + "/aikagi?tls=true", "AIKAGI_REDIS=rediss://" + redis.address,
			"AIKAGI_SMTP=smtps://" + mails.address, "AIKAGI_PUBLIC_URL=https://support.example.jp",
			"AIKAGI_KEYS=a:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "AIKAGI_MAIL_FROM=support@example.jp",
		}, environ...), "check")
		return printed, map[string]error{
			"database": <-database.handshakes, "redis": <-redis.handshakes, "mail server": <-mails.handshakes,
		}
	}
	printed, handshakes := check("AIKAGI_TLS_CA=" + ca)
	for name, err := range handshakes {
		if err != nil {
			t.Errorf("%s: got %v, want the certificate trusted:\n%s", name, err, printed)
		}
	}
	printed, handshakes = check()
	for name, err := range handshakes {
		if err == nil {
			t.Errorf("%s: got the certificate trusted without its CA:\n%s", name, printed)
		}
	}
	if !strings.Contains(printed, "mail server: FAULT: check the mail server: the mail server's certificate is signed by an unknown authority\n") {
		t.Errorf("got %s, want what is wrong with the certificate", printed)
	}
}

func TestCheckWarnsOfAnUnverifiedCertificateWithOpportunisticTLS(t *testing.T) {
	certificate, ca := privateCertificate(t)
	mails, err := sink.StartTLS(time.Now, &certificate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mails.Close() })
	for environ, want := range map[string]string{
		"AIKAGI_SMTP=" + mails.SMTP():                          "mail server: ok; WARNING: the mail server's certificate is signed by an unknown authority\n",
		"AIKAGI_SMTP=" + mails.SMTP() + "?tls=required":        "mail server: FAULT: check the mail server: the mail server's certificate is signed by an unknown authority\n",
		"AIKAGI_SMTP=" + mails.SMTP() + " AIKAGI_TLS_CA=" + ca: "mail server: ok\n",
	} {
		_, printed := runIn(t, append([]string{
			"AIKAGI_DATABASE=sqlite:" + filepath.Join(t.TempDir(), "aikagi.db"), "AIKAGI_PUBLIC_URL=https://support.example.jp",
			"AIKAGI_KEYS=a:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "AIKAGI_MAIL_FROM=support@example.jp",
		}, strings.Fields(environ)...), "check")
		if !strings.Contains(printed, want) {
			t.Errorf("%s: got %s, want %s", environ, printed, want)
		}
	}
}

// privateCertificate returns a certificate for 127.0.0.1, and the file of the CA that signed it.
func privateCertificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	sign := func(template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) []byte {
		template.NotBefore, template.NotAfter = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	caKey, key := newKey(), newKey()
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	ca := sign(authority, authority, caKey, caKey)
	leaf := sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), KeyUsage: x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}, authority, key, caKey)
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{leaf}, PrivateKey: key}, path
}
