package web

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"aikagi/backend/web/webtest"
)

func recoveryPath(id, deed string) string { return "/api/recoveries/" + id + deed }

// The requests that SPEC 5 has refused, at every call that takes a body. Each leaves everything as it was.
func TestARequestThatIsNotAsWrittenIsRefused(t *testing.T) {
	h := start(t)
	for _, r := range h.routes() {
		if r.takes == nil {
			continue
		}
		path := strings.ReplaceAll(r.path, ":id", waitingID)
		for name, bad := range badBodies(r.takes) {
			bad.Name, bad.Method, bad.Path = fmt.Sprintf("%s %s %s", r.method, r.path, name), r.method, path
			webtest.Run(t, h.base, []webtest.Scenario{bad})
		}
	}
	if got, want := h.store.written(), 0; got != want {
		t.Errorf("got %d writes, want %d", got, want)
	}
}

// badBodies are the ways to be wrong with these members.
func badBodies(t takes) map[string]webtest.Scenario {
	var members []string
	for _, name := range t {
		if !strings.HasSuffix(name, "?") {
			members = append(members, fmt.Sprintf("%q:%q", name, "abcd"))
		}
	}
	right := "{" + strings.Join(members, ",") + "}"
	malformed := func(body string) webtest.Scenario {
		return webtest.Scenario{Body: body, Status: 400, Code: "malformed"}
	}
	typed := func(header, value string) webtest.Scenario {
		return webtest.Scenario{Header: map[string]string{header: value}, Body: right, Status: 415, Code: "not_json"}
	}
	bad := map[string]webtest.Scenario{
		"without a body":       {Header: map[string]string{"Content-Type": "application/json"}, Status: 400, Code: "malformed"},
		"empty":                malformed(" "),
		"broken":               malformed(right[:len(right)-1]),
		"not an object":        malformed(`[` + right + `]`),
		"null":                 malformed(`null`),
		"a string":             malformed(`"abcd"`),
		"trailing data":        malformed(right + `{}`),
		"trailing comma":       malformed(strings.TrimSuffix(right, "}") + `,}`),
		"unknown member":       malformed(strings.TrimSuffix(right, "}") + comma(members) + `"member_id":"1"}`),
		"unknown empty":        malformed(strings.TrimSuffix(right, "}") + comma(members) + `"":""}`),
		"optional mark":        malformed(strings.TrimSuffix(right, "}") + comma(members) + `"language?":"ja"}`),
		"invalid UTF-8":        malformed(strings.TrimSuffix(right, "}") + "\xff}"),
		"byte order mark":      malformed("\ufeff" + right),
		"a comment":            malformed(right + `// no`),
		"as text":              typed("Content-Type", "text/plain"),
		"as a form":            typed("Content-Type", "application/x-www-form-urlencoded"),
		"as a multipart form":  typed("Content-Type", "multipart/form-data; boundary=x"),
		"as JSON of a kind":    typed("Content-Type", "application/merge-patch+json"),
		"without a type":       typed("Content-Type", ""),
		"two types":            typed("Content-Type", "application/json, text/plain"),
		"another charset":      typed("Content-Type", "application/json; charset=shift_jis"),
		"another parameter":    typed("Content-Type", "application/json; version=2"),
		"compressed":           typed("Content-Encoding", "gzip"),
		"over 8 KiB":           {Body: right + strings.Repeat(" ", maxBody), Status: 413, Code: "too_large"},
		"far over 8 KiB":       {Body: right + strings.Repeat(" ", 300<<10), Status: 413, Code: "too_large"},
		"from another site":    {Header: map[string]string{"Sec-Fetch-Site": "cross-site"}, Body: right, Status: 403, Code: "cross_site"},
		"from another origin":  {Header: map[string]string{"Origin": "https://evil.example"}, Body: right, Status: 403, Code: "cross_site"},
		"from a sandbox":       {Header: map[string]string{"Origin": "null"}, Body: right, Status: 403, Code: "cross_site"},
		"other site, bad body": {Header: map[string]string{"Sec-Fetch-Site": "same-site"}, Body: "{", Status: 403, Code: "cross_site"},
	}
	if len(members) > 0 {
		maps.Copy(bad, badMembers(members))
	}
	return bad
}

