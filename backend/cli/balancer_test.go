package cli

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"aikagi/backend/testkit"
)

// balancers are the example configurations that balance requests between two servers.
var balancers = []proxy{{"nginx", "nginx/balanced.conf"}, {"haproxy", "haproxy/balanced.cfg"}}

const (
	recoveriesPath = "/api/recoveries"
	letterPath     = "/api/recoveries/ABCDEFGHIJKLMNOPQRSTUVWX22/letter"
	redemptionPath = "/api/recoveries/ABCDEFGHIJKLMNOPQRSTUVWX22/redemption"
	callsOfAKind   = 8
)

// upstream is a server behind the balancer. It counts the requests, except health checks.
type upstream struct {
	*httptest.Server
	calls atomic.Int64
}

func newUpstream(t *testing.T, answer http.HandlerFunc) *upstream {
	t.Helper()
	u := &upstream{}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			return
		}
		u.calls.Add(1)
		if got := r.Header.Get("X-Forwarded-For"); got != "127.0.0.1" {
			t.Errorf("got X-Forwarded-For %q", got)
		}
		answer(w, r)
	}))
	t.Cleanup(u.Close)
	return u
}

func accept(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }
func refuse(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }

// hangUp reads a request and closes the connection without an answer.
func hangUp(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// post posts to a proxy and returns the status, or 0 without an answer.
func post(t *testing.T, client *http.Client, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(`{"login_id":"taro1234","mail_address":"taro@xxx.mm-m.ne.jp"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Forwarded-For", "192.0.2.66")
	response, err := client.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func onEachBalancer(t *testing.T, run func(t *testing.T, through func(first, second string) (base string), client *http.Client)) {
	t.Helper()
	for _, p := range balancers {
		t.Run(p.name, func(t *testing.T) {
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxIdleConnsPerHost: 16}}
			t.Cleanup(client.CloseIdleConnections)
			run(t, func(first, second string) string {
				return p.start(t, map[string]string{
					"10.0.0.11:8080": strings.TrimPrefix(first, "http://"), "10.0.0.12:8080": strings.TrimPrefix(second, "http://"),
				})
			}, client)
		})
	}
}

func TestWithOneServerGoneNoRequestFails(t *testing.T) {
	onEachBalancer(t, func(t *testing.T, through func(string, string) string, client *http.Client) {
		gone, other := httptest.NewServer(nil), newUpstream(t, accept)
		base := through(gone.URL, other.URL)
		gone.Close()
		for _, path := range []string{recoveriesPath, letterPath, redemptionPath, "/api/session"} {
			for range callsOfAKind {
				if got := post(t, client, base+path); got != http.StatusAccepted {
					t.Errorf("%s: got %d", path, got)
				}
			}
		}
	})
}

func TestOnlyARequestForRecoveryIsRepeatedOnTheOtherServer(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"503": refuse, "no answer": hangUp} {
		t.Run(name, func(t *testing.T) {
			onEachBalancer(t, func(t *testing.T, through func(string, string) string, client *http.Client) {
				failing, healthy := newUpstream(t, fault), newUpstream(t, accept)
				base := through(failing.URL, healthy.URL)
				for _, path := range []string{recoveriesPath, letterPath} {
					for range callsOfAKind {
						if got := post(t, client, base+path); got != http.StatusAccepted {
							t.Errorf("%s: got %d", path, got)
						}
					}
				}
				if failing.calls.Load() == 0 {
					t.Error("no request reached the failing server: the test proves nothing")
				}
				failing.calls.Store(0)
				healthy.calls.Store(0)
				for range callsOfAKind {
					post(t, client, base+redemptionPath)
				}
				if got := failing.calls.Load() + healthy.calls.Load(); got != callsOfAKind || failing.calls.Load() == 0 {
					t.Errorf("%d redemptions came as %d calls, %d of them to the failing server", callsOfAKind, got, failing.calls.Load())
				}
			})
		})
	}
}

// While the database is away no server is ready. Their pages still work, and they say what does not.
func TestWhileNoServerIsReadyHAProxyPassesTheServersAnswersOn(t *testing.T) {
	replaced := make(map[string]string)
	checks := make([]atomic.Int64, 2)
	for i := range checks {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/readyz" {
				checks[i].Add(1)
			}
			if r.URL.Path != "/" {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}))
		defer server.Close()
		replaced[fmt.Sprintf("10.0.0.1%d:8080", i+1)] = strings.TrimPrefix(server.URL, "http://")
	}
	base := proxy{"haproxy", "haproxy/balanced.cfg"}.start(t, replaced)
	// After the second check of a server HAProxy knows the result of the first.
	eventually(t, "the checks", func() bool { return checks[0].Load() > 1 && checks[1].Load() > 1 })
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	for path, want := range map[string]int{"/": http.StatusOK, "/api/session": http.StatusServiceUnavailable} {
		response, err := client.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want || want != http.StatusOK && response.Header.Get("Retry-After") != "7" {
			t.Errorf("%s: got %d, Retry-After %q; want the server's answer, %d", path, response.StatusCode, response.Header.Get("Retry-After"), want)
		}
	}
}

// SPEC 4: a browser whose cookies are too large gets a page that explains it.
func TestLargeCookiesGetAnAnswerOfAikagi(t *testing.T) {
	s := newSite(t, testkit.SQLite(t), "AIKAGI_TRUSTED_PROXIES=127.0.0.1")
	target, operations := strings.TrimPrefix(s.base, "http://"), s.server.operations.Addr().String()
	both := map[string]string{"10.0.0.11:8080": target, "10.0.0.12:8080": target}
	one := map[string]string{"127.0.0.1:8080": target, "127.0.0.1:8081": operations}
	withoutLua := map[string]string{
		"lua-load /usr/share/haproxy/auth-request.lua": "", "127.0.0.1:8080": target,
		"http-request lua.auth-intercept aikagi_operations /auth HEAD cookie - - if guarded": "",
	}
	for example, replaced := range map[proxy]map[string]string{
		{"nginx", "nginx/balanced.conf"}: both, {"haproxy", "haproxy/balanced.cfg"}: both,
		{"nginx", "nginx/guarded.conf"}: one, {"haproxy", "haproxy/guarded.cfg"}: withoutLua,
	} {
		base := example.start(t, replaced)
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		for size, want := range map[int]int{15_900: http.StatusOK, 16_400: http.StatusRequestHeaderFieldsTooLarge, 30_000: http.StatusRequestHeaderFieldsTooLarge} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/livez", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Cookie", "a="+strings.Repeat("c", size-len("Cookie: a=")))
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if response.StatusCode != want || want != http.StatusOK && !strings.Contains(string(body), "Cookie") {
				t.Errorf("%s, a line of %d bytes: got %d, want %d\n%.200s", example.example, size, response.StatusCode, want, body)
			}
		}
		client.CloseIdleConnections()
	}
}

func TestWhileOneOfTwoServersStopsNoRequestForRecoveryFails(t *testing.T) {
	t.Parallel()
	onEachBalancer(t, func(t *testing.T, through func(string, string) string, client *http.Client) {
		where := testkit.MySQL(t)
		s := newSite(t, where, "AIKAGI_REDIS="+testRedis(t), "AIKAGI_RATE_LIMITS=off", "AIKAGI_TRUSTED_PROXIES=127.0.0.1", "AIKAGI_STOP_DELAY=2s")
		other := s.another()
		base := through(s.base, other.base)
		stopped := make(chan struct{})
		var asked atomic.Int64
		var clients sync.WaitGroup
		for range 16 {
			clients.Go(func() {
				for after := 0; after < 5; {
					select {
					case <-stopped:
						after++
					default:
					}
					if got := post(t, client, base+recoveriesPath); got != http.StatusAccepted {
						t.Errorf("a request for recovery was answered %d", got)
					}
					asked.Add(1)
				}
			})
		}
		eventually(t, "asks", func() bool { return asked.Load() > 64 })
		if err := other.server.drain(t.Context()); err != nil {
			t.Error(err)
		}
		other.stop()
		close(stopped)
		clients.Wait()
		s.resolved()
		if got := oneNumber(t, where, fmt.Sprintf("SELECT COUNT(*) >= %d FROM recoveries", asked.Load())); got != 1 {
			t.Errorf("of %d requests some are not in the database", asked.Load())
		}
	})
}
