package cli

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWhileNoServerAnswersTheProxySaysWhenToTryAgain(t *testing.T) {
	closing := httptest.NewServer(http.HandlerFunc(hangUp))
	defer closing.Close()
	refusing := httptest.NewServer(nil)
	refusing.Close()
	for fault, server := range map[string]string{"refused": refusing.URL, "closed": closing.URL} {
		t.Run(fault, func(t *testing.T) {
			gone := strings.TrimPrefix(server, "http://")
			for example, replaced := range map[proxy]map[string]string{
				{"nginx", "nginx/balanced.conf"}:    {"10.0.0.11:8080": gone, "10.0.0.12:8080": gone},
				{"haproxy", "haproxy/balanced.cfg"}: {"10.0.0.11:8080": gone, "10.0.0.12:8080": gone},
				{"nginx", "nginx/guarded.conf"}:     {"127.0.0.1:8080": gone},
				{"haproxy", "haproxy/guarded.cfg"}: {
					"127.0.0.1:8080": gone, "lua-load /usr/share/haproxy/auth-request.lua": "",
					"http-request lua.auth-intercept aikagi_operations /auth HEAD cookie - - if guarded": "",
				},
			} {
				want := http.StatusServiceUnavailable
				if example.name == "haproxy" && fault == "closed" {
					want = http.StatusBadGateway // HAProxy cannot send another status with this text
				}
				base := example.start(t, replaced)
				// On a connection that had a request before, HAProxy closes it, as the server did.
				client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
				for _, path := range []string{"/", recoveriesPath, letterPath, redemptionPath} {
					response, err := client.Post(base+path, "application/json", strings.NewReader("{}"))
					if err != nil {
						t.Fatal(err)
					}
					wantUnavailable(t, example.example+path, response, want)
				}
				client.CloseIdleConnections()
			}
		})
	}
}

// wantUnavailable reads the answer that a proxy gives by itself.
func wantUnavailable(t *testing.T, request string, response *http.Response, status int) {
	t.Helper()
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if response.StatusCode != status || response.Header.Get("Retry-After") != "5" || response.Header.Get("Cache-Control") != "no-store" ||
		!strings.Contains(string(body), "ただいまご利用になれません") {
		t.Errorf("%s: got %d %v %s", request, response.StatusCode, response.Header, body)
	}
}

// A server that does not answer takes 20 s of the 30 s for which the app waits. HAProxy learns within two seconds from
// /readyz that a server is frozen; here /readyz is still answered.
func TestAnAskThatNoServerAnswersInTimeIsSentAtMostTwiceByNginxAndThreeTimesByHAProxy(t *testing.T) {
	for p, want := range map[proxy]struct {
		most   int64
		status int
	}{balancers[0]: {2, http.StatusServiceUnavailable}, balancers[1]: {3, http.StatusGatewayTimeout}} {
		t.Run(p.name, func(t *testing.T) {
			frozen := newUpstream(t, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			})
			address := strings.TrimPrefix(frozen.URL, "http://")
			timeout := map[string]string{"nginx": "proxy_read_timeout", "haproxy": "timeout server"}[p.name]
			base := p.start(t, map[string]string{"10.0.0.11:8080": address, "10.0.0.12:8080": address, timeout + " 20s": timeout + " 1s"})
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
			defer client.CloseIdleConnections()
			for _, path := range []string{recoveriesPath, letterPath} {
				frozen.calls.Store(0)
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path, strings.NewReader("{}"))
				if err != nil {
					t.Fatal(err)
				}
				response, err := client.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				wantUnavailable(t, path, response, want.status)
				if got := frozen.calls.Load(); got == 0 || got > want.most {
					t.Errorf("%s: got %d requests, want at most %d", path, got, want.most)
				}
			}
		})
	}
}

// A server's 503 says why, such as RECOVERY=paused with the help desk.
func TestWithOneServerGoneAMemberGetsThe503OfTheOther(t *testing.T) {
	for name, isGone := range map[string]bool{"refuses connections": true, "closes connections": false} {
		t.Run(name, func(t *testing.T) {
			onEachBalancer(t, func(t *testing.T, through func(string, string) string, client *http.Client) {
				gone := httptest.NewServer(http.HandlerFunc(hangUp))
				defer gone.Close()
				paused := newUpstream(t, func(w http.ResponseWriter, r *http.Request) {
					if sent, err := io.ReadAll(r.Body); err != nil || !strings.Contains(string(sent), "taro1234") {
						t.Errorf("the server got %q, %v", sent, err)
					}
					w.Header().Set("Retry-After", "7")
					w.WriteHeader(http.StatusServiceUnavailable)
					_, _ = io.WriteString(w, "paused")
				})
				base := through(gone.URL, paused.URL)
				if isGone {
					gone.Close()
				}
				for _, path := range []string{recoveriesPath, letterPath} {
					for range callsOfAKind {
						response, err := client.Post(base+path, "application/json", strings.NewReader(`{"login_id":"taro1234"}`))
						if err != nil {
							t.Fatal(err)
						}
						body, _ := io.ReadAll(response.Body)
						_ = response.Body.Close()
						if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") != "7" || string(body) != "paused" {
							t.Errorf("%s: got %d %v %s", path, response.StatusCode, response.Header, body)
						}
					}
				}
			})
		})
	}
}
