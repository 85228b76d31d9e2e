package web

import (
	"regexp"
	"strings"
	"testing"
)

func TestAnUnreachableDatabaseAndAPauseAre503(t *testing.T) {
	h := start(t)
	again := map[string]string{"Retry-After": "5"}
	run(t, h.base, []scenario{
		{Name: "the database", Method: "GET", Path: recoveryPath(brokenID, ""), Status: 503, Code: "unavailable", Want: again},
	})
	h = start(t, func(s *Server) { s.Recovery.SetPaused(true) })
	run(t, h.base, []scenario{
		{Name: "paused", Method: "POST", Path: "/api/recoveries", Body: `{"login_id":"a","mail_address":"a@b"}`, Status: 503, Code: "paused", Want: map[string]string{"Retry-After": ""}},
		{Name: "paused again", Method: "POST", Path: recoveryPath(waitingID, "/letter"), Body: "{}", Status: 503, Code: "paused"},
		{Name: "paused site", Method: "GET", Path: "/api/site", Status: 200, Holds: `"recovery":"paused"`},
	})
}

var eightDigits = regexp.MustCompile(`^[0-9]{8}$`)

// The answer to an internal error holds only the number under which the log has the cause.
func TestAnInternalErrorTellsNothingOfItsCause(t *testing.T) {
	h := start(t, func(s *Server) { s.Unavailable = nil })
	for _, id := range []string{brokenID, panickyID} {
		got := send(t, h.base, scenario{Method: "GET", Path: recoveryPath(id, "")})
		problem := got.problem()
		if got.Status != 500 || problem["code"] != "internal" {
			t.Errorf("got %d %v, want 500 internal", got.Status, problem)
		}
		requestID, _ := problem["request_id"].(string)
		if len(problem) != 4 || requestID == "" || strings.Contains(got.Body, "10.1.2.3") || strings.Contains(got.Body, "secret") {
			t.Errorf("got %s, want a title, a status, a code and a request id", got.Body)
		}
		if !eightDigits.MatchString(requestID) {
			t.Errorf("got the request id %q, want 8 digits, which a member can read out on the phone", requestID)
		}
		if !strings.Contains(h.log.String(), `"request_id":"`+requestID+`"`) {
			t.Errorf("the log lacks %s", requestID)
		}
	}
	if !strings.Contains(h.log.String(), "10.1.2.3") || !strings.Contains(h.log.String(), "a secret of the database") {
		t.Errorf("the log lacks the causes: %s", h.log)
	}
}

func TestTheLogHoldsNoIDAndNoInput(t *testing.T) {
	h := start(t)
	for _, s := range []scenario{
		{Method: "GET", Path: recoveryPath(waitingID, "?x=yyyy")},
		{Method: "GET", Path: recoveryPath(brokenID, "")},
		{Method: "GET", Path: "/nowhere/" + waitingID},
		{Method: "PUT", Path: recoveryPath(waitingID, "/password"), Body: `{"new_password":"Some-Secret9"}`},
		{Method: "POST", Path: "/api/session", Body: `{"login_id":"hanako","password":"Some-Secret9"}`},
		{Method: "POST", Path: "/api/recoveries", Body: `{"login_id":"hanako","mail_address":"hanako@xxx.mm-m.ne.jp"}`},
	} {
		send(t, h.base, s)
	}
	log := h.log.String()
	for _, secret := range []string{waitingID, brokenID, "yyyy", "hanako", "Some-Secret9"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q: %s", secret, log)
		}
	}
	if got, want := strings.Count(log, "\n"), 6; got != want {
		t.Errorf("got %d lines, want one for each request: %s", got, log)
	}
	if !strings.Contains(log, `"route":"/api/recoveries/{id}"`) {
		t.Errorf("the log names no route: %s", log)
	}
}
