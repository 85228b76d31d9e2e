package web

import (
	"slices"
	"strings"
	"testing"
)

// CVE-2026-53624: helmet never sent HSTS behind a proxy, because it looked at the connection.
func TestHSTSIsSentIfThePublicURLIsHTTPS(t *testing.T) {
	everywhere := []string{"/", "/api/site", "/api/nothing", "/nothing", "/assets/app-Ab_3.js", "/livez", "/.well-known/change-password"}
	for _, c := range []struct {
		publicURL string
		seconds   int
		want      string
	}{
		{publicURL, 63072000, "max-age=63072000; includeSubDomains"},
		{publicURL, 300, "max-age=300; includeSubDomains"},
		{publicURL, 0, ""},
		{"http://localhost:8080", 63072000, ""},
	} {
		h := start(t, func(s *Server) { s.PublicURL, s.HSTS = c.publicURL, c.seconds })
		for _, path := range everywhere {
			run(t, h.base, []scenario{{
				Name: c.publicURL + path, Method: "GET", Path: path, Status: statusOf(t, h, path), Code: codeOf(t, h, path),
				Want: map[string]string{"Strict-Transport-Security": c.want},
			}})
		}
	}
}

func statusOf(t *testing.T, h *fixture, path string) int {
	t.Helper()
	return send(t, h.base, scenario{Method: "GET", Path: path}).Status
}

func codeOf(t *testing.T, h *fixture, path string) string {
	t.Helper()
	code, _ := send(t, h.base, scenario{Method: "GET", Path: path}).problem()["code"].(string)
	return code
}

func TestPagesAndOtherAnswersHaveTheirContentSecurityPolicy(t *testing.T) {
	h := start(t)
	for path, want := range map[string]string{
		"/":                   pageCSP,
		"/recover":            pageCSP,
		"/api/site":           noPageCSP,
		"/api/nothing":        noPageCSP,
		"/assets/app-Ab_3.js": noPageCSP,
		"/livez":              noPageCSP,
	} {
		got := send(t, h.base, scenario{Method: "GET", Path: path})
		if policy := got.Header.Get("Content-Security-Policy"); policy != want {
			t.Errorf("%s: got %q, want %q", path, policy, want)
		}
		if len(got.Header.Values("Content-Security-Policy")) != 1 {
			t.Errorf("%s: got %d policies, want 1", path, len(got.Header.Values("Content-Security-Policy")))
		}
	}
}

func TestAPageMayUseTheClipboardAndNoCamera(t *testing.T) {
	h := start(t)
	for _, path := range []string{"/", "/recover"} {
		policy := send(t, h.base, scenario{Method: "GET", Path: path}).Header.Get("Permissions-Policy")
		features := strings.Split(policy, ", ")
		for _, want := range []string{"clipboard-read=(self)", "clipboard-write=(self)", "camera=()", "xr-spatial-tracking=()"} {
			if !slices.Contains(features, want) {
				t.Errorf("%s: got %q, want %s in it", path, policy, want)
			}
		}
	}
}

func TestThePagePreloadsItsFirstCall(t *testing.T) {
	h := start(t)
	for path, call := range map[string]string{
		"/":                                   "",
		"/recover":                            "",
		"/recover/done":                       "",
		"/recover/" + waitingID:               "/api/recoveries/" + waitingID,
		"/recover/" + waitingID + "/password": "/api/recoveries/" + waitingID,
		"/member":                             "/api/member",
	} {
		want := ""
		if call != "" {
			want = "<" + call + ">; rel=preload; as=fetch; crossorigin"
		}
		if got := send(t, h.base, scenario{Method: "GET", Path: path}).Header.Get("Link"); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestNoPolicyAllowsInlineScripts(t *testing.T) {
	for _, policy := range []string{pageCSP, noPageCSP, mailboxCSP, letterCSP} {
		for _, part := range []string{"default-src 'none'", "object-src 'none'", "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%q has no %s", policy, part)
			}
		}
		if strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "http:") || strings.Contains(policy, "*") ||
			strings.Contains(policy, "script-src 'unsafe-inline'") {
			t.Errorf("%q allows scripts of other sites", policy)
		}
		if policy != letterCSP && strings.Contains(policy, "unsafe-inline") {
			t.Errorf("%q allows inline styles, which only the HTML of a letter may have", policy)
		}
	}
}

func TestNoAnswerOfTheAPIIsCached(t *testing.T) {
	h := start(t)
	for _, path := range []string{"/api/site", "/api/session", "/api/nothing", recoveryPath(waitingID, ""), "/nothing"} {
		got := send(t, h.base, scenario{Method: "GET", Path: path, Header: map[string]string{"Accept": "text/html"}})
		if caching := got.Header.Get("Cache-Control"); caching != "no-store" {
			t.Errorf("%s: got %q, want no-store", path, caching)
		}
		if got.Header.Get("ETag") != "" {
			t.Errorf("%s: got an ETag for an answer that is not cached", path)
		}
	}
}
