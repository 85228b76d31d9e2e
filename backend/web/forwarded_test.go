package web

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"aikagi/backend/testkit"
)

func TestAnUntrustedProxyIsLoggedOnceAnHour(t *testing.T) {
	forwarded := scenario{Method: "GET", Path: "/api/site", Header: map[string]string{"X-Forwarded-For": "192.0.2.9"}}
	warnings := func(h *fixture) int { return strings.Count(h.log.String(), "AIKAGI_TRUSTED_PROXIES") }
	clock := testkit.NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC))
	h := start(t, func(s *Server) { s.Now = clock.Now })
	send(t, h.base, scenario{Method: "GET", Path: "/api/site"})
	if got := warnings(h); got != 0 {
		t.Errorf("without the header: got %d warnings", got)
	}
	for range 3 {
		send(t, h.base, forwarded)
	}
	if got := warnings(h); got != 1 || !strings.Contains(h.log.String(), `"peer":"127.0.0.1"`) || strings.Contains(h.log.String(), "192.0.2.9") {
		t.Errorf("got %d warnings, want 1 that names the peer alone: %s", got, h.log)
	}
	clock.Move(time.Hour)
	for range 3 {
		send(t, h.base, forwarded)
	}
	if got := warnings(h); got != 2 {
		t.Errorf("an hour later: got %d warnings, want 2", got)
	}
	h = start(t, func(s *Server) { s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	send(t, h.base, forwarded)
	if got := warnings(h); got != 0 {
		t.Errorf("from a trusted proxy: got %d warnings", got)
	}
}
