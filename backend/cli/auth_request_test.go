package cli

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"aikagi/backend/testkit"
)

// guarded is nginx with the example configuration, in front of a site and of an application that returns the headers that
// it receives.
type guarded struct {
	t    *testing.T
	base string
}

func newGuarded(t *testing.T, s *site) *guarded {
	t.Helper()
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "for %q, cookies %q", namesIn(r.Header), r.Header["Cookie"])
	}))
	t.Cleanup(application.Close)
	return &guarded{t, proxy{"nginx", "nginx/guarded.conf"}.start(t, map[string]string{
		"127.0.0.1:8080": strings.TrimPrefix(s.base, "http://"), "127.0.0.1:8081": s.server.operations.Addr().String(),
		"127.0.0.1:8000": strings.TrimPrefix(application.URL, "http://"),
	})}
}

// get requests a page of the application.
func (g *guarded) get(header http.Header) answer {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), http.MethodGet, g.base+"/webmail/inbox?page=2", nil)
	if err != nil {
		g.t.Fatal(err)
	}
	request.Header = header
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		g.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

// withCookies returns a header with the browser's cookies, and other cookies around them.
func withCookies(b *browser, more ...string) http.Header {
	all := []string{"theme=dark"}
	for name, value := range b.cookies {
		all = append(all, name+"="+value)
	}
	return http.Header{"Cookie": {strings.Join(append(all, more...), "; ")}}
}

func (g *guarded) want(status int, header http.Header, body string) answer {
	g.t.Helper()
	got := g.get(header)
	if got.status != status || !strings.Contains(got.body, body) {
		g.t.Errorf("got %d %s, want %d %s", got.status, got.body, status, body)
	}
	return got
}

func TestAGuardedApplicationGetsOnlySignedInMembersWithTheirLoginIDAndNoCookieOfAikagi(t *testing.T) {
	target, err := url.Parse(testRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	relay := startRelay(t, target.Host)
	s := newSite(t, testkit.MySQL(t), "AIKAGI_REDIS=redis://"+relay.address+target.Path)
	g := newGuarded(t, s)
	b := s.browser()
	b.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
	if b.cookies["__Host-session"] == "" || b.cookies["__Host-device"] == "" {
		t.Fatalf("got cookies %v", b.cookies)
	}

	forged := http.Header{"Remote-User": {"evil"}, "Remote_user": {"evil"}, "Cookie": {"__Host-session=evil"}}
	if got := g.want(401, forged, `"/?next=" + encodeURIComponent(location.pathname`); got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page that leads to sign-in may be kept: %v", got.header)
	}
	for _, header := range []http.Header{
		withCookies(b, "__Host-grant=secret", "lang=ja"), withCookies(b, "lang=ja"), withCookies(b, "__host-GRANT=secret", "lang=ja"),
	} {
		for _, name := range browserNames {
			header[name] = []string{"evil"}
		}
		g.want(200, header, `for ["taro1234"], cookies ["theme=dark; lang=ja"]`)
	}
	g.want(200, http.Header{"Cookie": {"__Host-session=" + b.cookies["__Host-session"]}}, `for ["taro1234"], cookies []`)
	g.want(200, withCookies(b, "__Host-device=twice", "__Host-device=thrice"), `for ["taro1234"], cookies []`)

	large := withCookies(b, "large="+strings.Repeat("a", 20_000))
	if got := g.want(431, large, "Delete them in your browser's settings"); got.header.Get("Retry-After") != "" || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("too large cookies: got %v", got.header)
	}

	relay.cut()
	if got := g.want(503, withCookies(b), "Not available now"); got.header.Get("Retry-After") == "" {
		t.Errorf("got no Retry-After: %v", got.header)
	}
	relay.restore()
	eventually(t, "Redis back", func() bool { return g.get(withCookies(b)).status == 200 })

	s.command("members", "void", taro)
	g.want(401, withCookies(b), "/?next=")
}

// browserNames are headers that an application may take for the name of the member, or for what is known about the member.
var browserNames = []string{
	"Remote-User", "remote-user", "Remote_User", "remote_user", "REMOTE_USER", "Remote_user", "Remote.User", "remote!user",
	"X-Remote-User", "X_Remote_User", "X.Remote.User", "X-Forwarded-User", "x_forwarded_user", "X-FORWARDED-USER", "X-Forwarded.User",
	"X-Authenticated-User", "X-Auth-Request-User", "X-WEBAUTH-USER", "X-User",
	"Remote-Groups", "remote_groups", "Remote.Groups", "REMOTE-GROUPS", "Remote-Email", "Remote_Email", "Remote-Name", "remote_name",
	"X-Forwarded-Email", "x_forwarded_email", "X-FORWARDED-GROUPS", "X.Forwarded.Groups", "X-Forwarded-Preferred-Username",
	"X_Forwarded_Preferred_Username", "X-Auth-Request-Email", "X-Auth-Request-Groups", "X-Auth-Request-Preferred-Username",
}