func comma(members []string) string {
	if len(members) == 0 {
		return ""
	}
	return ","
}

// badMembers spoil the first member.
func badMembers(members []string) map[string]webtest.Scenario {
	name, _, _ := strings.Cut(members[0], ":")
	rest := strings.Join(append([]string{""}, members[1:]...), ",")
	bad := map[string]webtest.Scenario{}
	spoil := func(what, spoilt string) {
		body := "{" + strings.TrimPrefix(spoilt+rest, ",") + "}"
		bad[what] = webtest.Scenario{Body: body, Status: 400, Code: "malformed"}
	}
	spoil("missing", "")
	spoil("twice", members[0]+","+members[0])
	spoil("case-folded", strings.ToUpper(name)+`:"abcd"`)
	spoil("folded by Unicode", strings.Replace(name, "s", "ſ", 1)+`:"abcd","x":""`)
	for _, value := range []string{"7", "0", "-1.5e3", "true", "false", "null", "{}", `{"a":"b"}`, "[]", `["abcd"]`, `[["abcd"]]`} {
		spoil("as "+value, name+":"+value)
	}
	spoil("half a character", name+`:"\ud800"`)
	spoil("half a character and text", name+`:"\ud800\u0041"`)
	spoil("a raw line break", name+":\"a\nb\"")
	return bad
}

