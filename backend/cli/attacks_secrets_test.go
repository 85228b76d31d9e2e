package cli

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/otlp"
)

// What the walk types and sets, in addition to what every site has.
const (
	hanako           = "hanako22"
	wrongPassword    = "Wrong-pass11"
	refusedPassword  = "taro1234-Refused"
	thirdPassword    = "Third-pass55"
	fourthPassword   = "Fourth-pass33"
	databasePassword = "Database-pass-8fK2"
	redisPassword    = "Redis-pass-8fK2"
	smtpPassword     = "Smtp-pass-8fK2"
	mistakenPassword = "Mistaken-pass-8fK2" // of a server, set wrongly by the operator
	mistyped         = "mistyped@xxx.mm-m.ne.jp"
)

// secretWalk does all steps, rightly and wrongly, with a program that logs at debug level, and collects what an attacker
// could steal or read.
type secretWalk struct {
	t       *testing.T
	s       *site
	p       *process
	leaks   *leaks
	secrets map[string]string // by name
	path    string            // of a recovery
	hash    string            // of a member's password, as it is stored
}

// traQ, Coder (CVE-2025-66411), Kratos (#3126): secrets were in the log, in a trace, in the database.
func TestCVE_2025_57813_NoSecretIsStoredOrLogged(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { walkForSecrets(t, testkit.SQLite(t)) })
	t.Run("mariadb and redis", func(t *testing.T) {
		walkForSecrets(t, withPassword(t, testkit.MySQL(t)), "AIKAGI_REDIS="+redisWithPassword(t))
	})
}

func walkForSecrets(t *testing.T, where store.Settings, environ ...string) {
	t.Helper()
	_, signing, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(signing)
	if err != nil {
		t.Fatal(err)
	}
	w := &secretWalk{t: t, leaks: &leaks{t, make(map[string]*strings.Builder)}}
	receiver := otlp.Start(t)
	w.s = newSite(t, where, append(environ, "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.URL, "OTEL_BSP_SCHEDULE_DELAY=10",
		"AIKAGI_DKIM_DOMAIN=example.jp", "AIKAGI_DKIM_SELECTOR=aikagi",
		"AIKAGI_DKIM_KEY="+string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))...)
	w.s.add(hanako, "hanako@xxx.mm-m.ne.jp")
	w.s.stop()
	w.secrets = map[string]string{
		"the old password": oldPassword, "the new password": newPassword, "the third password": thirdPassword, "the fourth password": fourthPassword,
		"a wrong password": wrongPassword, "a refused password": refusedPassword, "a server's mistaken password": mistakenPassword,
		"the database's password": databasePassword, "Redis's password": redisPassword, "the mail server's password": smtpPassword,
	}
	w.knowKey("the key", w.s.settings().Keys[0].Secret.Reveal())
	w.knowKey("the signing key", signing.Seed())
	w.knowKey("the signing key's file", der)

	w.serve()
	b := w.s.browser()
	w.recover(b)
	w.disavow()
	w.withoutMail()
	w.operate(where)
	w.withoutTables(where, b)
	// Spans are sent in order: after the span of this request, all earlier ones have arrived.
	w.call(b, 404, "GET", "/.well-known/security.txt")
	eventually(t, "the last span arrives", func() bool { return strings.Contains(receiver.Raw(), "/.well-known/security.txt") })
	w.p.kill()
	w.leaks.add("the log", w.p.log.String())
	w.leaks.add("the traces", receiver.Raw())
	w.look()
	w.check()
}

// check looks for every secret in every place.
func (w *secretWalk) check() {
	w.t.Helper()
	for _, letter := range w.s.mails.Letters() {
		head, _, _ := strings.Cut(letter.Raw, "\r\n\r\n")
		w.leaks.add("a letter's head or link", head, letter.Subject)
		for _, link := range letterLink.FindAllString(letter.Text+letter.HTML, -1) {
			address, _, _ := strings.Cut(link, "#") // browsers do not send the fragment, which holds the token
			w.leaks.add("a letter's head or link", address)
		}
	}
	stored := []string{"the database"}
	if w.s.settings().Redis.IsSet() {
		stored = append(stored, "Redis")
	}
	public := []string{"the log", "an answer", "an operations answer", "the metrics", "the traces", "a command's output", "the process list", "a letter's head or link"}
	w.leaks.wantNone(w.secrets, slices.Concat(stored, public)...)
	w.leaks.wantNone(map[string]string{"a stored hash": w.hash}, public...)
	w.leaks.wantNone(map[string]string{
		"a mail address": taroAddress, "a typed mail address": mistyped, "a recovery's id": strings.TrimPrefix(w.path, "/api/recoveries/"),
	}, "the log")
	w.leaks.wantNone(map[string]string{"a typed mail address": mistyped}, stored...)
	w.leaks.wantNone(map[string]string{
		"a mail address": taroAddress, "a typed mail address": mistyped, "a login ID": taro, "another login ID": hanako, "a client": "127.0.0.1",
		"a recovery's id": strings.TrimPrefix(w.path, "/api/recoveries/"),
	}, "the metrics", "the traces")
}
