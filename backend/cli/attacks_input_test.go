package cli

import (
	"net/http"
	"strings"
	"testing"
)

// wantRefused fails the test unless each of the bodies is answered with 400.
func wantRefused(t *testing.T, s *site, method, path string, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if got := s.browser().send(sent{method: method, path: path, body: body}); got.status != http.StatusBadRequest || got.json(t)["code"] != "malformed" {
			t.Errorf("%s %s %s: got %d %s, want 400 malformed", method, path, body, got.status, got.body)
		}
	}
}

// Pimcore, Statamic (CVE-2026-27593), Payload (CVE-2026-34751): the request could choose the target of the link in the letter.
func TestCVE_2026_55207_UnknownMembersOfTheBodyAreRefused(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		const ask = `{"login_id":"taro1234","mail_address":"taro@xxx.mm-m.ne.jp",`
		wantRefused(t, s, "POST", "/api/recoveries",
			ask+`"url":"https://evil.example"}`, ask+`"reset_url":"https://evil.example"}`, ask+`"redirect_uri":"x"}`, ask+`"template":"x"}`,
			ask+`"subject":"x"}`, ask+`"from":"x"}`, ask+`"to":"evil@example.jp"}`, ask+`"host":"evil.example"}`, ask+`"brand":{}}`,
			ask+`"phone":"09000000000"}`, ask+`"language":"../../evil"}`, ask+`"language":"{{.Secret}}"}`)
		s.wantUnchanged(taro, 0)
	})
}

// GitLab: for a list of addresses, the secret was mailed to all of them.
func TestCVE_2023_7028_AnAddressIsOneText(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		const ask = `{"login_id":"taro1234","mail_address":`
		wantRefused(t, s, "POST", "/api/recoveries",
			ask+`["taro@xxx.mm-m.ne.jp","evil@example.jp"]}`, ask+`["taro@xxx.mm-m.ne.jp"]}`, ask+`{"0":"taro@xxx.mm-m.ne.jp"}}`,
			ask+`null}`, ask+`0}`, ask+`true}`, ask+`"taro@xxx.mm-m.ne.jp","mail_address":"evil@example.jp"}`,
			ask+`"taro@xxx.mm-m.ne.jp","Mail_Address":"evil@example.jp"}`, ask+`"taro@xxx.mm-m.ne.jp","mail_address[]":"evil@example.jp"}`)
		form := "login_id=taro1234&mail_address=taro@xxx.mm-m.ne.jp&mail_address=evil@example.jp"
		for _, kind := range []string{"application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"} {
			if got := s.browser().send(sent{method: "POST", path: "/api/recoveries", body: form, contentType: kind}); got.status != http.StatusUnsupportedMediaType {
				t.Errorf("%s: got %d %s, want 415", kind, got.status, got.body)
			}
		}
		for _, two := range []string{"taro@xxx.mm-m.ne.jp,evil@example.jp", "taro@xxx.mm-m.ne.jp;evil@example.jp", "taro@xxx.mm-m.ne.jp evil@example.jp"} {
			s.browser().want(422, "POST", "/api/recoveries", "login_id", taro, "mail_address", two)
		}
		s.wantUnchanged(taro, 0)
	})
}

// LTB, Devise (CVE-2013-0233), Strapi (CVE-2019-18818): a secret that was not a string was accepted, or matched any secret.
func TestCVE_2018_12421_ASecretIsText(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		path := s.browser().ask(taro, taroAddress)
		s.letters(1)
		for _, value := range []string{"0", "{}", "true", `["x"]`, "null", `{"$ne":""}`, `{"$gt":""}`, "1e9", "-1", "[]"} {
			wantRefused(t, s, "POST", path+"/redemption", `{"temporary_password":`+value+`}`)
			wantRefused(t, s, "PUT", path+"/password", `{"new_password":`+value+`}`)
			wantRefused(t, s, "POST", "/api/session", `{"login_id":"taro1234","password":`+value+`}`, `{"login_id":`+value+`,"password":"Old-pass99"}`)
		}
		if got := s.browser().want(200, "GET", path).json(t)["guesses_left"]; got != 5.0 {
			t.Errorf("%v guesses are left, want 5: none of these was one", got)
		}
		s.wantUnchanged(taro, 1)
	})
}

// Devise, Clearance 0.16.3: an empty secret matched every account without a pending reset.
func TestCVE_2019_16109_AnEmptySecretOpensNothing(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		s.add(jiro, jiroAddress)
		s.command("members", "void", jiro)
		for who, address := range map[string]string{taro: taroAddress, jiro: "wrong@xxx.mm-m.ne.jp", "nobody99": taroAddress} {
			path := s.browser().ask(who, address)
			s.settled()
			for _, empty := range []string{"", " ", "\t", "　", "-\u200b"} {
				s.browser().want(422, "POST", path+"/redemption", "temporary_password", empty)
			}
			for _, grant := range []string{"", " ", "null", "x"} {
				b := s.browser()
				b.cookies["__Host-grant"] = grant
				b.want(401, "PUT", path+"/password", "new_password", newPassword)
			}
		}
		for _, session := range []string{"", " ", "null", strings.Repeat("A", 26)} {
			b := s.browser()
			b.cookies["__Host-session"] = session
			b.want(401, "GET", "/api/member")
		}
		for _, blank := range []string{"", " ", "null"} {
			s.browser().want(401, "POST", "/api/session", "login_id", jiro, "password", blank)
		}
		s.wantUnchanged(taro, 1)
	})
}

