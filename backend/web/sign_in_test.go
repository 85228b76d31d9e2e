package web

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/session"
)

func signInAs(id, password string) scenario {
	return scenario{Method: "POST", Path: "/api/session", Body: `{"login_id":"` + id + `","password":"` + password + `"}`}
}

// countingMembers counts how often a member is looked up by login ID.
type countingMembers struct {
	fakeMembers
	lookUps atomic.Int32
}

func (m *countingMembers) MemberNamed(ctx context.Context, id member.LoginID, dummy member.ID) (member.Member, error) {
	m.lookUps.Add(1)
	return m.fakeMembers.MemberNamed(ctx, id, dummy)
}

// Otherwise a 503 tells that the password was right, and each try costs a hash.
func TestWhileRedisIsUnreachableEverySignInGetsTheSameAnswerBeforeTheLookUp(t *testing.T) {
	closed, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	redis := session.OpenRedis(session.RedisSettings{Hosts: []string{closed.Addr().String()}})
	t.Cleanup(func() { _ = redis.Close() })
	members := &countingMembers{}
	h := start(t, func(s *Server) {
		s.Sessions = session.New(redis, time.Hour, time.Hour, s.Now)
		members.fakeMembers, _ = s.Login.Store.(fakeMembers)
		s.Login.Store = members
	})
	for name, try := range map[string]scenario{
		"right": signInAs("abcd", memberPass), "wrong": signInAs("abcd", "Wrong-pass9"), "nobody": signInAs("efgh", memberPass),
	} {
		got := send(t, h.base, try)
		if got.Status != 503 || got.problem()["code"] != "unavailable" || got.Header.Get("Retry-After") != "5" {
			t.Errorf("%s: got %d %s, want 503 unavailable with a wait of 5 s", name, got.Status, got.Body)
		}
	}
	if got := members.lookUps.Load(); got != 0 {
		t.Errorf("members were looked up %d times, want never", got)
	}
}

// withoutActivities cannot write activities.
type withoutActivities struct{ fakeMembers }

func (withoutActivities) AddActivity(context.Context, member.Activity) error { return errUnreachable }

func TestASignInWhoseActivityCannotBeWrittenLeavesNoSession(t *testing.T) {
	h := start(t, func(s *Server) {
		members, _ := s.Login.Store.(fakeMembers)
		s.Login.Store = withoutActivities{members}
	})
	got := send(t, h.base, signInAs("abcd", memberPass))
	if got.Status != 503 || got.Header.Get("Set-Cookie") != "" {
		t.Errorf("got %d with the cookie %q, want 503 and none", got.Status, got.Header.Get("Set-Cookie"))
	}
	left, err := h.Sessions.List(t.Context(), session.NewToken(""), 7, 3)
	if err != nil || len(left) != 0 {
		t.Errorf("got the sessions %+v, %v, want none", left, err)
	}
}
