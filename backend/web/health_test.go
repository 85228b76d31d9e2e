package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// checkedOnce sets a Readiness whose dependencies have been checked once. They are not checked again while the test runs.
func checkedOnce(t *testing.T, dependencies ...Dependency) func(*Server) {
	t.Helper()
	for i := range dependencies {
		dependencies[i].Within, dependencies[i].Every, dependencies[i].Again = time.Minute, time.Hour, time.Hour
	}
	return func(s *Server) {
		s.Readiness = NewReadiness(s.Log, dependencies...)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); s.Readiness.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
		s.Readiness.AwaitFirst(ctx)
	}
}

func TestOnlyANeededDependencyMakesTheServerUnready(t *testing.T) {
	fault := errors.New("dial tcp 10.1.2.3:3306: connection refused")
	for _, c := range []struct {
		database, redis error
		status          int
		detail          string
	}{
		{nil, nil, 200, `{"ready":true,"missing":[]}`},
		{nil, fault, 200, `{"ready":true,"missing":["redis"]}`},
		{fault, nil, 503, `{"ready":false,"missing":["database"]}`},
		{fault, fault, 503, `{"ready":false,"missing":["database","redis"]}`},
	} {
		h := start(t, checkedOnce(t,
			Dependency{Name: "database", Needed: true, Check: func(context.Context) error { return c.database }},
			Dependency{Name: "redis", Check: func(context.Context) error { return c.redis }},
		))
		operations := serveOn(t, h.Operations(), Guard(listenOnLoopback(t)))
		run(t, operations, []scenario{
			{Name: "in detail", Method: "GET", Path: "/readyz", Status: c.status, Holds: c.detail},
			{Name: "alive", Method: "GET", Path: "/livez", Status: 200},
			{Name: "no app", Method: "GET", Path: "/", Header: browserHeader, Status: 404, Code: "not_found"},
			{Name: "no API", Method: "GET", Path: "/api/site", Status: 404, Code: "not_found"},
		})
		public := send(t, h.base, scenario{Method: "GET", Path: "/readyz"})
		if public.Status != c.status || strings.Contains(public.Body, "redis") || strings.Contains(public.Body, "database") {
			t.Errorf("got %d %q for the public, want %d and no detail", public.Status, public.Body, c.status)
		}
	}
}

func TestAProbeChecksNoDependency(t *testing.T) {
	var checks atomic.Int64
	h := start(t, checkedOnce(t, Dependency{Name: "database", Needed: true, Check: func(context.Context) error { checks.Add(1); return nil }}))
	operations := serveOn(t, h.Operations(), Guard(listenOnLoopback(t)))
	for range 10 {
		fetch(t, h, "/readyz", nil)
		send(t, operations, scenario{Method: "GET", Path: "/readyz"})
	}
	if got, want := checks.Load(), int64(1); got != want {
		t.Errorf("got %d checks for twenty probes, want %d: the first one", got, want)
	}
}

func TestProbesAreNotLogged(t *testing.T) {
	h := start(t, checkedOnce(t, Dependency{Name: "database", Needed: true, Check: func(context.Context) error { return errors.New("away") }}))
	h.log.Reset()
	fetch(t, h, "/readyz", nil)
	if strings.Contains(h.log.String(), `"level":"INFO"`) {
		t.Errorf("a probe of an unready server is logged: %s", h.log)
	}
}

func TestAStoppingServerIsUnreadyButServesAndClosesItsConnections(t *testing.T) {
	h := start(t, checkedOnce(t, Dependency{Name: "database", Needed: true, Check: func(context.Context) error { return nil }}))
	operations := serveOn(t, h.Operations(), Guard(listenOnLoopback(t)))
	for _, base := range []string{h.base, operations} {
		if status, closes := getOnce(t, base+"/livez"); status != 200 || closes {
			t.Errorf("before: got %d, closed %v; want the connection kept", status, closes)
		}
	}
	h.Readiness.Stop()
	for _, c := range []struct {
		url    string
		status int
	}{
		{h.base + "/readyz", 503},
		{operations + "/readyz", 503},
		{operations + "/livez", 200},
		{h.base + "/api/site", 200},
		{h.base + "/api/nothing", 404},
	} {
		if status, closes := getOnce(t, c.url); status != c.status || !closes {
			t.Errorf("%s: got %d, closed %v; want %d and the connection closed", c.url, status, closes, c.status)
		}
	}
	detail := send(t, operations, scenario{Method: "GET", Path: "/readyz"})
	if want := `{"ready":false,"missing":[],"stopping":true}`; detail.Body != want {
		t.Errorf("got %s, want %s", detail.Body, want)
	}
}

// getOnce sends one request. closes reports whether the answer closes the connection.
func getOnce(t *testing.T, url string) (status int, closes bool) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode, answer.Close
}
