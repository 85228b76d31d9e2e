package cli

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"aikagi/backend/testkit/sink"
)

// unique matches the parts that differ between two letters of the same kind.
var unique = regexp.MustCompile(`[A-Z2-7]{26}|\b\d{8}\b|\b\d{8} \d\d:\d\d|\d{4}年\d{1,2}月\d{1,2}日[^\n]*|(?m)^(Date|Message-ID|To|X-[^:]*): .*$|boundary=\S+|^--\S+$|#[\w-]{20,}`)

// withoutUnique returns the headers, the text and the HTML of a letter, with the unique parts masked.
func withoutUnique(t *testing.T, letter sink.Letter) string {
	t.Helper()
	text := letter.Text + "\n" + letter.HTML
	if strings.Contains(text, "【仮パスワード】") {
		text = strings.ReplaceAll(text, temporaryPassword(t, letter), "SECRET")
	}
	head, _, _ := strings.Cut(strings.ReplaceAll(letter.Raw, "\r\n", "\n"), "\n\n")
	return unique.ReplaceAllString(head+"\n\n"+text, "OWN")
}

// Zitadel, twice (CVE-2025-64101), and LimeSurvey, phpBB, Dotclear, Indico: links were built from the headers of the request.
func TestCVE_2023_49097_NoHeaderOfTheRequestMovesALink(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		s.add(jiro, jiroAddress)
		walk := func(id, address string, header http.Header, host string) (mailed, notice sink.Letter) {
			t.Helper()
			before := len(s.mails.Letters())
			b := s.browser()
			call := func(method, path, body string, want int) answer {
				t.Helper()
				got := b.send(sent{method: method, path: path, body: body, header: header, host: host})
				if got.status != want {
					t.Fatalf("%s %s: got %d %s, want %d", method, path, got.status, got.body, want)
				}
				return got
			}
			asked := call("POST", "/api/recoveries", `{"login_id":"`+id+`","mail_address":"`+address+`"}`, 202)
			path := "/api/recoveries/" + asked.json(t)["id"].(string)
			mailed = s.letters(before + 1)[0]
			got := call("POST", path+"/redemption", `{"temporary_password":"`+temporaryPassword(t, mailed)+`"}`, 200)
			for _, cookie := range (&http.Response{Header: got.header}).Cookies() {
				b.cookies[cookie.Name] = cookie.Value
			}
			call("PUT", path+"/password", `{"new_password":"New-pass77"}`, 204)
			return mailed, s.letters(before + 2)[0]
		}
		plain, plainNotice := walk(taro, taroAddress, nil, "")
		hostile, hostileNotice := walk(jiro, jiroAddress, http.Header{
			"X-Forwarded-Host": {"evil.example"}, "Forwarded": {"host=evil.example;proto=http"}, "X-Original-Host": {"evil.example"},
			"X-Host": {"evil.example"}, "X-Forwarded-Server": {"evil.example"}, "X-Forwarded-Proto": {"http"}, "X-Forwarded-Prefix": {"/evil"},
			"Origin": {"https://support.example.jp"}, "Referer": {"https://evil.example/"},
		}, "evil.example")
		for name, pair := range map[string][2]sink.Letter{"letter": {plain, hostile}, "notice": {plainNotice, hostileNotice}} {
			if got, want := withoutUnique(t, pair[1]), withoutUnique(t, pair[0]); got != want {
				t.Errorf("the %s is\n%s\nand without hostile headers\n%s", name, got, want)
			}
			if all := pair[1].Raw + pair[1].Text + pair[1].HTML; strings.Contains(all, "evil") {
				t.Errorf("the %s names the attacker's host", name)
			}
			if !strings.Contains(pair[1].Text, "https://support.example.jp/") {
				t.Errorf("the %s has no link to the site", name)
			}
		}
	})
}

// ToolJet: the secret was in a URL, and the Referer header sent it to other sites.
func TestCVE_2022_23067_NoSecretIsInAnAddress(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		path := b.ask(taro, taroAddress)
		letter := s.letters(1)[0]
		secret := temporaryPassword(t, letter)
		links := regexp.MustCompile(`https?://[^\s"'<>)]+`).FindAllString(letter.Text+" "+letter.HTML, -1)
		if len(links) == 0 {
			t.Fatal("the letter has no link")
		}
		for _, link := range links {
			if strings.Contains(strings.ToLower(link), strings.ToLower(secret)) || strings.Contains(link, taro) || strings.Contains(link, "@") || strings.Contains(strings.TrimSuffix(link, "?lang=ja"), "?") {
				t.Errorf("a link says too much: %s", link)
			}
		}
		answers := []answer{
			b.call("GET", path), b.call("POST", path+"/redemption", "temporary_password", "wrong"),
			b.call("POST", path+"/redemption", "temporary_password", secret), b.call("GET", path), b.call("GET", "/api/site"),
			b.call("PUT", path+"/password", "new_password", newPassword),
			b.call("POST", "/api/session", "login_id", taro, "password", newPassword), b.call("GET", "/api/member"),
			b.call("GET", path+"?temporary_password="+secret), b.call("GET", "/nowhere"), b.call("GET", "/"),
		}
		for i, got := range answers {
			if got.header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(got.header.Get("Cache-Control"), "no-store") && i < len(answers)-1 || got.header.Get("Location") != "" {
				t.Errorf("answer %d (%d): got Referrer-Policy %q, Cache-Control %q, Location %q", i, got.status,
					got.header.Get("Referrer-Policy"), got.header.Get("Cache-Control"), got.header.Get("Location"))
			}
			if strings.Contains(strings.ToLower(got.body), strings.ToLower(secret)) {
				t.Errorf("answer %d holds the temporary password: %s", i, got.body)
			}
		}
	})
}