func TestAnswersAreAsTheContractSays(t *testing.T) {
	h := start(t)
	ask := func(body string) webtest.Scenario {
		return webtest.Scenario{Method: "POST", Path: "/api/recoveries", Body: body}
	}
	is := func(name string, s webtest.Scenario, status int, code, holds string) webtest.Scenario {
		s.Name, s.Status, s.Code, s.Holds = name, status, code, holds
		return s
	}
	call := func(method, path, body string) webtest.Scenario {
		return webtest.Scenario{Method: method, Path: path, Body: body}
	}
	webtest.Run(t, h.base, []webtest.Scenario{
		is("asked", ask(`{"login_id":"abcd","mail_address":"abcd@xxx.mm-m.ne.jp"}`), 202, "", `"receipt"`),
		is("asked in English", ask(`{"login_id":"abcd","mail_address":"a@b","language":"en"}`), 202, "", `"receipt"`),
		is("asked in any width", ask(`{"login_id":"ＡＢＣＤ＠wakwak.com","mail_address":" ａ＠ｂ　"}`), 202, "", `"receipt"`),
		is("asked with escapes", ask(`{"login\u005fid":"\u0061bcd","mail_address":"a@b"}`), 202, "", `"receipt"`),
		is("unknown language", ask(`{"login_id":"abcd","mail_address":"a@b","language":"fr"}`), 400, "malformed", ""),
		is("empty language", ask(`{"login_id":"abcd","mail_address":"a@b","language":""}`), 400, "malformed", ""),
		is("no login ID", ask(`{"login_id":"","mail_address":"a@b"}`), 422, "input_rejected", `"field":"login_id"`),
		is("a login ID that cannot be", ask(`{"login_id":"a b","mail_address":"a@b"}`), 422, "input_rejected", `"field":"login_id"`),
		is("no address", ask(`{"login_id":"abcd","mail_address":""}`), 422, "input_rejected", `"field":"mail_address"`),
		is("an address without @", ask(`{"login_id":"abcd","mail_address":"abcd"}`), 422, "input_rejected", `"field":"mail_address"`),
		is("two addresses", ask(`{"login_id":"abcd","mail_address":"a@b,c@d"}`), 422, "input_rejected", `"field":"mail_address"`),
		is("a line in an address", ask(`{"login_id":"abcd","mail_address":"a@b\r\nBcc: c@d"}`), 422, "input_rejected", `"field":"mail_address"`),

		is("a waiting recovery", call("GET", recoveryPath(waitingID, ""), ""), 200, "", `"state":"waiting","guesses_left":4`),
		is("an ended recovery", call("GET", recoveryPath(endedID, ""), ""), 200, "", `"state":"ended","guesses_left":0`),
		is("an unknown recovery", call("GET", recoveryPath(unknownID, ""), ""), 404, "not_found", ""),
		is("no recovery's form", call("GET", recoveryPath("abcd", ""), ""), 404, "not_found", ""),
		is("a recovery with a slash", call("GET", recoveryPath(waitingID, "/"), ""), 404, "not_found", ""),

		is("asked again", call("POST", recoveryPath(waitingID, "/letter"), "{}"), 202, "", "{}"),
		is("asked again for nothing", call("POST", recoveryPath(unknownID, "/letter"), "{}"), 404, "not_found", ""),

		is("a wrong guess", call("POST", recoveryPath(waitingID, "/redemption"), `{"temporary_password":"wrong"}`), 422, "temporary_password_wrong", `"guesses_left":4`),
		is("an empty guess", call("POST", recoveryPath(waitingID, "/redemption"), `{"temporary_password":""}`), 422, "temporary_password_wrong", `"guesses_left":4`),
		is("a long guess", call("POST", recoveryPath(waitingID, "/redemption"), `{"temporary_password":"`+strings.Repeat("A", 7000)+`"}`), 422, "temporary_password_wrong", ""),
		is("a guess too many", call("POST", recoveryPath(endedID, "/redemption"), `{"temporary_password":"x"}`), 410, "recovery_ended", `"reason":"guesses"`),
		is("a guess at nothing", call("POST", recoveryPath(unknownID, "/redemption"), `{"temporary_password":"x"}`), 404, "not_found", ""),

		is("no grant", call("PUT", recoveryPath(waitingID, "/password"), `{"new_password":"New-pass9x"}`), 401, "grant_missing", ""),
		is("no grant of nothing", call("PUT", recoveryPath("abcd", "/password"), `{"new_password":"New-pass9x"}`), 401, "grant_missing", ""),

		is("a wrong password", call("POST", "/api/session", `{"login_id":"abcd","password":"Wrong-pass9"}`), 401, "login_rejected", ""),
		is("an empty password", call("POST", "/api/session", `{"login_id":"abcd","password":""}`), 401, "login_rejected", ""),
		is("an unknown member", call("POST", "/api/session", `{"login_id":"nobody","password":"Wrong-pass9"}`), 401, "login_rejected", ""),
		is("no login ID to sign in", call("POST", "/api/session", `{"login_id":"@","password":"x"}`), 422, "input_rejected", `"field":"login_id"`),
		is("nobody signed in", call("GET", "/api/session", ""), 401, "session_missing", ""),
		is("nobody to sign out", call("DELETE", "/api/session", ""), 204, "", ""),
		is("no member", call("GET", "/api/member", ""), 401, "session_missing", ""),
		is("no member to change", call("PUT", "/api/member/password", `{"current_password":"x","new_password":"y"}`), 401, "session_missing", ""),

		is("the site", call("GET", "/api/site", ""), 200, "", `"login_suffix":"@wakwak.com"`),
		is("the contract", call("GET", "/api/openapi.yaml", ""), 200, "", "openapi: 3.1"),
		is("alive", call("GET", "/livez", ""), 200, "", "ok"),
		is("ready", call("GET", "/readyz", ""), 200, "", "ok"),

		is("an unknown call", call("GET", "/api/nothing", ""), 404, "not_found", ""),
		is("the API's root", call("GET", "/api", ""), 404, "not_found", ""),
		is("an upper-case call", call("GET", "/API/site", ""), 404, "not_found", ""),
		is("no metrics for the public", call("GET", "/metrics", ""), 404, "not_found", ""),
		is("no demo mailbox", call("GET", "/demo/mailbox", ""), 404, "not_found", ""),
		is("no demo style", call("GET", "/demo/mailbox.css", ""), 404, "not_found", ""),
		is("no demo letters", call("GET", "/demo/letters", ""), 404, "not_found", ""),
		is("no demo letter", call("GET", "/demo/letters/0123456789abcdef.html", ""), 404, "not_found", ""),
	})
}

