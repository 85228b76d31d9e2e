package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestEveryCallHasItsStatusesAndCodes(t *testing.T) {
	h := start(t)
	request := func(body string) scenario {
		return scenario{Method: "POST", Path: "/api/recoveries", Body: body}
	}
	want := func(name string, s scenario, status int, code, holds string) scenario {
		s.Name, s.Status, s.Code, s.Holds = name, status, code, holds
		return s
	}
	call := func(method, path, body string) scenario {
		return scenario{Method: method, Path: path, Body: body}
	}
	run(t, h.base, []scenario{
		want("requested", request(`{"login_id":"abcd","mail_address":"abcd@xxx.mm-m.ne.jp"}`), 202, "", `"receipt"`),
		want("requested in English", request(`{"login_id":"abcd","mail_address":"a@b","language":"en"}`), 202, "", `"receipt"`),
		want("requested in full-width letters", request(`{"login_id":"ＡＢＣＤ＠wakwak.com","mail_address":" ａ＠ｂ　"}`), 202, "", `"receipt"`),
		want("requested with escapes", request(`{"login\u005fid":"\u0061bcd","mail_address":"a@b"}`), 202, "", `"receipt"`),
		want("unknown language", request(`{"login_id":"abcd","mail_address":"a@b","language":"fr"}`), 400, "malformed", ""),
		want("empty language", request(`{"login_id":"abcd","mail_address":"a@b","language":""}`), 400, "malformed", ""),
		want("no login ID", request(`{"login_id":"","mail_address":"a@b"}`), 422, "input_rejected", `"field":"login_id"`),
		want("an invalid login ID", request(`{"login_id":"a b","mail_address":"a@b"}`), 422, "input_rejected", `"field":"login_id"`),
		want("no mail address", request(`{"login_id":"abcd","mail_address":""}`), 422, "input_rejected", `"field":"mail_address"`),
		want("a mail address without @", request(`{"login_id":"abcd","mail_address":"abcd"}`), 422, "input_rejected", `"field":"mail_address"`),
		want("two mail addresses", request(`{"login_id":"abcd","mail_address":"a@b,c@d"}`), 422, "input_rejected", `"field":"mail_address"`),
		want("a line break in a mail address", request(`{"login_id":"abcd","mail_address":"a@b\r\nBcc: c@d"}`), 422, "input_rejected", `"field":"mail_address"`),

		want("a waiting recovery", call("GET", recoveryPath(waitingID, ""), ""), 200, "", `"state":"waiting","guesses_left":4`),
		want("an ended recovery", call("GET", recoveryPath(endedID, ""), ""), 200, "", `"state":"ended","guesses_left":0`),
		want("an unknown recovery", call("GET", recoveryPath(unknownID, ""), ""), 404, "not_found", ""),
		want("an invalid recovery id", call("GET", recoveryPath("abcd", ""), ""), 404, "not_found", ""),
		want("a slash after the recovery id", call("GET", recoveryPath(waitingID, "/"), ""), 404, "not_found", ""),

		want("requested again", call("POST", recoveryPath(waitingID, "/letter"), "{}"), 202, "", "{}"),
		want("requested again for an unknown recovery", call("POST", recoveryPath(unknownID, "/letter"), "{}"), 404, "not_found", ""),

		want("a wrong guess", call("POST", recoveryPath(waitingID, "/redemption"), `{"temporary_password":"wrong"}`), 422, "temporary_password_wrong", `"guesses_left":4`),
		want("an empty guess", call("POST", recoveryPath(waitingID, "/redemption"), `{"temporary_password":""}`), 422, "temporary_password_wrong", `"guesses_left":4`),
		want("a long guess", call("POST", recoveryPath(waitingID, "/redemption"), `{"temporary_password":"`+strings.Repeat("A", 7000)+`"}`), 422, "temporary_password_wrong", ""),
		want("a guess when none is left", call("POST", recoveryPath(endedID, "/redemption"), `{"temporary_password":"x"}`), 410, "recovery_ended", `"reason":"guesses"`),
		want("a guess for an unknown recovery", call("POST", recoveryPath(unknownID, "/redemption"), `{"temporary_password":"x"}`), 404, "not_found", ""),

		want("no grant", call("PUT", recoveryPath(waitingID, "/password"), `{"new_password":"New-pass9x"}`), 401, "grant_missing", ""),
		want("no grant, and an invalid recovery id", call("PUT", recoveryPath("abcd", "/password"), `{"new_password":"New-pass9x"}`), 401, "grant_missing", ""),

		want("a forged disavowal token", call("POST", "/api/disavowals", `{"token":"abcd"}`), 410, "disavowal_ended", ""),
		want("an empty disavowal token", call("POST", "/api/disavowals", `{"token":""}`), 410, "disavowal_ended", ""),

		want("a wrong password", call("POST", "/api/session", `{"login_id":"abcd","password":"Wrong-pass9"}`), 401, "login_rejected", ""),
		want("an empty password", call("POST", "/api/session", `{"login_id":"abcd","password":""}`), 401, "login_rejected", ""),
		want("an unknown member", call("POST", "/api/session", `{"login_id":"nobody","password":"Wrong-pass9"}`), 401, "login_rejected", ""),
		want("a sign-in without a login ID", call("POST", "/api/session", `{"login_id":"@","password":"x"}`), 422, "input_rejected", `"field":"login_id"`),
		want("no session", call("GET", "/api/session", ""), 401, "session_missing", ""),
		want("sign-out without a session", call("DELETE", "/api/session", ""), 204, "", ""),
		want("sign-out of others without a session", call("DELETE", "/api/sessions", ""), 401, "session_missing", ""),
		want("the member page without a session", call("GET", "/api/member", ""), 401, "session_missing", ""),
		want("a new password without a session", call("PUT", "/api/member/password", `{"current_password":"x","new_password":"y"}`), 401, "session_missing", ""),

		want("the site", call("GET", "/api/site", ""), 200, "", `"login_suffix":"@wakwak.com"`),
		want("the OpenAPI document", call("GET", "/api/openapi.yaml", ""), 200, "", "openapi: 3.1"),
		want("liveness", call("GET", "/livez", ""), 200, "", "ok"),
		want("readiness", call("GET", "/readyz", ""), 200, "", "ok"),

		want("an unknown path of the API", call("GET", "/api/nothing", ""), 404, "not_found", ""),
		want("the root of the API", call("GET", "/api", ""), 404, "not_found", ""),
		want("an upper-case path", call("GET", "/API/site", ""), 404, "not_found", ""),
		want("no metrics for the public", call("GET", "/metrics", ""), 404, "not_found", ""),
		want("no demo mailbox", call("GET", "/demo/mailbox", ""), 404, "not_found", ""),
		want("no demo style", call("GET", "/demo/mailbox.css", ""), 404, "not_found", ""),
		want("no demo letters", call("GET", "/demo/letters", ""), 404, "not_found", ""),
		want("no demo letter", call("GET", "/demo/letters/0123456789abcdef.html", ""), 404, "not_found", ""),
	})
}

