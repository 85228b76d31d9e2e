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
)

// lines returns the lines of a log that have this message.
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

func TestAFloodOfRefusalsIsOneLineASecondForEachKindOfAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := sampler{log: slog.New(slog.NewJSONHandler(&log, nil))}
		rejected := answerKind{"POST", "/api/session", 401, codeLoginRejected}
		limited := answerKind{"POST", "/api/session", 429, codeTooManyAttempts}
		firsts := 0
		refuse := func(k answerKind) {
			if s.isFirst(k, slog.LevelInfo, "request") {
				firsts++
			}
		}
		for range 2500 { // takes 2.5 s
			refuse(rejected)
			time.Sleep(time.Millisecond)
		}
		refuse(limited)
		time.Sleep(10 * time.Second)
		refuse(rejected)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if firsts != 3 {
			t.Errorf("got %d first answers, want one for each kind and one after the flood", firsts)
		}
		total := 0.0
		for i, line := range lines(t, log.String(), "request") {
			if line["code"] != codeLoginRejected || line["status"] != 401.0 || line["route"] != "/api/session" || line["method"] != "POST" {
				t.Errorf("line %d: got %v", i, line)
			}
			total += line["count"].(float64)
		}
		if got := strings.Count(log.String(), "\n"); got != 3 || total != 2499 {
			t.Errorf("got %d lines with %v answers, want one line for each second, with all answers except the first: %s", got, total, log.String())
		}
		if len(s.counts) > 0 {
			t.Errorf("old kinds are kept: %v", s.counts)
		}
	})
}

func TestTheLogCountsAllRefusalsInFewerLines(t *testing.T) {
	const refusals = 100
	h := start(t)
	for range refusals {
		send(t, h.base, scenario{Method: "POST", Path: "/api/session", Body: `{"login_id":7}`})
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		counted := 0.0
		for _, line := range lines(t, h.log.String(), "request") {
			counted += line["count"].(float64)
		}
		if counted == refusals {
			if got := len(lines(t, h.log.String(), "request")); got == refusals {
				t.Errorf("got a line for each of %d refusals", got)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the log counts %v refusals, want %d: %s", counted, refusals, h.log)
		}
	}
}

func TestARequestIsOneLineWithItsDurationAndTheClientNameOfTheLimits(t *testing.T) {
	h := start(t, func(s *Server) { s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	for _, path := range []string{recoveryPath(waitingID, ""), recoveryPath(brokenID, "")} {
		h.log.Reset()
		send(t, h.base, scenario{Method: "GET", Path: path, Header: map[string]string{"X-Forwarded-For": "2001:db8:1:2:3::4"}})
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
