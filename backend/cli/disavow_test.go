package cli

import (
	"regexp"
	"strings"
	"testing"

	"aikagi/backend/testkit/sink"
)

var disavowLink = regexp.MustCompile(`\nhttps://support\.example\.jp(/disavow\?lang=ja)#([A-Za-z0-9_-]+)\r?\n`)

// disavowal returns the path of the link in a notice, and the token in its fragment.
func disavowal(t *testing.T, notice sink.Letter) (path, token string) {
	t.Helper()
	found := disavowLink.FindStringSubmatch(notice.Text)
	if found == nil {
		t.Fatalf("no link to disavow in the notice:\n%s", notice.Text)
	}
	return found[1], found[2]
}

// disavow sends the token, as the button of the page does, and wants 204.
func (b *browser) disavow(token string) {
	b.t.Helper()
	b.want(204, "POST", "/api/disavowals", "token", token)
}

func (b *browser) wantDisavowalEnded(token string) {
	b.t.Helper()
	if got := b.want(410, "POST", "/api/disavowals", "token", token).json(b.t); got["code"] != "disavowal_ended" {
		b.t.Errorf("got %v, want disavowal_ended", got)
	}
}

// signIn opens a session in a new browser.
func (s *site) signIn(password string) *browser {
	s.t.Helper()
	b := s.browser()
	b.want(200, "POST", "/api/session", "login_id", taro, "password", password)
	return b
}

// changeOnThePage changes the password on the member page and returns the token of the notice, which is the n-th letter.
func (b *browser) changeOnThePage(from, to string, n int) (token string) {
	b.t.Helper()
	b.want(204, "PUT", "/api/member/password", "current_password", from, "new_password", to)
	_, token = disavowal(b.t, b.letters(n)[0])
	return token
}

func TestPressingTheButtonOfTheNoticeVoidsThePasswordAndOpeningItsLinkDoesNot(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		thief := s.browser()
		path := thief.ask(taro, taroAddress)
		thief.want(200, "POST", path+"/redemption", "temporary_password", temporaryPassword(t, s.letters(1)[0]))
		thief.want(204, "PUT", path+"/password", "new_password", newPassword)
		link, token := disavowal(t, s.letters(2)[0])
		thief.want(200, "POST", "/api/session", "login_id", taro, "password", newPassword)

		scanner := s.browser()
		for _, method := range []string{"GET", "HEAD"} {
			scanner.call(method, link)
			scanner.call(method, link+"&token="+token)
			scanner.want(405, method, "/api/disavowals")
		}
		thief.want(200, "GET", "/api/member")
		if got := s.shown(taro); strings.Contains(got, "disavowed") || strings.Contains(got, "void since") {
			t.Errorf("opening the link did something:\n%s", got)
		}

		s.browser().disavow(token)
		thief.want(401, "GET", "/api/member")
		thief.want(401, "POST", "/api/session", "login_id", taro, "password", newPassword)
		thief.want(401, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		s.browser().wantDisavowalEnded(token)
		s.browser().wantDisavowalEnded("nobody's")
		got := s.shown(taro)
		if strings.Count(got, "disavowed            by member  device ") != 1 || !strings.Contains(got, "void since") {
			t.Errorf("got the timeline\n%s, want one disavowal by the member, and the void", got)
		}
	})
}

func TestADisavowalEndsAnOpenGrant(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		token := s.signIn(oldPassword).changeOnThePage(oldPassword, newPassword, 1)
		b := s.browser()
		path := b.ask(taro, taroAddress)
		b.want(200, "POST", path+"/redemption", "temporary_password", temporaryPassword(t, s.letters(2)[0]))
		s.browser().disavow(token)
		if got := b.want(401, "PUT", path+"/password", "new_password", "Third-pass5").json(t); got["code"] != "grant_missing" {
			t.Errorf("got %v, want grant_missing", got)
		}
	})
}

func TestADisavowalEndsALiveTemporaryPassword(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		token := s.signIn(oldPassword).changeOnThePage(oldPassword, newPassword, 1)
		b := s.browser()
		path := b.ask(taro, taroAddress)
		secret := temporaryPassword(t, s.letters(2)[0])
		s.browser().disavow(token)
		if got := b.want(410, "POST", path+"/redemption", "temporary_password", secret).json(t); got["reason"] != "expired" {
			t.Errorf("got %v, want expired", got)
		}
	})
}

func TestOnlyTheNewestNoticeCanBeDisavowedAndRecoveryLiftsTheVoid(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		thief := s.signIn(oldPassword)
		first := thief.changeOnThePage(oldPassword, newPassword, 1)
		second := thief.changeOnThePage(newPassword, "Third-pass5", 2)
		s.browser().wantDisavowalEnded(first)
		thief.want(200, "GET", "/api/member")
		s.browser().disavow(second)
		thief.want(401, "GET", "/api/member")

		b := s.browser()
		path := b.ask(taro, taroAddress)
		b.want(200, "POST", path+"/redemption", "temporary_password", temporaryPassword(t, s.letters(3)[0]))
		b.want(204, "PUT", path+"/password", "new_password", "Fourth-pass3")
		s.letters(4)
		s.browser().wantDisavowalEnded(second)
		s.signIn("Fourth-pass3").want(200, "GET", "/api/member")
		if got := s.shown(taro); strings.Contains(got, "void since") {
			t.Errorf("got the timeline\n%s, want no void", got)
		}
	})
}

func TestDisavowalsAreLimitedByClient(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		for range 60 {
			b.wantDisavowalEnded("nobody's")
		}
		wantTooMany(t, b.call("POST", "/api/disavowals", "token", "nobody's"))
	})
}

// An attacker who makes the help desk register another address gets every later letter. Only the former mailbox can warn.
func TestTheFormerMailboxGetsANoticeOfANewAddressAndCanVoidThePassword(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		const thief = "thief@xxx.mm-m.ne.jp"
		s.command("members", "set-mail", taro, thief)
		tokens := make(map[string]string)
		for _, notice := range s.letters(2) {
			_, tokens[notice.To[0]] = disavowal(t, notice)
			if strings.Contains(notice.Text+notice.HTML, thief) || notice.To[0] == taroAddress && strings.Contains(notice.Raw, thief) {
				t.Errorf("got the new address in full in the letter to %v:\n%s", notice.To, notice.Raw)
			}
		}
		if tokens[taroAddress] == "" || tokens[thief] == "" || len(tokens) != 2 {
			t.Fatalf("got letters to %v, want one to the former and one to the new address", tokens)
		}
		s.settled()
		got := s.shown(taro)
		for _, kind := range []string{"former_address", "new_address"} {
			if !strings.Contains(got, "  "+kind+"  accepted") {
				t.Errorf("got the timeline\n%s, want the letter %s", got, kind)
			}
		}

		session := s.signIn(oldPassword)
		s.browser().disavow(tokens[taroAddress])
		session.want(401, "GET", "/api/member")
		session.want(401, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		s.browser().wantDisavowalEnded(tokens[thief])
	})
}
