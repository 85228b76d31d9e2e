package web

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/session"
	"aikagi/backend/web/webtest"
)

func signInAs(id, password string) webtest.Scenario {
	return webtest.Scenario{Method: "POST", Path: "/api/session", Body: `{"login_id":"` + id + `","password":"` + password + `"}`}
}

// lookedUp counts how often a member is looked up by name.
type lookedUp struct {
	fakeMembers
	times atomic.Int32
}

func (l *lookedUp) MemberNamed(ctx context.Context, id member.LoginID, standIn member.ID) (member.Member, error) {
	l.times.Add(1)
	return l.fakeMembers.MemberNamed(ctx, id, standIn)
}

// Otherwise a right password would be told from a wrong one by 503, and each would cost a hash.
func TestWhileSessionsAreOutOfReachEverySignInGetsTheSameAnswerAndNobodyIsLookedUp(t *testing.T) {
	nobodyListens, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = nobodyListens.Close()
	redis := session.OpenRedis(session.RedisSettings{Hosts: []string{nobodyListens.Addr().String()}})
	t.Cleanup(func() { _ = redis.Close() })
	members := &lookedUp{}
	h := start(t, func(s *Server) {
		s.Sessions = session.New(redis, time.Hour, time.Hour, s.Now)
		members.fakeMembers, _ = s.Login.Store.(fakeMembers)
		s.Login.Store = members
	})
	for name, try := range map[string]webtest.Scenario{
		"right": signInAs("abcd", memberPass), "wrong": signInAs("abcd", "Wrong-pass9"), "nobody": signInAs("efgh", memberPass),
	} {
		got := webtest.Ask(t, h.base, try)
		if got.Status != 503 || got.Problem()["code"] != "unavailable" || got.Header.Get("Retry-After") != "5" {
			t.Errorf("%s: got %d %s, want 503 unavailable with a wait of 5 s", name, got.Status, got.Body)
		}
	}
	if got := members.times.Load(); got != 0 {
		t.Errorf("members were looked up %d times, want never", got)
	}
}

// forgetful cannot write activities.
type forgetful struct{ fakeMembers }

func (forgetful) AddActivity(context.Context, member.Activity) error { return errOutOfReach }

func TestASignInWhoseActivityCannotBeWrittenLeavesNoSession(t *testing.T) {
	h := start(t, func(s *Server) {
		members, _ := s.Login.Store.(fakeMembers)
		s.Login.Store = forgetful{members}
	})
	got := webtest.Ask(t, h.base, signInAs("abcd", memberPass))
	if got.Status != 503 || got.Header.Get("Set-Cookie") != "" {
		t.Errorf("got %d with the cookie %q, want 503 and none", got.Status, got.Header.Get("Set-Cookie"))
	}
	left, err := h.Sessions.List(t.Context(), session.NewToken(""), 7, 3)
	if err != nil || len(left) != 0 {
		t.Errorf("got the sessions %+v, %v, want none", left, err)
	}
}