// namesIn returns the values of browserNames. As for CGI and WSGI, an underscore or a dot in a name is the same as a hyphen.
func namesIn(header http.Header) (names []string) {
	spelled := func(name string) string {
		return strings.NewReplacer("_", "-", ".", "-", "!", "-").Replace(strings.ToLower(name))
	}
	for name, values := range header {
		if slices.ContainsFunc(browserNames, func(other string) bool { return spelled(other) == spelled(name) }) {
			names = append(names, values...)
		}
	}
	return names
}

// newHAProxyGuarded starts HAProxy in front of a guarded application. Without its Lua script HAProxy cannot ask Aikagi, so the
// test's configuration sets the answer.
func newHAProxyGuarded(t *testing.T, answer string) *guarded {
	t.Helper()
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "for %q, cookies %q", namesIn(r.Header), r.Header["Cookie"])
	}))
	t.Cleanup(application.Close)
	return &guarded{t, proxy{"haproxy", "haproxy/guarded.cfg"}.start(t, map[string]string{
		"lua-load /usr/share/haproxy/auth-request.lua":                                       "",
		"http-request lua.auth-intercept aikagi_operations /auth HEAD cookie - - if guarded": answer,
		"127.0.0.1:8000": strings.TrimPrefix(application.URL, "http://"),
	})}
}

func TestHAProxyGivesAGuardedApplicationNoRemoteUserOfTheBrowser(t *testing.T) {
	g := newHAProxyGuarded(t, "http-request set-var(txn.auth_response_successful) bool(true)\n"+
		"http-request set-var(req.auth_response_header.remote_user) str(taro1234)")
	for _, name := range browserNames {
		g.want(200, http.Header{name: {"evil"}, "Cookie": {"__Host-session=secret; lang=ja"}}, `for ["taro1234"], cookies ["lang=ja"]`)
	}
}

func TestHAProxySaysWhyAGuardedApplicationCannotBeUsed(t *testing.T) {
	for status, want := range map[int]struct{ words, retry string }{
		431: {"Delete them in your browser's settings", ""}, 503: {"Not available now", "5"},
	} {
		g := newHAProxyGuarded(t, "http-request set-var(txn.auth_response_successful) bool(false)\n"+
			fmt.Sprintf("http-request set-var(txn.auth_response_code) int(%d)", status))
		got := g.want(status, http.Header{}, want.words)
		if got.header.Get("Retry-After") != want.retry || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("got %v", got.header)
		}
	}
}

// No test runs Caddy.
func TestTheExampleForCaddyDeletesTheNamesThatTheBrowserSent(t *testing.T) {
	example, err := os.ReadFile("../deploy/caddy/guarded.Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(example), "\tforward_auth ")
	if !found {
		t.Fatal("the example does not ask Aikagi")
	}
	for _, names := range []string{"Remote*", "*User", "*Email", "*Groups", "*Username"} {
		if !strings.Contains(before, "\trequest_header -"+names+"\n") {
			t.Errorf("the example does not delete %s before it asks Aikagi", names)
		}
	}
}

func TestTheOperationsListenerReturnsTheLoginIDOfASession(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b, inside := s.browser(), s.operations()
		inside.cookies = b.cookies
		wantMissing := func() {
			t.Helper()
			got := inside.want(401, "GET", "/auth")
			if got.json(t)["code"] != "session_missing" || got.header.Get("Remote-User") != "" {
				t.Errorf("got %v %s", got.header, got.body)
			}
		}
		wantMissing()
		b.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		for range 3 { // each counts as use; together they take longer than a session may be idle
			if got := inside.want(204, "GET", "/auth").header["Remote-User"]; !slices.Equal(got, []string{taro}) {
				t.Errorf("got Remote-User %q", got)
			}
			s.ahead.Add(int64(s.settings().SessionIdle - s.settings().SessionIdle/4))
		}
		b.want(404, "GET", "/auth") // the public listener does not have it
		s.ahead.Add(int64(s.settings().SessionIdle))
		wantMissing()
	})
}

func TestWhileTheMembersRowCannotBeReadNobodyGetsTheApplication(t *testing.T) {
	where := testkit.MySQL(t)
	target := where.Hosts[0]
	relay := startRelay(t, target)
	where.Hosts = []string{relay.address}
	s := newSite(t, where)
	b, inside := s.browser(), s.operations()
	inside.cookies = b.cookies
	b.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
	inside.want(204, "GET", "/auth")
	relay.cut()
	if got := inside.want(503, "GET", "/auth"); got.header.Get("Remote-User") != "" || got.header.Get("Retry-After") == "" {
		t.Errorf("got %v", got.header)
	}
	relay.restore()
}
