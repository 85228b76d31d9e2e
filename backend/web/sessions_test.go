package web

import (
	"strings"
	"testing"

	"aikagi/backend/member"
)

func TestASessionLastsFromSignInToSignOut(t *testing.T) {
	h := start(t)
	signIn := scenario{Method: "POST", Path: "/api/session", Body: `{"login_id":"ABCD@wakwak.com","password":"` + memberPass + `"}`}
	answer := send(t, h.base, signIn)
	token := cookieValue(t, answer, "__Host-session")
	if answer.Status != 200 || answer.Body != `{"login_id":"abcd"}` {
		t.Fatalf("got %d %s, want 200 with the login ID", answer.Status, answer.Body)
	}
	with := func(token string) map[string]string { return map[string]string{"Cookie": "__Host-session=" + token} }
	signIn.Header = with(token)
	second := cookieValue(t, send(t, h.base, signIn), "__Host-session")
	run(t, h.base, []scenario{
		{Name: "the previous session is closed", Method: "GET", Path: "/api/session", Header: with(token), Status: 401, Code: "session_missing"},
		{Name: "signed in", Method: "GET", Path: "/api/session", Header: with(second), Status: 200, Holds: `{"login_id":"abcd"}`},
		{
			Name: "the member", Method: "GET", Path: "/api/member", Header: with(second), Status: 200,
			Holds: `{"login_id":"abcd","basic_mail_address":"abcd@xxx.mm-m.ne.jp","password_changed_at":null,"sessions":[{"device":"unknown","signed_in_at":"2026-04-01T09:30:00Z","last_seen_at":"2026-04-01T09:30:00Z","current":true}],"activities":[{"at":"2026-04-01T09:30:00Z","kind":"signed_in","device":"iphone"}]}`,
		},
		{Name: "a wrong current password", Method: "PUT", Path: "/api/member/password", Header: with(second), Body: `{"current_password":"x","new_password":"Other-pass9"}`, Status: 403, Code: "current_password_wrong"},
		{Name: "a bad new password", Method: "PUT", Path: "/api/member/password", Header: with(second), Body: `{"current_password":"` + memberPass + `","new_password":"あ"}`, Status: 422, Code: "password_rejected", Holds: `{"code":"character_not_allowed","character":"あ","position":1}`},
		{Name: "a cookie of another name", Method: "GET", Path: "/api/session", Header: map[string]string{"Cookie": "session=" + second}, Status: 401, Code: "session_missing"},
		{Name: "signed out", Method: "DELETE", Path: "/api/session", Header: with(second), Status: 204, Want: map[string]string{"Set-Cookie": "__Host-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure"}},
		{Name: "gone", Method: "GET", Path: "/api/session", Header: with(second), Status: 401, Code: "session_missing"},
	})
}

func cookieValue(t *testing.T, got response, name string) string {
	t.Helper()
	cookie, found := strings.CutPrefix(got.Header.Get("Set-Cookie"), name+"=")
	value, rest, _ := strings.Cut(cookie, ";")
	if !found || value == "" || rest != " Path=/; HttpOnly; SameSite=Strict; Secure" {
		t.Fatalf("got cookie %q, want %s", got.Header.Get("Set-Cookie"), name)
	}
	return value
}

func TestTheSessionThatChangesThePasswordStaysOpen(t *testing.T) {
	h := start(t)
	token, err := h.Sessions.Open(t.Context(), 7, "abcd", 3, "")
	if err != nil {
		t.Fatal(err)
	}
	run(t, h.base, []scenario{{
		Name: "changed", Method: "PUT", Path: "/api/member/password",
		Header: map[string]string{"Cookie": "__Host-session=" + token.Reveal()},
		Body:   `{"current_password":"` + memberPass + `","new_password":"Korogaru/42ishi"}`, Status: 204,
	}})
	found, err := h.Sessions.Find(t.Context(), token)
	if err != nil || found.PasswordVersion != 4 {
		t.Errorf("got version %d, %v, want 4", found.PasswordVersion, err)
	}
}

func TestSigningOutElsewhereEndsAllOtherSessions(t *testing.T) {
	h := start(t)
	open := func(device member.Device) string {
		token, err := h.Sessions.Open(t.Context(), 7, "abcd", 3, device)
		if err != nil {
			t.Fatal(err)
		}
		return token.Reveal()
	}
	call := func(name, method, path, token string, status int, code, holds string) scenario {
		return scenario{
			Name: name, Method: method, Path: path, Header: map[string]string{"Cookie": "__Host-session=" + token},
			Status: status, Code: code, Holds: holds,
		}
	}
	here, elsewhere := open(member.Windows), open(member.IPhone)
	crossSite := call("from another site", "DELETE", "/api/sessions", here, 403, "cross_site", "")
	crossSite.Header["Sec-Fetch-Site"] = "cross-site"
	const seen = `"signed_in_at":"2026-04-01T09:30:00Z","last_seen_at":"2026-04-01T09:30:00Z"`
	run(t, h.base, []scenario{
		call("the other is listed", "GET", "/api/member", here, 200, "", `{"device":"iphone",`+seen+`,"current":false}`),
		crossSite,
		call("nothing changed", "GET", "/api/session", elsewhere, 200, "", ""),
		call("elsewhere", "DELETE", "/api/sessions", here, 204, "", ""),
		call("ended", "GET", "/api/session", elsewhere, 401, "session_missing", ""),
		call("an ended one ends no other", "DELETE", "/api/sessions", elsewhere, 401, "session_missing", ""),
		call("stays", "GET", "/api/member", here, 200, "", `"sessions":[{"device":"windows",`+seen+`,"current":true}]`),
	})
}