func TestAWrongMethodIsToldTheRightOnes(t *testing.T) {
	h := start(t)
	allowed := map[string][]string{}
	for _, r := range h.routes() {
		if r.method == get {
			allowed[r.path] = append(allowed[r.path], "GET", "HEAD")
		} else {
			allowed[r.path] = append(allowed[r.path], r.method)
		}
	}
	for path, methods := range allowed {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECTED", "get"} {
			if slices.Contains(methods, method) {
				continue
			}
			got := webtest.Ask(t, h.base, webtest.Scenario{Method: method, Path: strings.ReplaceAll(path, ":id", waitingID)})
			if got.Status != 405 {
				t.Errorf("%s %s: got %d, want 405", method, path, got.Status)
			}
			for _, right := range methods {
				if !slices.Contains(strings.Split(got.Header.Get("Allow"), ", "), right) {
					t.Errorf("%s %s: got Allow %q, want %s in it", method, path, got.Header.Get("Allow"), right)
				}
			}
		}
	}
}

func TestWhatIsOutOfReachSaysSo(t *testing.T) {
	h := start(t)
	again := map[string]string{"Retry-After": "5"}
	webtest.Run(t, h.base, []webtest.Scenario{
		{Name: "the database", Method: "GET", Path: recoveryPath(brokenID, ""), Status: 503, Code: "unavailable", Want: again},
	})
	h = start(t, func(s *Server) { s.Recovery.Paused = true })
	webtest.Run(t, h.base, []webtest.Scenario{
		{Name: "paused", Method: "POST", Path: "/api/recoveries", Body: `{"login_id":"a","mail_address":"a@b"}`, Status: 503, Code: "paused", Want: map[string]string{"Retry-After": ""}},
		{Name: "paused again", Method: "POST", Path: recoveryPath(waitingID, "/letter"), Body: "{}", Status: 503, Code: "paused"},
		{Name: "paused site", Method: "GET", Path: "/api/site", Status: 200, Holds: `"recovery":"paused"`},
	})
}

// Whatever goes wrong inside, the answer says no more than where to look it up.
func TestAFaultTellsNothingOfItself(t *testing.T) {
	h := start(t, func(s *Server) { s.Unavailable = nil })
	for _, id := range []string{brokenID, panickyID} {
		got := webtest.Ask(t, h.base, webtest.Scenario{Method: "GET", Path: recoveryPath(id, "")})
		problem := got.Problem()
		if got.Status != 500 || problem["code"] != "internal" {
			t.Errorf("got %d %v, want 500 internal", got.Status, problem)
		}
		requestID, _ := problem["request_id"].(string)
		if len(problem) != 4 || requestID == "" || strings.Contains(got.Body, "10.1.2.3") || strings.Contains(got.Body, "secret") {
			t.Errorf("got %s, want a title, a status, a code and a request id", got.Body)
		}
		if !strings.Contains(h.log.String(), requestID) {
			t.Errorf("the log has no %s", requestID)
		}
	}
	if !strings.Contains(h.log.String(), "10.1.2.3") || !strings.Contains(h.log.String(), "a secret of the database") {
		t.Errorf("the log does not tell the causes: %s", h.log)
	}
}

