package cli

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aikagi/backend/secret"
	"aikagi/backend/store"
)

// knowKey adds a key to the secrets, in every form in which its bytes could be written.
func (w *secretWalk) knowKey(what string, key []byte) {
	w.secrets[what+" in base64"] = base64.RawStdEncoding.EncodeToString(key)
	w.secrets[what+" in a URL's base64"] = base64.RawURLEncoding.EncodeToString(key)
	w.secrets[what+" in hex"] = hex.EncodeToString(key)
	w.secrets[what+"'s bytes"] = string(key)
	w.secrets[what+" as numbers"] = strings.Trim(fmt.Sprint(key), "[]")
}

// knowCookies adds the tokens of a browser to the secrets.
func (w *secretWalk) knowCookies(whose string, b *browser) {
	for name, value := range b.cookies {
		w.secrets[whose+" "+name] = value
	}
}

// serve restarts the program with changed settings.
func (w *secretWalk) serve(environ ...string) {
	w.t.Helper()
	if w.p != nil {
		w.p.kill()
		w.leaks.add("the log", w.p.log.String())
	}
	w.p = w.s.run(append(environ, "AIKAGI_LOG_LEVEL=debug")...)
	w.s.base = w.p.base
	shown, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", w.p.command.Process.Pid))
	if err != nil {
		w.t.Fatal(err)
	}
	w.leaks.add("the process list", shown)
}

// look collects the present content of the database and of Redis.
func (w *secretWalk) look() {
	w.t.Helper()
	settings := w.s.settings()
	w.leaks.rows(settings.Database)
	w.leaks.redis(settings.Redis)
}

// call makes a call and collects the answer, except the cookies that it sets.
func (w *secretWalk) call(b *browser, status int, method, path string, members ...string) {
	w.t.Helper()
	got := b.want(status, method, path, members...)
	got.header.Del("Set-Cookie")
	w.leaks.add("an answer", got.status, got.header, got.body)
}

// recover recovers taro's password, with every mistake whose text the program could repeat.
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

// disavow changes another member's password and disavows the change.
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

// withoutMail uses a mail server without TLS, to which the program must not send its password.
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

// operate runs the operator's commands and collects their output.
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

// command runs a command with changed settings and collects its output.
func (w *secretWalk) command(code int, environ []string, args ...string) {
	w.t.Helper()
	got, printed := runIn(w.t, append(slices.Clone(w.s.environ), environ...), args...)
	if got != code {
		w.t.Fatalf("aikagi %q ended with %d, want %d:\n%s", args, got, code, printed)
	}
	w.leaks.add("a command's output", args, printed)
}

// withoutTables makes calls that fail because the tables are missing.
func (w *secretWalk) withoutTables(where store.Settings, b *browser) {
	w.t.Helper()
	for _, table := range []string{"members", "recoveries", "letters", "activities"} {
		w.leaks.exec(w.s.settings().Database, "ALTER TABLE "+table+" RENAME TO gone_"+table)
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
		w.leaks.add("an answer", got.status, got.header, got.body)
	}
	w.command(1, nil, "members", "show", taro)
	w.askOperations()
	if text := w.p.log.String(); strings.Count(text, "request failed") < 5 {
		w.t.Errorf("the log has too few faults: %s", text)
	}
}