func TestAWrongMethodGetsTheAllowedMethods(t *testing.T) {
	h := start(t)
	allowed := map[string][]string{}
	for _, r := range h.apiRoutes() {
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
			got := send(t, h.base, scenario{Method: method, Path: strings.ReplaceAll(path, ":id", waitingID)})
			if got.Status != 405 {
				t.Errorf("%s %s: got %d, want 405", method, path, got.Status)
			}
			for _, each := range methods {
				if !slices.Contains(strings.Split(got.Header.Get("Allow"), ", "), each) {
					t.Errorf("%s %s: got Allow %q, want %s in it", method, path, got.Header.Get("Allow"), each)
				}
			}
		}
	}
}

// Otherwise the answer tells whether a member has the login ID and the address. Only the id and the receipt differ.
func TestTheAnswerToARequestForRecoveryIsTheSameForEveryMember(t *testing.T) {
	h := start(t)
	shape := func(body string) string {
		got := send(t, h.base, scenario{Method: "POST", Path: "/api/recoveries", Body: body})
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

func TestTheLanguageOfARecoveryComesFromTheBodyOrElseFromTheBrowser(t *testing.T) {
	h := start(t)
	for _, c := range []struct{ language, accept, want string }{
		{"", "", "ja"},
		{"", "en-US,en;q=0.9", "en"},
		{`,"language":"ja"`, "en", "ja"},
		{`,"language":"en"`, "ja", "en"},
	} {
		send(t, h.base, scenario{
			Method: "POST", Path: "/api/recoveries", Header: map[string]string{"Accept-Language": c.accept},
			Body: `{"login_id":"abcd","mail_address":"a@b"` + c.language + `}`,
		})
		got := h.store.added[len(h.store.added)-1]
		if string(got.Language) != c.want || got.Client != "127.0.0.1" {
			t.Errorf("%v: got %s from %s, want %s from 127.0.0.1", c, got.Language, got.Client, c.want)
		}
	}
}
