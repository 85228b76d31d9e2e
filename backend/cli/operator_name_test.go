package cli

import (
	"strings"
	"testing"
)

// The member page says that the help desk made a change. Only operators see the name and the reason.
func TestTheMemberPageShowsNeitherTheOperatorsNameNorTheReason(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		for _, command := range []string{"suspend", "resume", "cancel", "resume"} {
			s.command("members", command, taro, "--by", "Hanako Yamada", "--reason", "unpaid since May")
		}
		b := s.browser()
		b.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		answer := b.want(200, "GET", "/api/member")
		for _, hidden := range []string{"Hanako", "unpaid", "author", "reason", "operator"} {
			if strings.Contains(answer.body, hidden) {
				t.Errorf("%q is in %s", hidden, answer.body)
			}
		}
		for _, kind := range []string{`"suspended"`, `"cancelled"`, `"resumed"`} {
			if !strings.Contains(answer.body, `"kind":`+kind+`,"device":""`) {
				t.Errorf("want a %s by nobody's device in %s", kind, answer.body)
			}
		}
		if printed := s.shown(taro); strings.Count(printed, "by operator Hanako Yamada  reason: unpaid since May") != 4 {
			t.Errorf("got\n%s", printed)
		}
	})
}
