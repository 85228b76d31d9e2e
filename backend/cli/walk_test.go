package cli

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestAMemberGetsBackInOverTheWire(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		old := s.browser()
		old.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		old.want(200, "GET", "/api/member")

		b := s.browser()
		b.want(401, "POST", "/api/session", "login_id", taro, "password", newPassword)
		path := b.ask("ＴＡＲＯ1234@wakwak.com", " Taro@xxx.mm-m.ne.jp")
		letter := s.letters(1)[0]
		if got := letter.To; len(got) != 1 || got[0] != taroAddress {
			t.Errorf("letter to %q, want to %s alone", got, taroAddress)
		}
		if strings.Contains(letter.Raw, taro) {
			t.Error("the letter holds the login ID")
		}
		b.want(422, "POST", path+"/redemption", "temporary_password", "wrong")
		redeemed := b.want(200, "POST", path+"/redemption", "temporary_password", temporaryPassword(t, letter)).json(t)
		if redeemed["state"] != "redeemed" || redeemed["guesses_left"] != 4.0 || redeemed["login_id"] != taro {
			t.Errorf("got %v", redeemed)
		}
		if b.cookies["__Host-grant"] == "" {
			t.Error("no grant cookie")
		}
		old.want(200, "GET", "/api/member")
		b.want(401, "GET", "/api/member")
		rejected := b.want(422, "PUT", path+"/password", "new_password", "short").json(t)
		if got := rejected["violations"].([]any); len(got) != 3 {
			t.Errorf("got %v, want too_short, upper_case_missing, digit_or_symbol_missing", got)
		}
		b.want(204, "PUT", path+"/password", "new_password", newPassword)
		if got := b.want(200, "GET", path).json(t)["state"]; got != "completed" {
			t.Errorf("got %v, want completed", got)
		}
		b.want(401, "PUT", path+"/password", "new_password", "Third-pass5")
		if got := s.letters(2)[0].Subject; !strings.Contains(got, "変更") {
			t.Errorf("the newest letter is %q, want the notice", got)
		}

		old.want(401, "GET", "/api/member")
		b.want(401, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		b.want(200, "POST", "/api/session", "login_id", taro, "password", newPassword)
		member := b.want(200, "GET", "/api/member").json(t)
		if member["login_id"] != taro || member["basic_mail_address"] != taroAddress || len(member["activities"].([]any)) < 3 {
			t.Errorf("got %v", member)
		}
		b.want(403, "PUT", "/api/member/password", "current_password", oldPassword, "new_password", "Third-pass5")
		b.want(204, "PUT", "/api/member/password", "current_password", newPassword, "new_password", "Third-pass5")
		b.want(200, "GET", "/api/session")
		b.want(204, "DELETE", "/api/session")
		b.want(401, "GET", "/api/session")
		s.letters(3)
	})
}

func TestOneOf64ConcurrentRedeemsWins(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		path := s.browser().ask(taro, taroAddress)
		secret := temporaryPassword(t, s.letters(1)[0])
		var won, ended atomic.Int32
		var all sync.WaitGroup
		for range 64 {
			b := s.browser()
			all.Go(func() {
				switch got := b.call("POST", path+"/redemption", "temporary_password", secret); got.status {
				case http.StatusOK:
					won.Add(1)
				case http.StatusGone:
					ended.Add(1)
				default:
					t.Errorf("got %d %s", got.status, got.body)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 || ended.Load() != 63 {
			t.Errorf("%d won and %d were told of the end, want 1 and 63", won.Load(), ended.Load())
		}
	}, "AIKAGI_RATE_LIMITS=off")
}
