package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw sends these bytes, then closes the sending side. It returns all bytes that the server sends until it closes.
func raw(t *testing.T, base, request string) string {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(t.Context(), "tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func TestARequestThatCannotBeReadGetsAProblemWithAllHeaders(t *testing.T) {
	h := start(t)
	for name, c := range map[string]struct{ request, status, code string }{
		"not HTTP":           {"hello\r\n\r\n", "400", "malformed"},
		"a broken header":    {"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", "400", "malformed"},
		"headers too long":   {"GET /api/site HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", maxHeader) + "\r\n\r\n", "431", "headers_too_large"},
		"a long address":     {"GET /api/" + strings.Repeat("x", maxHeader) + " HTTP/1.1\r\nHost: x\r\n\r\n", "431", "headers_too_large"},
		"a long body":        {"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + strings.Repeat("x", 9000), "413", "too_large"},
		"a long chunked one": {"POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2400\r\n" + strings.Repeat("x", 0x2400) + "\r\n0\r\n\r\n", "413", "too_large"},
		"an unknown method":  {"BREW /api/site HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405", "method_not_allowed"},
		"for the server":     {"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404", "not_found"},
		"a tunnel":           {"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404", "not_found"},
		"BREW of a page":     {"BREW /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404", "not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := raw(t, h.base, c.request)
			response, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
			if err != nil {
				t.Fatalf("%v: %q", err, answer)
			}
			defer func() { _ = response.Body.Close() }()
			body, _ := io.ReadAll(response.Body)
			if got, want := response.Status[:3], c.status; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if !strings.Contains(string(body), `"code":"`+c.code+`"`) {
				t.Errorf("got %s, want code %s", body, c.code)
			}
			for _, each := range append(h.securityHeaders(), h.strictTransport()...) {
				if got := response.Header.Get(each.name); got != each.value {
					t.Errorf("got %s: %q, want %q", each.name, got, each.value)
				}
			}
		})
	}
}

// Whatever follows the head would be taken for the next answer (RFC 9110, 9.3.2).
func TestTheAnswerToAHEADRequestWhoseBodyIsTooLargeHasNoBody(t *testing.T) {
	h := start(t)
	for _, path := range []string{"/member", "/api/site"} {
		for name, rest := range map[string]string{
			"with a length":    "Content-Length: 100000\r\n\r\n" + strings.Repeat("x", 100_000),
			"in chunks":        "Transfer-Encoding: chunked\r\n\r\n186a0\r\n" + strings.Repeat("x", 100_000) + "\r\n0\r\n\r\n",
			"in broken chunks": "Transfer-Encoding: chunked\r\n\r\n5\r\n" + strings.Repeat("x", 100_000),
		} {
			answer := raw(t, h.base, "HEAD "+path+" HTTP/1.1\r\nHost: x\r\n"+rest)
			_, body, _ := strings.Cut(answer, "\r\n\r\n")
			if !strings.HasPrefix(answer, "HTTP/1.1 413") || body != "" {
				t.Errorf("%s %s: got %.40q with the body %.40q, want 413 without a body", path, name, answer, body)
			}
		}
	}
	// The method of an earlier request on the connection does not count.
	answer := raw(t, h.base, "HEAD /api/site HTTP/1.1\r\nHost: x\r\n\r\n"+headOf(maxHeader+1, "GET /api/site"))
	if !strings.Contains(answer, "HTTP/1.1 431") || !strings.Contains(answer, `"code":"headers_too_large"`) {
		t.Errorf("a GET after a HEAD: got %q, want 431 with a body", answer)
	}
}

// A proxy and the server must see the same requests. An ambiguous request is refused, and the bytes after it are never
// answered as another request (ASVS 4.2.1).
func TestNoRequestIsSmuggledInAnother(t *testing.T) {
	h := start(t)
	hidden := "GET /api/openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, request := range map[string]string{
		"length and chunks":     "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"two lengths":           "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 46\r\n\r\n" + hidden,
		"a signed length":       "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n" + hidden,
		"an unknown coding":     "POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
		"a body on GET":         "GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 46\r\n\r\n" + hidden,
		"a refused body":        "PUT /api/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 46\r\n\r\n" + hidden,
		"a body from elsewhere": "PUT /api/site HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 46\r\n\r\n" + hidden,
	} {
		t.Run(name, func(t *testing.T) {
			if answer := raw(t, h.base, request); strings.Contains(answer, "openapi: 3.1") {
				t.Errorf("the hidden request was answered: %.400q", answer)
			}
		})
	}
}

// Without lingering, the client can get the reset for the unread bytes before the answer.
func TestTheAnswerToABodyThatIsNotReadArrives(t *testing.T) {
	h := start(t)
	for range 20 {
		got := send(t, h.base, scenario{Method: "POST", Path: "/api/session", Body: strings.Repeat("x", 900<<10)})
		if got.Status != http.StatusRequestEntityTooLarge {
			t.Fatalf("got %d, want 413", got.Status)
		}
	}
}

// No header and no path of a request can change a link or a redirect (CVE-2025-64101).
func TestNoHostOfARequestReachesAnAnswer(t *testing.T) {
	h := start(t, func(s *Server) { s.SecurityContact = "mailto:security@example.jp" })
	header := map[string]string{
		"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example",
		"X-Original-Host": "evil.example", "Referer": "https://evil.example/", "Accept": "text/html",
	}
	for _, path := range []string{"/", "/api/site", "/.well-known/change-password", "/.well-known/security.txt", "/evil.example", "/recover"} {
		got := send(t, h.base, scenario{Method: "GET", Path: path, Header: header})
		if strings.Contains(got.Body, "evil") || strings.Contains(got.Header.Get("Location"), "evil") {
			t.Errorf("%s: the answer repeats the request: %s", path, got.Body)
		}
	}
}
