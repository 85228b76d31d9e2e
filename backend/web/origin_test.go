package web

import (
	"testing"
)

func TestARequestThatAnotherSiteCausesIsRefused(t *testing.T) {
	h := start(t)
	const own, cross = 401, 403
	for _, c := range []struct {
		site, origin string
		want         int
	}{
		{"", "", own}, // no browser
		{"same-origin", "", own},
		{"same-origin", "https://evil.example", own}, // Sec-Fetch-Site counts, because an extension can set Origin
		{"cross-site", "", cross},
		{"cross-site", publicURL, cross},
		{"same-site", "", cross},
		{"none", "", cross},
		{"SAME-ORIGIN", "", cross},
		{"", publicURL, own},
		{"", "null", cross},
		{"", "http://support.example.jp", cross},
		{"", publicURL + ":8443", cross},
		{"", publicURL + ".evil.example", cross},
		{"", publicURL + "/", cross},
		{"", "https://evil.example", cross},
	} {
		for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
			header := map[string]string{}
			if c.site != "" {
				header["Sec-Fetch-Site"] = c.site
			}
			if c.origin != "" {
				header["Origin"] = c.origin
			}
			got := send(t, h.base, scenario{Method: method, Path: "/api/member/password", Header: header, Body: `{"current_password":"x","new_password":"y"}`})
			if isCross := got.Status == cross; isCross != (c.want == cross) {
				t.Errorf("%s from site %q, origin %q: got %d", method, c.site, c.origin, got.Status)
			}
		}
		get := send(t, h.base, scenario{Method: "GET", Path: "/api/site", Header: map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}})
		if get.Status != 200 {
			t.Errorf("GET from another site: got %d, want 200", get.Status)
		}
	}
}

// DNS rebinding: another site makes its own name lead to 127.0.0.1.
func TestTheDemoRefusesHostsThatAreNotThisMachine(t *testing.T) {
	h := start(t, withDemo)
	operations := serveOn(t, h.Operations(), Guard(listenOnLoopback(t)))
	for host, want := range map[string]int{
		"localhost":                   200,
		"localhost:8080":              200,
		"localhost:5173":              200,
		"127.0.0.1":                   200,
		"127.0.0.1:8081":              200,
		"[::1]":                       200,
		"[::1]:8080":                  200,
		"evil.example":                421,
		"evil.example:8080":           421,
		"localhost.evil.example":      421,
		"127.0.0.1.evil.example:8080": 421,
		"127.0.0.2":                   421,
	} {
		for _, base := range []string{h.base, operations} {
			got := send(t, base, scenario{Method: "GET", Path: "/livez", Header: map[string]string{"Host": host}})
			if got.Status != want {
				t.Errorf("%s: got %d, want %d", host, got.Status, want)
			}
		}
	}
	if got := send(t, start(t).base, scenario{Method: "GET", Path: "/livez", Header: map[string]string{"Host": "10.0.0.1"}}); got.Status != 200 {
		t.Errorf("outside the demo: got %d, want 200", got.Status)
	}
}

func TestTheOriginOfTheDemoIsItsHost(t *testing.T) {
	h := start(t, withDemo)
	for _, c := range []struct {
		host, origin string
		want         int
	}{
		{"localhost:8080", "http://localhost:8080", 401},
		{"127.0.0.1:8080", "http://127.0.0.1:8080", 401},
		{"127.0.0.1:8080", "http://localhost:8080", 403},
		{"localhost:8080", "http://evil.example", 403},
		{"evil.example", "http://evil.example", 421},
	} {
		got := send(t, h.base, scenario{
			Method: "POST", Path: "/api/session", Header: map[string]string{"Host": c.host, "Origin": c.origin},
			Body: `{"login_id":"abcd","password":"x"}`,
		})
		if got.Status != c.want {
			t.Errorf("%s at %s: got %d, want %d", c.origin, c.host, got.Status, c.want)
		}
	}
}
