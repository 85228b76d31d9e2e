package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"aikagi/backend/mail"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/sink"
)

// answer is an answer as a browser gets it.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(a.body), &members); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	return members
}

// browser keeps cookies as a browser does. It also sends Secure cookies over http, because these servers have no TLS proxy.
type browser struct {
	*site
	cookies map[string]string
	extra   http.Header // sent with every call
}

func (s *site) browser() *browser {
	b := &browser{site: s, cookies: make(map[string]string)}
	if n := s.browsers.Add(1); s.isBehindProxy {
		b.extra = http.Header{"X-Forwarded-For": {fmt.Sprintf("2001:db8:%x:%x::1", n>>16, n&0xffff)}}
	}
	return b
}

// call makes a call. The members are pairs of names and values of the JSON body.
func (b *browser) call(method, path string, members ...string) answer {
	b.t.Helper()
	body := make(map[string]string)
	for pair := range slices.Chunk(members, 2) {
		body[pair[0]] = pair[1]
	}
	sent, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(string(sent)))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	maps.Copy(request.Header, b.extra)
	for name, value := range b.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, cookie := range response.Cookies() {
		b.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	return answer{response.StatusCode, response.Header, string(got)}
}

// want makes a call and fails the test unless the answer has the status.
func (b *browser) want(status int, method, path string, members ...string) answer {
	b.t.Helper()
	got := b.call(method, path, members...)
	if got.status != status {
		b.t.Fatalf("%s %s: got %d %s, want %d", method, path, got.status, got.body, status)
	}
	return got
}

// ask asks for recovery and returns the recovery's path.
func (b *browser) ask(id, address string) string {
	b.t.Helper()
	got := b.want(http.StatusAccepted, "POST", "/api/recoveries", "login_id", id, "mail_address", address).json(b.t)
	return "/api/recoveries/" + got["id"].(string)
}

// temporaryPassword returns the temporary password in a letter.
func temporaryPassword(t *testing.T, letter sink.Letter) string {
	t.Helper()
	return testkit.TemporaryPasswordIn(t, mail.Message{Text: letter.Text}).Reveal()
}
