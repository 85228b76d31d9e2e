package web

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
)

// headOf returns a request head of this many bytes: the request line and the headers.
func headOf(size int, start string) string {
	head := start + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: a="
	const end = "\r\n\r\n"
	return head + strings.Repeat("c", size-len(head)-len(end)) + end
}

func TestAHeadOfSixteenKiBIsAccepted(t *testing.T) {
	h := start(t)
	for _, size := range []int{8 << 10, 12_000, 16 << 10} {
		if answer := raw(t, h.base, headOf(size, "GET /recover")); !strings.HasPrefix(answer, "HTTP/1.1 200") {
			t.Errorf("%d bytes: got %.60q, want 200", size, answer)
		}
	}
}

func TestABrowserWithCookiesThatAreTooLargeGetsAPage(t *testing.T) {
	h := start(t, func(s *Server) {
		s.Site.Brand = Brand{Name: Both{JA: "あいかぎ", EN: "Aikagi"}, Copyright: "© Aikagi"}
		s.Site.HelpDesk = HelpDesk{Name: Both{JA: "窓口", EN: "Desk"}, Phone: "0120-000-000"}
	})
	for _, line := range []string{
		"GET /", "GET /recover", "GET /recover/done?x=1", "POST /", "GET /assets/x.js", "GET /apiary", "GET /?next=/api/site",
		"GET http://x/member", "GET /" + strings.Repeat("x", 300),
	} {
		answer := raw(t, h.base, headOf(maxHeader+1, line))
		response, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
		if err != nil {
			t.Fatalf("%s: %v: %.100q", line, err, answer)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		policy := response.Header.Get("Content-Security-Policy")
		if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge || response.Header.Get("Content-Type") != htmlType ||
			!strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%.40s: got %d %s, policy %s; want 431 and a page", line, response.StatusCode, response.Header.Get("Content-Type"), policy)
		}
		for _, want := range []string{"あいかぎ", "© Aikagi", `<a href="tel:0120000000">0120-000-000</a>`, "Cookie", `lang="en"`} {
			if !strings.Contains(string(body), want) {
				t.Errorf("%.40s: the page lacks %s", line, want)
			}
		}
	}
}

func TestAnAPICallWithAHeadThatIsTooLargeGetsAProblem(t *testing.T) {
	h := start(t)
	for _, line := range []string{"GET /api/site", "POST /api/session", "DELETE /api", "PUT /api?x", "GET https://x/api/member", "\r\n\r\nGET /api/site"} {
		answer := raw(t, h.base, headOf(maxHeader+1, line))
		if !strings.HasPrefix(answer, "HTTP/1.1 431") || !strings.Contains(answer, `"code":"headers_too_large"`) {
			t.Errorf("%s: got %.300q, want 431 and a problem", line, answer)
		}
	}
}

func TestTheAnswerToAHEADRequestWithAHeadThatIsTooLargeHasNoBody(t *testing.T) {
	h := start(t)
	for _, line := range []string{"HEAD /member", "HEAD /api/site", "\r\nHEAD /member", "\n\r\nHEAD /api/site", "HEAD http://x", "HEAD *"} {
		answer := raw(t, h.base, headOf(maxHeader+1, line))
		_, body, _ := strings.Cut(answer, "\r\n\r\n")
		if !strings.HasPrefix(answer, "HTTP/1.1 431") || body != "" {
			t.Errorf("%s: got %.40q with the body %.40q, want 431 without a body", line, answer, body)
		}
	}
}
