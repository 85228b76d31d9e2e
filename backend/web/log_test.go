package web

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/web/webtest"
)

// lines are a log's lines with this message.
func lines(t *testing.T, log, message string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for text := range strings.Lines(log) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if line["msg"] == message {
			found = append(found, line)
		}
	}
	return found
}

func TestAFloodOfRefusalsIsOneLineASecondForEachKindWithItsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := sampler{log: slog.New(slog.NewJSONHandler(&log, nil))}
		rejected := kind{"POST", "/api/session", 401, codeLoginRejected}
		limited := kind{"POST", "/api/session", 429, codeTooManyAttempts}
		firsts := 0
		refuse := func(k kind) {
			if s.isFirst(k, slog.LevelInfo, "request") {
				firsts++
			}
		}
		for range 2500 { // for two and a half seconds
			refuse(rejected)
			time.Sleep(time.Millisecond)
		}
		refuse(limited)
		time.Sleep(10 * time.Second)
		refuse(rejected)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if firsts != 3 {
			t.Errorf("%d lines in full, want one for each kind, and one after the flood", firsts)
		}
		total := 0.0
		for i, line := range lines(t, log.String(), "request") {
			if line["code"] != codeLoginRejected || line["status"] != 401.0 || line["route"] != "/api/session" || line["method"] != "POST" {
				t.Errorf("line %d: got %v", i, line)
			}
			total += line["count"].(float64)
		}
		if got := strings.Count(log.String(), "\n"); got != 3 || total != 2499 {
			t.Errorf("got %d lines of %v, want one for each second, of all but the first: %s", got, total, log.String())
		}
		if len(s.counts) > 0 {
			t.Errorf("kinds of long ago are kept: %v", s.counts)
		}
	})
}

func TestRefusalsOverTheWireAreAllCountedInFewerLines(t *testing.T) {
	const refusals = 100
	h := start(t)
	for range refusals {
		webtest.Ask(t, h.base, webtest.Scenario{Method: "POST", Path: "/api/session", Body: `{"login_id":7}`})
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		told := 0.0
		for _, line := range lines(t, h.log.String(), "request") {
			told += line["count"].(float64)
		}
		if told == refusals {
			if got := len(lines(t, h.log.String(), "request")); got == refusals {
				t.Errorf("got a line for each of %d refusals", got)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the log tells of %v refusals, want %d: %s", told, refusals, h.log)
		}
	}
}

func TestARequestIsOneLineWithMillisecondsAndTheClientAsLimitsSeeIt(t *testing.T) {
	h := start(t, func(s *Server) { s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	for _, path := range []string{recoveryPath(waitingID, ""), recoveryPath(brokenID, "")} {
		h.log.Reset()
		webtest.Ask(t, h.base, webtest.Scenario{Method: "GET", Path: path, Header: map[string]string{"X-Forwarded-For": "2001:db8:1:2:3::4"}})
		message := "request"
		if strings.Contains(path, brokenID) {
			message = "request failed"
		}
		found := lines(t, h.log.String(), message)
		if len(found) != 1 || strings.Count(h.log.String(), "\n") != 1 {
			t.Fatalf("got %s, want one line", h.log)
		}
		if took, is := found[0]["took_ms"].(float64); !is || took < 0 || found[0]["client"] != "2001:db8:1:2::/64" {
			t.Errorf("got %v", found[0])
		}
		if message == "request failed" && (found[0]["level"] != "ERROR" || found[0]["code"] != "unavailable" || found[0]["error"] == "") {
			t.Errorf("got %v", found[0])
		}
	}
	if got := milliseconds(206 * time.Microsecond); got.Key != "took_ms" || got.Value.Float64() != 0.206 {
		t.Errorf("got %v", got)
	}
}
