package cli

import (
	"net/url"
	"testing"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/member"
	"aikagi/backend/testkit"
)

// signIns counts the sign-ins in taro's activities.
func (s *site) signIns() (count int) {
	s.t.Helper()
	activities, err := s.server.store.Logins().Activities(s.t.Context(), s.member(taro).ID, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, a := range activities {
		if a.Kind == member.SignedIn {
			count++
		}
	}
	return count
}

func TestWhileRedisIsAwayEverySignInIsRefusedTheSameAndLeavesNoActivity(t *testing.T) {
	target, err := url.Parse(testRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	relay := startRelay(t, target.Host)
	s := newSite(t, testkit.MySQL(t), "AIKAGI_REDIS=redis://"+relay.address+target.Path)
	s.signedIn(onWindows)
	relay.cut()
	tries := map[string][2]string{
		"the right password": {taro, oldPassword}, "a wrong password": {taro, newPassword},
		"an unknown member": {"nobody99", oldPassword}, "a suspended member": {suspended, oldPassword},
	}
	heard := make(map[string]string)
	for name, try := range tries {
		heard[name] = stableParts(s.browser().want(503, "POST", "/api/session", "login_id", try[0], "password", try[1]))
	}
	for name, got := range heard {
		if want := heard["a wrong password"]; got != want {
			t.Errorf("%s is told\n%s\nand a wrong password\n%s", name, got, want)
		}
	}
	if got := s.signIns(); got != 1 {
		t.Errorf("the member page shows %d sign-ins, want the 1 before Redis went away", got)
	}
}

// Redis may fail between the ping and the opening of the session. Here it accepts the ping and refuses the session.
func TestASignInWhoseSessionRedisRefusesLeavesNoActivity(t *testing.T) {
	address, err := url.Parse(testRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: address.Host})
	defer client.Close()
	const name, password = "aikagi-without-sessions", "only-for-this-test"
	rules := []any{"ACL", "SETUSER", name, "reset", "on", ">" + password, "~aikagi:ping*", "~aikagi:limit:*", "&*", "+@all"}
	if err := client.Do(t.Context(), rules...).Err(); err != nil {
		t.Fatal(err)
	}
	defer client.Do(t.Context(), "ACL", "DELUSER", name)
	address.User = url.UserPassword(name, password)
	s := newSite(t, testkit.MySQL(t), "AIKAGI_REDIS="+address.String())
	b := s.browser()
	b.want(503, "POST", "/api/session", "login_id", taro, "password", oldPassword)
	if got := s.signIns(); got != 0 {
		t.Errorf("the member page shows %d sign-ins, want none", got)
	}
	if _, signedIn := b.cookies["__Host-session"]; signedIn {
		t.Error("the browser got a session")
	}
}