func TestTheLogHoldsNoIDAndNoInput(t *testing.T) {
	h := start(t)
	for _, s := range []webtest.Scenario{
		{Method: "GET", Path: recoveryPath(waitingID, "?x=yyyy")},
		{Method: "GET", Path: recoveryPath(brokenID, "")},
		{Method: "GET", Path: "/nowhere/" + waitingID},
		{Method: "PUT", Path: recoveryPath(waitingID, "/password"), Body: `{"new_password":"Some-Secret9"}`},
		{Method: "POST", Path: "/api/session", Body: `{"login_id":"hanako","password":"Some-Secret9"}`},
		{Method: "POST", Path: "/api/recoveries", Body: `{"login_id":"hanako","mail_address":"hanako@xxx.mm-m.ne.jp"}`},
	} {
		webtest.Ask(t, h.base, s)
	}
	log := h.log.String()
	for _, secret := range []string{waitingID, brokenID, "yyyy", "hanako", "Some-Secret9", "127.0.0.1"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q: %s", secret, log)
		}
	}
	if got, want := strings.Count(log, `"msg":"request"`), 6; got != want {
		t.Errorf("got %d lines, want %d: %s", got, want, log)
	}
	if !strings.Contains(log, `"route":"/api/recoveries/:id"`) {
		t.Errorf("the log names no route: %s", log)
	}
}

