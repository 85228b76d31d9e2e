package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aikagi/backend/testkit/fleet"
)

// proxy is nginx or HAProxy with an example configuration.
type proxy struct {
	name    string // of the program
	example string // under backend/deploy
}

// start runs the proxy on a free port and returns its address. It replaces texts of the example by the test's values, and
// the certificate and the port by its own.
func (p proxy) start(t *testing.T, replaced map[string]string) string {
	t.Helper()
	port, err := fleet.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../deploy/" + p.example)
	if err != nil {
		t.Fatal(err)
	}
	folder, settings := t.TempDir(), string(example)
	own := map[string]string{"/etc/ssl/support.example.jp.pem": filepath.Join(folder, "certificate.pem")}
	args := []string{"-db", "-f", "settings"}
	if p.name == "nginx" {
		own["listen 443 ssl;"] = fmt.Sprintf("listen 127.0.0.1:%d ssl;", port)
		own["/etc/ssl/support.example.jp.key"] = filepath.Join(folder, "key.pem")
		args = []string{"-p", folder, "-c", "around", "-e", "stderr"}
	} else {
		own["bind :443 ssl"] = fmt.Sprintf("bind 127.0.0.1:%d ssl", port)
	}
	for _, all := range []map[string]string{own, replaced} {
		for from, to := range all {
			if !strings.Contains(settings, from) {
				t.Fatalf("the example has no %s", from)
			}
			settings = strings.ReplaceAll(settings, from, to)
		}
	}
	around := "daemon off;\nmaster_process off;\npid pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\ninclude settings;\n"
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		around += name + "_temp_path " + filepath.Join(folder, name) + ";\n"
	}
	certificate, key := pemOf(t)
	for name, content := range map[string]string{
		"settings": settings, "around": around + "}\n", "certificate.pem": certificate + key, "key.pem": key,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program, err := exec.LookPath(p.name)
	if err != nil {
		program = "/usr/sbin/" + p.name
	}
	log := new(lockedBuffer)
	command := exec.CommandContext(context.Background(), program, args...)
	command.Dir, command.Stdout, command.Stderr = folder, log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	address := fmt.Sprintf("127.0.0.1:%d", port)
	eventually(t, p.name, func() bool {
		conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return "https://" + address
}

// pemOf returns the files of a new certificate and its key.
func pemOf(t *testing.T) (certificate, key string) {
	t.Helper()
	made, _ := privateCertificate(t)
	private, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.Certificate[0]})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}
