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
		"without a body":         {Header: map[string]string{"Content-Type": "application/json"}, Status: 400, Code: "malformed"},
		"empty":                  malformed(" "),
		"broken":                 malformed(right[:len(right)-1]),
		"not an object":          malformed(`[` + right + `]`),
		"null":                   malformed(`null`),
		"a string":               malformed(`"abcd"`),
		"trailing data":          malformed(right + `{}`),
		"trailing comma":         malformed(strings.TrimSuffix(right, "}") + `,}`),
		"unknown member":         malformed(strings.TrimSuffix(right, "}") + comma(members) + `"member_id":"1"}`),
		"unknown empty":          malformed(strings.TrimSuffix(right, "}") + comma(members) + `"":""}`),
		"optional mark":          malformed(strings.TrimSuffix(right, "}") + comma(members) + `"language?":"ja"}`),
		"a byte that is no text": malformed(strings.TrimSuffix(right, "}") + "\xff}"),
		"byte order mark":        malformed("\ufeff" + right),
		"a comment":              malformed(right + `// no`),
		"as text":                typed("Content-Type", "text/plain"),
		"as a form":              typed("Content-Type", "application/x-www-form-urlencoded"),
		"as a multipart form":    typed("Content-Type", "multipart/form-data; boundary=x"),
		"as JSON of a kind":      typed("Content-Type", "application/merge-patch+json"),
		"without a type":         typed("Content-Type", ""),
		"two types":              typed("Content-Type", "application/json, text/plain"),
		"another charset":        typed("Content-Type", "application/json; charset=shift_jis"),
		"another parameter":      typed("Content-Type", "application/json; version=2"),
		"compressed":             typed("Content-Encoding", "gzip"),
		"over 8 KiB":             {Body: right + strings.Repeat(" ", maxBody), Status: 413, Code: "too_large"},
		"far over 8 KiB":         {Body: right + strings.Repeat(" ", 300<<10), Status: 413, Code: "too_large"},
		"from another site":      {Header: map[string]string{"Sec-Fetch-Site": "cross-site"}, Body: right, Status: 403, Code: "cross_site"},
		"from another origin":    {Header: map[string]string{"Origin": "https://evil.example"}, Body: right, Status: 403, Code: "cross_site"},
		"from a sandbox":         {Header: map[string]string{"Origin": "null"}, Body: right, Status: 403, Code: "cross_site"},
		"other site, bad body":   {Header: map[string]string{"Sec-Fetch-Site": "same-site"}, Body: "{", Status: 403, Code: "cross_site"},
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
	spoil("not UTF-8", name+":\"\xff\"")
	spoil("an overlong UTF-8", name+":\"\xc0\xaf\"")
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

		is("a disavowal by no token of ours", call("POST", "/api/disavowals", `{"token":"abcd"}`), 410, "disavowal_ended", ""),
		is("a disavowal by nothing", call("POST", "/api/disavowals", `{"token":""}`), 410, "disavowal_ended", ""),

		is("a wrong password", call("POST", "/api/session", `{"login_id":"abcd","password":"Wrong-pass9"}`), 401, "login_rejected", ""),
		is("an empty password", call("POST", "/api/session", `{"login_id":"abcd","password":""}`), 401, "login_rejected", ""),
		is("an unknown member", call("POST", "/api/session", `{"login_id":"nobody","password":"Wrong-pass9"}`), 401, "login_rejected", ""),
		is("no login ID to sign in", call("POST", "/api/session", `{"login_id":"@","password":"x"}`), 422, "input_rejected", `"field":"login_id"`),
		is("nobody signed in", call("GET", "/api/session", ""), 401, "session_missing", ""),
		is("nobody to sign out", call("DELETE", "/api/session", ""), 204, "", ""),
		is("nobody to sign out elsewhere", call("DELETE", "/api/sessions", ""), 401, "session_missing", ""),
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

// Promise 1, as far as this package goes: nothing in the answer but the two random values differs.
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

func TestSecurityContactIsTheOperators(t *testing.T) {
	missing := start(t)
	h := start(t, func(s *Server) { s.SecurityContact = "mailto:security@example.jp" })
	path := "/.well-known/security.txt"
	webtest.Run(t, missing.base, []webtest.Scenario{{Name: "none", Method: "GET", Path: path, Status: 404, Code: "not_found"}})
	webtest.Run(t, h.base, []webtest.Scenario{
		{Name: "set", Method: "GET", Path: path, Status: 200, Want: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, Holds: "Contact: mailto:security@example.jp\nExpires: " + now.AddDate(0, 0, 180).Format(time.DateOnly) + "T00:00:00Z\n"},
		{Name: "change-password", Method: "GET", Path: "/.well-known/change-password", Status: 303, Want: map[string]string{"Location": "/member#password"}},
		{Name: "no other", Method: "GET", Path: "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200", Header: map[string]string{"Accept": "text/html"}, Status: 404, Code: "not_found"},
	})
}
