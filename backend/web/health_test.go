package web

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aikagi/backend/web/webtest"
)

func TestOnlyWhatIsNeededMakesTheServerUnready(t *testing.T) {
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
		h := start(t, func(s *Server) {
			s.Parts = []Part{
				{"database", true, func(context.Context) error { return c.database }},
				{"redis", false, func(context.Context) error { return c.redis }},
			}
		})
		operations := serveOn(t, h.Operations(), Guard(listenOnLoopback(t)))
		webtest.Run(t, operations, []webtest.Scenario{
			{Name: "in detail", Method: "GET", Path: "/readyz", Status: c.status, Holds: c.detail},
			{Name: "alive", Method: "GET", Path: "/livez", Status: 200},
			{Name: "no app", Method: "GET", Path: "/", Header: asAPerson, Status: 404, Code: "not_found"},
			{Name: "no API", Method: "GET", Path: "/api/site", Status: 404, Code: "not_found"},
		})
		public := webtest.Ask(t, h.base, webtest.Scenario{Method: "GET", Path: "/readyz"})
		if public.Status != c.status || strings.Contains(public.Body, "redis") || strings.Contains(public.Body, "database") {
			t.Errorf("got %d %q for the public, want %d and no detail", public.Status, public.Body, c.status)
		}
	}
}

func TestStrangersWhoAskOftenCostTheDatabaseNothing(t *testing.T) {
	var asked atomic.Int64
	var moved atomic.Int64
	h := start(t, func(s *Server) {
		s.Parts = []Part{{"database", true, func(context.Context) error { asked.Add(1); return nil }}}
		s.Now = func() time.Time { return now.Add(time.Duration(moved.Load())) }
	})
	for range 10 {
		ask(t, h, "/readyz", nil)
	}
	if got, want := asked.Load(), int64(1); got != want {
		t.Errorf("got %d checks for ten calls, want %d", got, want)
	}
	moved.Store(int64(readinessFresh))
	ask(t, h, "/readyz", nil)
	if got, want := asked.Load(), int64(2); got != want {
		t.Errorf("got %d checks after a second, want %d", got, want)
	}
}