// Fiber: helmet never sent HSTS; AutoFormat returned the input as HTML (CVE-2026-42554).
func TestCVE_2026_53624_EveryAnswerHasItsHeadersAndReflectsNothing(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		const evil = "<svg/onload=alert(1)>"
		b := s.browser()
		hostile := http.Header{"Accept": {"text/html"}, "X-Evil": {evil}, "Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"same-origin"}}
		for _, request := range []sent{
			{method: "GET", path: "/"},
			{method: "GET", path: "/api/site?q=" + "%3Csvg/onload=alert(1)%3E"},
			{method: "GET", path: "/nowhere/%3Csvg%2Fonload=alert(1)%3E"},
			{method: "POST", path: "/api/recoveries", body: `{"login_id":"` + evil + `","mail_address":"` + evil + `"}`},
			{method: "POST", path: "/api/session", body: `{"login_id":"` + evil + `","password":"` + evil + `"}`},
			{method: "POST", path: "/api/recoveries", body: evil},
			{method: "TRACE", path: "/api/site"},
			{method: "OPTIONS", path: "/api/session"},
			{method: "GET", path: "/api/recoveries/" + strings.Repeat("A", 26)},
			{method: "GET", path: "/metrics"},
			{method: "GET", path: "/.git/config"},
		} {
			request.header = hostile
			got := b.send(request)
			for name, want := range map[string]string{
				"Strict-Transport-Security": "max-age=63072000; includeSubDomains", "X-Content-Type-Options": "nosniff",
				"Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin", "Access-Control-Allow-Origin": "", "X-Powered-By": "", "Server": "",
			} {
				if got.header.Get(name) != want {
					t.Errorf("%s %s: got %s %q, want %q", request.method, request.path, name, got.header.Get(name), want)
				}
			}
			if csp := got.header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s %s: got the policy %q", request.method, request.path, csp)
			}
			if strings.Contains(got.body, "onload") {
				t.Errorf("%s %s: what was sent came back: %s", request.method, request.path, got.body)
			}
		}
	})
}

// Keycloak: after the sign-in, the session that an attacker had planted was signed in too.
func TestCVE_2026_7507_APlantedCookieIsReplaced(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		const planted = "PLANTEDPLANTEDPLANTEDPLANT"
		b, attacker := s.browser(), s.browser()
		attacker.cookies["__Host-session"], attacker.cookies["__Host-grant"] = planted, planted
		b.cookies["__Host-session"], b.cookies["__Host-grant"] = planted, planted
		path := b.ask(taro, taroAddress)
		b.want(200, "POST", path+"/redemption", "temporary_password", temporaryPassword(t, s.letters(1)[0]))
		if b.cookies["__Host-grant"] == planted {
			t.Error("redeeming took the planted grant over")
		}
		attacker.want(401, "PUT", path+"/password", "new_password", newPassword)
		if got := attacker.want(200, "GET", path).json(t)["state"]; got != "waiting" {
			t.Errorf("the planted grant reads the state %v, want waiting", got)
		}
		b.want(204, "PUT", path+"/password", "new_password", newPassword)
		b.want(200, "POST", "/api/session", "login_id", taro, "password", newPassword)
		if b.cookies["__Host-session"] == planted {
			t.Error("signing in took the planted session over")
		}
		attacker.want(401, "GET", "/api/member")
		attacker.cookies["__Host-session"] = b.cookies["__Host-session"] // now the attacker knows the real session
		attacker.want(200, "GET", "/api/member")
		b.want(200, "POST", "/api/session", "login_id", taro, "password", newPassword)
		attacker.want(401, "GET", "/api/member")
	})
}

// Pocket ID: a weak sign-in allowed actions that need a strong one.
func TestGHSA_hp74_gm6m_2qm5_AGrantSetsThePasswordAndNothingElse(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b, path, _ := s.redeemed(taro, taroAddress)
		grant := b.cookies["__Host-grant"]
		for _, as := range []string{"__Host-grant", "__Host-session"} {
			b.cookies[as] = grant
			b.want(401, "GET", "/api/session")
			b.want(401, "GET", "/api/member")
			b.want(401, "PUT", "/api/member/password", "current_password", oldPassword, "new_password", newPassword)
			b.want(401, "DELETE", "/api/sessions")
			b.want(410, "POST", "/api/disavowals", "token", grant)
		}
		s.wantUnchanged(taro, 1)
		delete(b.cookies, "__Host-session")
		b.want(204, "PUT", path+"/password", "new_password", newPassword)
		b.want(401, "GET", "/api/member")
		b.want(401, "PUT", path+"/password", "new_password", "Third-pass5")
	})
}