// Promise 1, as far as this room goes: nothing in the answer but the two random values differs.
func TestAnAskIsAnsweredTheSameWhoeverItNames(t *testing.T) {
	h := start(t)
	shape := func(body string) string {
		got := webtest.Ask(t, h.base, webtest.Scenario{Method: "POST", Path: "/api/recoveries", Body: body})
		got.Header.Del("Date")
		return fmt.Sprint(got.Status, len(got.Body), got.Header)
	}
	want := shape(`{"login_id":"abcd","mail_address":"abcd@xxx.mm-m.ne.jp"}`)
	for _, body := range []string{
		`{"login_id":"nobody","mail_address":"abcd@xxx.mm-m.ne.jp"}`,
		`{"login_id":"abcd","mail_address":"other@xxx.mm-m.ne.jp"}`,
	} {
		if got := shape(body); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAnAskTakesItsLanguageFromTheBodyThenFromTheBrowser(t *testing.T) {
	h := start(t)
	for _, c := range []struct{ language, accept, want string }{
		{"", "", "ja"},
		{"", "en-US,en;q=0.9", "en"},
		{`,"language":"ja"`, "en", "ja"},
		{`,"language":"en"`, "ja", "en"},
	} {
		webtest.Ask(t, h.base, webtest.Scenario{
			Method: "POST", Path: "/api/recoveries", Header: map[string]string{"Accept-Language": c.accept},
			Body: `{"login_id":"abcd","mail_address":"a@b"` + c.language + `}`,
		})
		got := h.store.asked[len(h.store.asked)-1]
		if string(got.Language) != c.want || got.Client != "127.0.0.1" {
			t.Errorf("%v: got %s from %s, want %s from 127.0.0.1", c, got.Language, got.Client, c.want)
		}
	}
}

func TestASessionGoesFromSignInToSignOut(t *testing.T) {
	h := start(t)
	signIn := webtest.Scenario{Method: "POST", Path: "/api/session", Body: `{"login_id":"ABCD@wakwak.com","password":"` + memberPass + `"}`}
	answer := webtest.Ask(t, h.base, signIn)
	token := cookieValue(t, answer, "__Host-session")
	if answer.Status != 200 || answer.Body != `{"login_id":"abcd"}` {
		t.Fatalf("got %d %s, want 200 with the login ID", answer.Status, answer.Body)
	}
	with := func(token string) map[string]string { return map[string]string{"Cookie": "__Host-session=" + token} }
	signIn.Header = with(token)
	second := cookieValue(t, webtest.Ask(t, h.base, signIn), "__Host-session")
	webtest.Run(t, h.base, []webtest.Scenario{
		{Name: "the former one is closed", Method: "GET", Path: "/api/session", Header: with(token), Status: 401, Code: "session_missing"},
		{Name: "signed in", Method: "GET", Path: "/api/session", Header: with(second), Status: 200, Holds: `{"login_id":"abcd"}`},
		{
			Name: "the member", Method: "GET", Path: "/api/member", Header: with(second), Status: 200,
			Holds: `{"login_id":"abcd","basic_mail_address":"abcd@xxx.mm-m.ne.jp","password_changed_at":null,"activities":[{"at":"2026-04-01T09:30:00Z","kind":"signed_in","device":"iphone"}]}`,
		},
		{Name: "a wrong current password", Method: "PUT", Path: "/api/member/password", Header: with(second), Body: `{"current_password":"x","new_password":"Other-pass9"}`, Status: 403, Code: "current_password_wrong"},
		{Name: "a bad new password", Method: "PUT", Path: "/api/member/password", Header: with(second), Body: `{"current_password":"` + memberPass + `","new_password":"あ"}`, Status: 422, Code: "password_rejected", Holds: `{"code":"character_not_allowed","character":"あ","position":1}`},
		{Name: "a cookie of another name", Method: "GET", Path: "/api/session", Header: map[string]string{"Cookie": "session=" + second}, Status: 401, Code: "session_missing"},
		{Name: "signed out", Method: "DELETE", Path: "/api/session", Header: with(second), Status: 204, Want: map[string]string{"Set-Cookie": "__Host-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure"}},
		{Name: "gone", Method: "GET", Path: "/api/session", Header: with(second), Status: 401, Code: "session_missing"},
	})
}

func cookieValue(t *testing.T, answer webtest.Answer, name string) string {
	t.Helper()
	cookie, found := strings.CutPrefix(answer.Header.Get("Set-Cookie"), name+"=")
	value, rest, _ := strings.Cut(cookie, ";")
	if !found || value == "" || rest != " Path=/; HttpOnly; SameSite=Strict; Secure" {
		t.Fatalf("got cookie %q, want %s", answer.Header.Get("Set-Cookie"), name)
	}
	return value
}

func TestOnlyAChangeBySomebodyMovesTheirSession(t *testing.T) {
	h := start(t)
	token, err := h.Sessions.Open(t.Context(), 7, "abcd", 3, "")
	if err != nil {
		t.Fatal(err)
	}
	webtest.Run(t, h.base, []webtest.Scenario{{
		Name: "changed", Method: "PUT", Path: "/api/member/password",
		Header: map[string]string{"Cookie": "__Host-session=" + token.Reveal()},
		Body:   `{"current_password":"` + memberPass + `","new_password":"Korogaru/42ishi"}`, Status: 204,
	}})
	found, err := h.Sessions.Find(t.Context(), token)
	if err != nil || found.PasswordVersion != 4 {
		t.Errorf("got version %d, %v, want 4", found.PasswordVersion, err)
	}
}

func TestSecurityContactIsTheOperators(t *testing.T) {
	missing := start(t)
	h := start(t, func(s *Server) { s.SecurityContact = "mailto:security@example.jp" })
	path := "/.well-known/security.txt"
	webtest.Run(t, missing.base, []webtest.Scenario{{Name: "none", Method: "GET", Path: path, Status: 404, Code: "not_found"}})
	webtest.Run(t, h.base, []webtest.Scenario{
		{Name: "set", Method: "GET", Path: path, Status: 200, Want: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, Holds: "Contact: mailto:security@example.jp\nExpires: " + now.AddDate(0, 0, 180).Format(time.DateOnly) + "T00:00:00Z\n"},
		{Name: "change-password", Method: "GET", Path: "/.well-known/change-password", Status: 303, Want: map[string]string{"Location": "/member"}},
		{Name: "no other", Method: "GET", Path: "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200", Header: map[string]string{"Accept": "text/html"}, Status: 404, Code: "not_found"},
	})
}
