package cli

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aikagi/backend/secret"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/otlp"
)

// What is typed and set in the walk below, beside what every site has.
const (
	hanako           = "hanako22"
	wrongPassword    = "Wrong-pass11"
	refusedPassword  = "taro1234-Refused"
	thirdPassword    = "Third-pass55"
	fourthPassword   = "Fourth-pass33"
	databasePassword = "Database-pass-8fK2"
	redisPassword    = "Redis-pass-8fK2"
	smtpPassword     = "Smtp-pass-8fK2"
	mistakenPassword = "Mistaken-pass-8fK2" // of a server, as an operator sets it wrongly
	mistyped         = "mistyped@xxx.mm-m.ne.jp"
)

// secretWalk walks all steps, right and wrong, with the program in a process of its own that logs at debug, and keeps
// what somebody who steals or reads along would hold.
type secretWalk struct {
	t       *testing.T
	s       *site
	p       *process
	held    *leaks
	secrets map[string]string // by what they are
	path    string            // of a recovery
	hash    string            // of a member's password, as it is stored
}

// traQ, Coder (CVE-2025-66411), Kratos (#3126): secrets in the log, in a trace, in the database.
func TestCVE_2025_57813_NoSecretIsKeptOrLogged(t *testing.T) {
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
	w := &secretWalk{t: t, held: &leaks{t, make(map[string]*strings.Builder)}}
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
	// Spans end in order: when that of this request is there, all earlier ones are.
	w.call(b, 404, "GET", "/.well-known/security.txt")
	eventually(t, "the last span arrives", func() bool { return strings.Contains(receiver.Raw(), "/.well-known/security.txt") })
	w.p.kill()
	w.held.add("the log", w.p.log.String())
	w.held.add("the traces", receiver.Raw())
	w.look()
	w.judge()
}

// knowKey adds every form that a key's bytes are written in.
func (w *secretWalk) knowKey(what string, key []byte) {
	w.secrets[what+" in base64"] = base64.RawStdEncoding.EncodeToString(key)
	w.secrets[what+" in a URL's base64"] = base64.RawURLEncoding.EncodeToString(key)
	w.secrets[what+" in hex"] = hex.EncodeToString(key)
	w.secrets[what+"'s bytes"] = string(key)
	w.secrets[what+" as numbers"] = strings.Trim(fmt.Sprint(key), "[]")
}

// knowCookies adds the tokens that a browser holds.
func (w *secretWalk) knowCookies(whose string, b *browser) {
	for name, value := range b.cookies {
		w.secrets[whose+" "+name] = value
	}
}

// serve starts the program anew with some settings changed.
func (w *secretWalk) serve(environ ...string) {
	w.t.Helper()
	if w.p != nil {
		w.p.kill()
		w.held.add("the log", w.p.log.String())
	}
	w.p = w.s.run(append(environ, "AIKAGI_LOG_LEVEL=debug")...)
	w.s.base = w.p.base
	shown, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", w.p.command.Process.Pid))
	if err != nil {
		w.t.Fatal(err)
	}
	w.held.add("the process list", shown)
}

// look takes what lies in the database and in Redis now.
func (w *secretWalk) look() {
	w.t.Helper()
	settings := w.s.settings()
	w.held.rows(settings.Database)
	w.held.redis(settings.Redis)
}

// call keeps all of an answer but the cookies that it sets.
func (w *secretWalk) call(b *browser, status int, method, path string, members ...string) {
	w.t.Helper()
	got := b.want(status, method, path, members...)
	got.header.Del("Set-Cookie")
	w.held.add("an answer", got.status, got.header, got.body)
}

