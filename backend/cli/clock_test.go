package cli

import (
	"slices"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit/sink"
)

// clockStep is how far the clock steps forward and then back.
const clockStep = 2 * time.Hour

// soon is how long a letter may take in real time: ten seconds for a claim, five after a refusal, and a margin.
const soon = 25 * time.Second

// lettersSoon waits up to soon for a letter to each of the numbered members.
func (s *site) lettersSoon(what string, members ...int) {
	s.t.Helper()
	missing := slices.Clone(members)
	for deadline := time.Now().Add(soon); len(missing) > 0 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		letters := s.mails.Letters()
		missing = slices.DeleteFunc(missing, func(n int) bool {
			return slices.ContainsFunc(letters, func(l sink.Letter) bool { return l.To[0] == roundAddress(n) && l.TemporaryPassword() != "" })
		})
	}
	if len(missing) > 0 {
		s.t.Errorf("%s: no letter to the members %v within %s", what, missing, soon)
	}
}

// askFor asks until the request is accepted. After a step, a waiting request seems two hours old, and the server answers 503.
func (s *site) askFor(n int) {
	s.t.Helper()
	eventually(s.t, "an ask to be accepted", func() bool {
		return s.browser().call("POST", "/api/recoveries", "login_id", roundMember(n), "mail_address", roundAddress(n)).status == 202
	})
}

// A server whose clock was ahead claimed a request and a letter and was killed. Then the clock is corrected.
func TestLettersThatADeadServerClaimedWithItsClockAheadAreSentSoon(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		s.numbered(2)
		s.stop()
		opened := s.openAgain()
		s.ahead.Store(int64(clockStep))
		keys, err := newRing(s.settings())
		if err != nil {
			t.Fatal(err)
		}
		dead := &recovery.Service{Store: opened.Recoveries(), Keys: keys, Now: s.now, WakePostman: func() {}}
		resolver := recovery.NewResolver(dead)
		ask := func(n int) {
			asked := recovery.Ask{
				LoginID: member.LoginID(roundMember(n)), MailAddress: member.MailAddress(roundAddress(n)), Language: recovery.Japanese,
			}
			if _, err := dead.Request(t.Context(), asked); err != nil {
				t.Fatal(err)
			}
		}
		ask(0)
		if err := resolver.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		letters, err := opened.Letters().ClaimDue(t.Context(), "a dead postman", s.now(), s.now().Add(10*time.Second), 64)
		if err != nil || len(letters) != 1 {
			t.Fatalf("claimed %d letters, %v; want 1", len(letters), err)
		}
		ask(1)
		asks, err := opened.Recoveries().ClaimUnresolved(t.Context(), "a dead resolver", s.now(), s.now(), s.now().Add(10*time.Second), 64)
		if err != nil || len(asks) != 1 {
			t.Fatalf("claimed %d asks, %v; want 1", len(asks), err)
		}

		s.ahead.Store(0)
		s.start()
		s.lettersSoon("claimed as a letter", 0)
		s.lettersSoon("claimed as an ask", 1)
	}, "AIKAGI_RATE_LIMITS=off")
}

// The clock of a running server steps forward and back, while letters are slow, refused, and being sent.
func TestARequestGetsItsLetterSoonAlthoughTheClockStepsForwardAndBack(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]sink.Mode{
		"slow mail server":     {Delay: 700},
		"refusing mail server": {Refuse: 451},
	} {
		t.Run(name, func(t *testing.T) {
			onBothSites(t, func(t *testing.T, s *site) {
				s.numbered(3)
				s.mails.SetMode(mode)
				for n, ahead := range []time.Duration{0, clockStep, 0} {
					s.ahead.Store(int64(ahead))
					s.askFor(n)
					s.tried(n)
				}
				s.mails.SetMode(sink.Mode{})
				s.lettersSoon("asked before the steps, between and after them", 0, 1, 2)
			}, "AIKAGI_RATE_LIMITS=off")
		})
	}
}

// tried waits until the server has begun a letter to the member.
func (s *site) tried(n int) {
	s.t.Helper()
	id := s.member(member.LoginID(roundMember(n))).ID
	eventually(s.t, "a first try", func() bool {
		letters, err := s.server.store.Members().LettersOf(s.t.Context(), id, 1)
		if err != nil {
			s.t.Fatal(err)
		}
		return len(letters) == 1 && letters[0].Tries > 0
	})
}
