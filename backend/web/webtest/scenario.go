// Package webtest asks a running server what the contract promises. The tests of package web use it against a server
// without a database, the program's tests against a whole one. No part of the program imports it.
package webtest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Scenario is one call and what has to come of it.
type Scenario struct {
	Name         string
	Method, Path string
	// Header is sent as it is; JSON is added to it unless it names a Content-Type and there is a Body.
	Header map[string]string
	Body   string

	Status int
	// Code is the problem's, empty when the answer is none.
	Code string
	// Want are headers of the answer. An empty value: the header must not be there.
	Want map[string]string
	// Holds is a part of the answer's body.
	Holds string
}

// Answer is what came.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Problem reads the answer as RFC 9457 has it; nil when it is none.
func (a Answer) Problem() map[string]any {
	if a.Header.Get("Content-Type") != "application/problem+json" {
		return nil
	}
	var problem map[string]any
	if json.Unmarshal([]byte(a.Body), &problem) != nil {
		return nil
	}
	return problem
}

// client follows no redirect and adds nothing of its own.
var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       30 * time.Second,
}

// Run asks each scenario of the server at base, such as http://127.0.0.1:8080.
func Run(t *testing.T, base string, scenarios []Scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.Name, func(t *testing.T) { s.judge(t, Ask(t, base, s)) })
	}
}

// Ask makes the scenario's call.
func Ask(t *testing.T, base string, s Scenario) Answer {
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
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{response.StatusCode, response.Header, string(body)}
}

func (s Scenario) judge(t *testing.T, got Answer) {
	t.Helper()
	if got.Status != s.Status {
		t.Errorf("got status %d, want %d; %s", got.Status, s.Status, got.Body)
	}
	code := ""
	if problem := got.Problem(); problem != nil {
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

// checkHardened holds for every answer there is.
func checkHardened(t *testing.T, got Answer) {
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