// recover walks from a wrong sign-in to a right one, with every mistake on the way that a program could repeat.
func (w *secretWalk) recover(b *browser) {
	w.t.Helper()
	w.call(b, 401, "POST", "/api/session", "login_id", taro, "password", wrongPassword)
	w.call(b, 200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
	w.knowCookies("the first", b)
	w.call(b, 403, "PUT", "/api/member/password", "current_password", wrongPassword, "new_password", newPassword)
	w.path = b.ask(taro, taroAddress)
	b.ask(taro, mistyped)
	secret := temporaryPassword(w.t, w.s.letters(1)[0])
	w.secrets["the temporary password"] = secret
	w.call(b, 202, "POST", w.path+"/letter")
	w.look()
	w.call(b, 422, "POST", w.path+"/redemption", "temporary_password", wrongPassword)
	w.call(b, 400, "POST", w.path+"/redemption", "temporary_password", secret, secret, secret)
	w.call(b, 404, "POST", "/api/recoveries/"+secret+"/redemption", "temporary_password", secret)
	w.call(b, 404, "GET", "/"+secret+"?password="+newPassword)
	w.call(b, 200, "POST", w.path+"/redemption", "temporary_password", secret)
	w.call(b, 410, "POST", w.path+"/redemption", "temporary_password", secret)
	w.knowCookies("the redeemed", b)
	w.look()
	w.call(b, 422, "PUT", w.path+"/password", "new_password", refusedPassword)
	w.call(b, 422, "PUT", w.path+"/password", "new_password", secret)
	w.call(b, 204, "PUT", w.path+"/password", "new_password", newPassword)
	w.call(b, 200, "GET", w.path+"?temporary_password="+secret+"&password="+newPassword)
	w.s.letters(2)
	w.call(b, 200, "POST", "/api/session", "login_id", taro, "password", newPassword)
	w.call(b, 200, "GET", "/api/member")
	w.call(b, 204, "PUT", "/api/member/password", "current_password", newPassword, "new_password", thirdPassword)
	w.knowCookies("the last", b)
	_, w.secrets["the disavowal"] = disavowal(w.t, w.s.letters(3)[0])
	w.look()
	w.askOperations()
}

// disavow lets another member change the password and take it back.
func (w *secretWalk) disavow() {
	w.t.Helper()
	b := w.s.browser()
	w.call(b, 200, "POST", "/api/session", "login_id", hanako, "password", oldPassword)
	w.call(b, 204, "PUT", "/api/member/password", "current_password", oldPassword, "new_password", newPassword)
	_, token := disavowal(w.t, w.s.letters(4)[0])
	w.secrets["the pressed disavowal"] = token
	w.call(b, 204, "POST", "/api/disavowals", "token", token)
	w.call(b, 410, "POST", "/api/disavowals", "token", token)
	w.call(b, 401, "POST", "/api/session", "login_id", hanako, "password", newPassword)
	w.knowCookies("the other member's", b)
	w.look()
}

// withoutMail gives the program a mail server to which it will not tell its password.
func (w *secretWalk) withoutMail() {
	w.t.Helper()
	smtp := "AIKAGI_SMTP=" + strings.Replace(w.s.mails.SMTP(), "://", "://mailer:"+smtpPassword+"@", 1)
	w.serve(smtp)
	b := w.s.browser()
	w.call(b, 200, "POST", "/api/session", "login_id", taro, "password", thirdPassword)
	w.call(b, 204, "PUT", "/api/member/password", "current_password", thirdPassword, "new_password", fourthPassword)
	eventually(w.t, "a letter that does not go", func() bool { return strings.Contains(w.p.log.String(), "the mail server cannot be reached") })
	w.askOperations()
	w.command(1, []string{smtp}, "check")
	w.knowCookies("the mailless", b)
	w.serve()
}

// operate keeps what an operator's commands print.
func (w *secretWalk) operate(where store.Settings) {
	w.t.Helper()
	w.hash = w.s.member(taro).PasswordHash
	file := filepath.Join(w.t.TempDir(), "members.csv")
	hash := `"` + w.hash + `"`
	rows := header + "new1,new1@xxx.mm-m.ne.jp," + hash + ",\n" + taro + "," + taroAddress + "," + wrongPassword + ",\nnew2," + hash + ",,\n"
	if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.command(1, nil, "members", "import", file)
	w.command(0, nil, "members", "import", "--skip-bad", file)
	w.command(0, nil, "members", "show", taro)
	w.command(0, nil, "members", "show", hanako)
	for _, state := range []string{"waiting", "accepted", "failed", "dropped"} {
		w.command(0, nil, "letters", "--state", state)
	}
	w.command(0, nil, "members", "void", "new1")
	w.command(0, nil, "settings")
	w.command(2, []string{"AIKAGI_KEYS=" + mistakenPassword}, "check")
	if where.Dialect == store.MySQL {
		where.Password = secret.New(mistakenPassword)
		w.command(1, []string{"AIKAGI_DATABASE=" + databaseURL(where)}, "check")
		redis := w.s.settings().Redis
		w.command(1, []string{"AIKAGI_REDIS=redis://" + redis.User + ":" + mistakenPassword + "@" + redis.Hosts[0]}, "check")
	}
}

// command runs one of the program's commands with some settings changed, and keeps what it prints.
func (w *secretWalk) command(code int, environ []string, args ...string) {
	w.t.Helper()
	var out bytes.Buffer
	p := &program{
		ctx: w.t.Context(), app: noApp, resolver: noDNS{}, stdout: &out, stderr: &out, now: func() time.Time { return time.Now().UTC() },
		environ: append(slices.Clone(w.s.environ), environ...),
	}
	if got := run(p, args); got != code {
		w.t.Fatalf("aikagi %q ended with %d, want %d:\n%s", args, got, code, out.String())
	}
	w.held.add("a command's output", args, out.String())
}

// withoutTables makes everything a fault of the database.
func (w *secretWalk) withoutTables(where store.Settings, b *browser) {
	w.t.Helper()
	for _, table := range []string{"members", "recoveries", "letters", "activities"} {
		w.held.exec(w.s.settings().Database, "ALTER TABLE "+table+" RENAME TO gone_"+table)
	}
	secret, token := w.secrets["the temporary password"], w.secrets["the disavowal"]
	for _, call := range [][]string{
		{"POST", "/api/recoveries", "login_id", taro, "mail_address", taroAddress},
		{"POST", w.path + "/redemption", "temporary_password", secret},
		{"PUT", w.path + "/password", "new_password", newPassword},
		{"POST", "/api/session", "login_id", taro, "password", fourthPassword},
		{"POST", "/api/disavowals", "token", token},
	} {
		got := b.call(call[0], call[1], call[2:]...)
		if got.status < 500 {
			w.t.Errorf("%s %s: got %d, want a fault", call[0], call[1], got.status)
		}
		w.held.add("an answer", got.status, got.header, got.body)
	}
	w.command(1, nil, "members", "show", taro)
	w.askOperations()
	if text := w.p.log.String(); strings.Count(text, "request failed") < 5 {
		w.t.Errorf("the log tells of too few faults: %s", text)
	}
}

// judge looks for every secret everywhere.
func (w *secretWalk) judge() {
	w.t.Helper()
	for _, letter := range w.s.mails.Letters() {
		head, _, _ := strings.Cut(letter.Raw, "\r\n\r\n")
		w.held.add("a letter's head or link", head, letter.Subject)
		for _, link := range letterLink.FindAllString(letter.Text+letter.HTML, -1) {
			address, _, _ := strings.Cut(link, "#") // what follows is sent to nobody: the token that is to be pressed
			w.held.add("a letter's head or link", address)
		}
	}
	kept := []string{"the database"}
	if w.s.settings().Redis.IsSet() {
		kept = append(kept, "Redis")
	}
	told := []string{"the log", "an answer", "an operations answer", "the metrics", "the traces", "a command's output", "the process list", "a letter's head or link"}
	w.held.want(w.secrets, slices.Concat(kept, told)...)
	w.held.want(map[string]string{"a stored hash": w.hash}, told...)
	w.held.want(map[string]string{
		"a mail address": taroAddress, "a typed mail address": mistyped, "a recovery's id": strings.TrimPrefix(w.path, "/api/recoveries/"),
	}, "the log")
	w.held.want(map[string]string{"a typed mail address": mistyped}, kept...)
	w.held.want(map[string]string{
		"a mail address": taroAddress, "a typed mail address": mistyped, "a login ID": taro, "another login ID": hanako, "a client": "127.0.0.1",
		"a recovery's id": strings.TrimPrefix(w.path, "/api/recoveries/"),
	}, "the metrics", "the traces")
}
