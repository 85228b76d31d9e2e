package web

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// scenario is a request and the expected response. A test sends it to a running server.
type scenario struct {
	Name         string
	Method, Path string
	// Header holds the headers of the request. A request with a Body gets the Content-Type of JSON unless Header has one.
	Header map[string]string
	Body   string

	Status int
	// Code is the code of the problem in the response; empty for a response that is no problem.
	Code string
	// Want holds headers of the response. An empty value means that the header must be missing.
	Want map[string]string
	// Holds is a part of the body of the response.
	Holds string
}

type response struct {
	Status int
	Header http.Header
	Body   string
}

// problem returns the body of a problem (RFC 9457), or nil for another response.
func (r response) problem() map[string]any {
	if r.Header.Get("Content-Type") != "application/problem+json" {
		return nil
	}
	var problem map[string]any
	if json.Unmarshal([]byte(r.Body), &problem) != nil {
		return nil
	}
	return problem
}

// testClient follows no redirects and adds no Accept-Encoding.
var testClient = &http.Client{
	Transport:     &http.Transport{DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       30 * time.Second,
}

// run sends the requests to the server at base, such as http://127.0.0.1:8080, and checks the responses.
func run(t *testing.T, base string, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.Name, func(t *testing.T) { s.check(t, send(t, base, s)) })
	}
}

// send sends the request of the scenario.
func send(t *testing.T, base string, s scenario) response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), s.Method, base+s.Path, strings.NewReader(s.Body))
	if err != nil {
		t.Fatal(err)
	}
	if s.Body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range s.Header {
		if name == "Host" {
			request.Host = value
			continue
		}
		request.Header.Set(name, value)
	}
	got, err := testClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{got.StatusCode, got.Header, string(body)}
}

func (s scenario) check(t *testing.T, got response) {
	t.Helper()
	if got.Status != s.Status {
		t.Errorf("got status %d, want %d; %s", got.Status, s.Status, got.Body)
	}
	code := ""
	if problem := got.problem(); problem != nil {
		code, _ = problem["code"].(string)
		if status, _ := problem["status"].(float64); int(status) != got.Status {
			t.Errorf("the problem says %v, the status line %d", problem["status"], got.Status)
		}
	}
	if code != s.Code {
		t.Errorf("got code %q, want %q; %s", code, s.Code, got.Body)
	}
	for name, want := range s.Want {
		if value := got.Header.Get(name); value != want {
			t.Errorf("got %s: %q, want %q", name, value, want)
		}
	}
	if !strings.Contains(got.Body, s.Holds) {
		t.Errorf("got %q, want it to hold %q", got.Body, s.Holds)
	}
	checkHardened(t, got)
}

// checkHardened checks the security headers of any response.
func checkHardened(t *testing.T, got response) {
	t.Helper()
	policy := got.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors ", "require-trusted-types-for 'script'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy has no %s: %q", part, policy)
		}
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Embedder-Policy": "require-corp",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Robots-Tag":                 "noindex",
		"Server":                       "",
		"Access-Control-Allow-Origin":  "",
	} {
		if value := got.Header.Get(name); value != want {
			t.Errorf("got %s: %q, want %q", name, value, want)
		}
	}
	if got.Header.Get("Permissions-Policy") == "" || got.Header.Get("X-Frame-Options") == "" {
		t.Errorf("got %v, want Permissions-Policy and X-Frame-Options in it", got.Header)
	}
	if caching := got.Header.Get("Cache-Control"); caching == "" {
		t.Error("got no Cache-Control")
	}
}