// Rocket.Chat: operators and wildcards in the look-up leaked secrets character by character.
func TestCVE_2021_22911_NoOperatorOrWildcardMatchesAnything(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		wild := []string{"%", "_", "taro%", "taro____", "*", ".*", "^t", "' OR '1'='1", `" OR 1=1 -- `, "taro1234' --", "taro1234\\", "?", "[a-z]*", "taro1234\x00"}
		for _, id := range wild {
			got := s.browser().call("POST", "/api/recoveries", "login_id", id, "mail_address", taroAddress)
			if got.status != http.StatusAccepted && got.status != http.StatusUnprocessableEntity {
				t.Errorf("login ID %q: got %d %s", id, got.status, got.body)
			}
			got = s.browser().call("POST", "/api/session", "login_id", id, "password", oldPassword)
			if got.status != http.StatusUnauthorized && got.status != http.StatusUnprocessableEntity {
				t.Errorf("sign-in as %q: got %d %s", id, got.status, got.body)
			}
		}
		for _, address := range wild {
			got := s.browser().call("POST", "/api/recoveries", "login_id", taro, "mail_address", address+"@xxx.mm-m.ne.jp")
			if got.status != http.StatusAccepted && got.status != http.StatusUnprocessableEntity {
				t.Errorf("address %q: got %d %s", address, got.status, got.body)
			}
		}
		s.wantUnchanged(taro, 0)
		path := s.browser().ask(taro, taroAddress)
		s.letters(1)
		for _, guess := range []string{"%", "_________", ".*", "' OR '1'='1"} {
			s.browser().want(422, "POST", path+"/redemption", "temporary_password", guess)
		}
		for _, id := range []string{"%25", "_", "%2e%2e", "*", strings.Repeat("_", 26)} {
			s.browser().want(404, "GET", "/api/recoveries/"+id)
		}
		s.wantUnchanged(taro, 1)
	}, "AIKAGI_RATE_LIMITS=off")
}

// Keycloak, and Mailpit (CVE-2026-23829): input became HTML, a header or a recipient.
func TestCVE_2022_1274_InputBecomesNeitherMarkupNorHeader(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		b.extra = http.Header{"Accept": {"text/html"}, "User-Agent": {"<script>alert(1)</script>"}, "Accept-Language": {"<b>"}}
		for _, typed := range []string{
			"<a href=//evil.example>", "taro\r\nBcc: evil@example.jp", "taro\nx", "taro\u2028x", "taro\u0085x", "ta\"ro", "taro\x00",
		} {
			for _, members := range [][]string{
				{"login_id", typed, "mail_address", taroAddress},
				{"login_id", taro, "mail_address", typed + "@xxx.mm-m.ne.jp"},
				{"login_id", taro, "mail_address", "taro@xxx.mm-m.ne.jp" + typed},
			} {
				got := b.call("POST", "/api/recoveries", members...)
				if strings.Contains(got.body, "evil") || strings.ContainsAny(got.body, "<>") || strings.Contains(got.header.Get("Content-Type"), "html") {
					t.Errorf("%q: answered with %s", members, got.body)
				}
			}
		}
		s.settled()
		if got := s.mails.Letters(); len(got) != 0 {
			t.Errorf("got %d letters, want none:\n%s", len(got), got[0].Raw)
		}
		b.ask(taro, taroAddress)
		if letter := s.letters(1)[0]; strings.Contains(letter.Raw+letter.HTML, "script") || strings.Contains(letter.Raw+letter.HTML, "evil") {
			t.Errorf("the letter holds what was sent:\n%s", letter.Raw)
		}
	}, "AIKAGI_RATE_LIMITS=off")
}

// Zitadel: a new user could mark their own address as verified (CVE-2026-54693 too).
func TestCVE_2026_27946_NoCallAcceptsStatusAddressOrVersion(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b, path, _ := s.redeemed(taro, taroAddress)
		b.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		before := s.member(taro)
		for _, more := range []string{
			`"status":"active"`, `"basic_mail_address":"evil@example.jp"`, `"verified":"true"`, `"role":"admin"`, `"password_version":"9"`,
			`"password_hash":"x"`, `"id":"1"`, `"PasswordHash":"x"`, `"__proto__":"x"`, `"guesses":"0"`, `"member_id":"1"`,
		} {
			for call, body := range map[string]string{
				"POST /api/recoveries":         `"login_id":"taro1234","mail_address":"taro@xxx.mm-m.ne.jp"`,
				"PUT " + path + "/password":    `"new_password":"New-pass77"`,
				"POST " + path + "/redemption": `"temporary_password":"x"`,
				"POST /api/session":            `"login_id":"taro1234","password":"Old-pass99"`,
				"POST /api/disavowals":         `"token":"x"`,
				"PUT /api/member/password":     `"current_password":"Old-pass99","new_password":"New-pass77"`,
			} {
				method, path, _ := strings.Cut(call, " ")
				if got := b.send(sent{method: method, path: path, body: "{" + body + "," + more + "}"}); got.status != http.StatusBadRequest {
					t.Errorf("%s with %s: got %d %s, want 400", call, more, got.status, got.body)
				}
			}
		}
		for _, method := range []string{"PUT", "POST", "PATCH", "DELETE"} {
			got := b.send(sent{method: method, path: "/api/member", body: `{"basic_mail_address":"evil@example.jp","status":"active"}`})
			if got.status != http.StatusMethodNotAllowed {
				t.Errorf("%s /api/member: got %d %s, want 405", method, got.status, got.body)
			}
		}
		if after := s.member(taro); after != before {
			t.Errorf("the member became %+v, want %+v", after, before)
		}
	}, "AIKAGI_RATE_LIMITS=off")
}
