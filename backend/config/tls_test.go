package config

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// selfSigned returns a new certificate in PEM.
func selfSigned(t *testing.T) string {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func caFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAPrivateCAIsTrustedInAdditionToTheSystems(t *testing.T) {
	content := "our own CA\n" + selfSigned(t) + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n" + selfSigned(t)
	got, err := readCA(caFile(t, content))
	if err != nil {
		t.Fatal(err)
	}
	want, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	if !want.AppendCertsFromPEM([]byte(content)) || !got.Pool.Equal(want) {
		t.Error("got a pool other than the system's and both certificates")
	}
	settings, err := Load(Args{Environ: []string{
		"AIKAGI_TLS_CA=" + got.Path, "AIKAGI_DATABASE=mysql://u:p@h/n?tls=true", "AIKAGI_REDIS=rediss://h", "AIKAGI_SMTP=smtps://h",
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, pool := range map[string]*x509.CertPool{
		"database": settings.Database.RootCAs, "redis": settings.Redis.RootCAs, "smtp": settings.SMTP.RootCAs,
	} {
		if pool == nil || !pool.Equal(want) {
			t.Errorf("%s: got a pool other than the CA's", name)
		}
	}
}

func TestAFileThatIsNoCAIsRefused(t *testing.T) {
	key := "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	broken := "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	readings{
		"/nowhere/ca.pem":                   "! cannot be read: no such file or directory",
		t.TempDir():                         "! cannot be read: is a directory",
		caFile(t, ""):                       "! holds no certificate in PEM",
		caFile(t, "certificate"):            "! holds no certificate in PEM",
		caFile(t, key):                      "! holds no certificate in PEM",
		caFile(t, selfSigned(t)+key+broken): "! holds a certificate (number 2) that cannot be read",
	}.check(t, shown(readCA, func(ca CA) string { return ca.Path }))
}
