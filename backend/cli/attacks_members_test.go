package cli

import (
	"fmt"
	"net/http"
	"testing"

	"aikagi/backend/member"
	"aikagi/backend/testkit/sink"
)

// phpMyFAQ: a request for recovery replaced the password at once.
func TestCVE_2026_35675_AskingForRecoveryReplacesNoPassword(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		signedIn := s.browser()
		signedIn.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		stranger := s.browser()
		path := stranger.ask(taro, taroAddress)
		s.letters(1)
		stranger.want(202, "POST", path+"/letter")
		s.settled()
		signedIn.want(200, "GET", "/api/member")
		s.browser().want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		stranger.want(200, "POST", path+"/redemption", "temporary_password", temporaryPassword(t, s.letters(1)[0]))
		signedIn.want(200, "GET", "/api/member")
		s.wantUnchanged(taro, 1)
	})
}

// Kirki: a request with the name of one member and the address of another sent mail to the other one.
func TestCVE_2026_8206_OnesLoginIDWithAnothersAddressMailsNeither(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		s.add(jiro, jiroAddress)
		s.browser().ask(taro, jiroAddress)
		s.browser().ask(jiro, taroAddress)
		s.wantUnchanged(taro, 0)
		s.wantUnchanged(jiro, 0)
	})
}

// Django, GitHub, and Directus (CVE-2024-27295): a look-alike address matched the member's, and the mail went to it.
func TestCVE_2019_19844_ALookAlikeAddressIsMailedNothing(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		s.add("mike", "mike@strasse.example.jp")
		for _, address := range []string{
			"mıke@strasse.example.jp", "mike@straße.example.jp", "mïke@strasse.example.jp", "mike@strasse.example.jp.",
			"ｍike@ｓtrasse.example.jр", "Mİke@strasse.example.jp", "mike+x@strasse.example.jp",
		} {
			got := s.browser().call("POST", "/api/recoveries", "login_id", "mike", "mail_address", address)
			if got.status != http.StatusAccepted && got.status != http.StatusUnprocessableEntity {
				t.Errorf("%q: got %d %s", address, got.status, got.body)
			}
		}
		s.settled()
		if got := s.mails.Letters(); len(got) != 0 {
			t.Errorf("got %d letters, the first to %v; want none", len(got), got[0].To)
		}
		s.browser().ask("mike", "ＭＩＫＥ@strasse.example.jp")
		if got := s.letters(1)[0].To; len(got) != 1 || got[0] != "mike@strasse.example.jp" {
			t.Errorf("the letter went to %q, want to the address in the database", got)
		}
	})
}

// Shopware: a token was valid after the change of the address that it was mailed to.
func TestGHSA_2w46_vq8h_98vh_ANewAddressOrASuspensionEndsWhatWasMailed(t *testing.T) {
	t.Parallel()
	for name, command := range map[string][]string{
		"a new address": {"members", "set-mail", taro, "new@xxx.mm-m.ne.jp"},
		"a suspension":  {"members", "suspend", taro},
		"a void":        {"members", "void", taro},
	} {
		t.Run(name, func(t *testing.T) {
			onBothSites(t, func(t *testing.T, s *site) {
				s.add(jiro, jiroAddress)
				signedIn := s.browser()
				signedIn.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
				waiting := s.browser()
				path := waiting.ask(taro, taroAddress)
				secret := temporaryPassword(t, s.letters(1)[0])
				s.command(command...)
				s.settled() // after a new address: a notice to both addresses
				signedIn.want(401, "GET", "/api/member")
				if got := waiting.want(410, "POST", path+"/redemption", "temporary_password", secret).json(t)["reason"]; got != "expired" {
					t.Errorf("got the reason %v, want expired", got)
				}

				granted, path, _ := s.redeemed(jiro, jiroAddress)
				s.command(replaced(command, taro, jiro)...)
				granted.want(401, "PUT", path+"/password", "new_password", newPassword)
				s.browser().want(401, "POST", "/api/session", "login_id", jiro, "password", newPassword)
			})
		})
	}
}

// replaced returns the words with one word replaced.
func replaced(words []string, old, other string) []string {
	all := make([]string, len(words))
	for i, word := range words {
		if all[i] = word; word == old {
			all[i] = other
		}
	}
	return all
}

// Vikunja: a reset made a disabled account active again.
func TestCVE_2026_33316_NoRecoveryReactivatesASuspendedMember(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		path := b.ask(suspended, sleeping)
		s.settled()
		if got := len(s.mails.Letters()); got != 0 {
			t.Errorf("got %d letters, want none", got)
		}
		b.want(401, "PUT", path+"/password", "new_password", newPassword)
		granted, path, _ := s.redeemed(taro, taroAddress)
		s.command("members", "suspend", taro)
		granted.want(401, "PUT", path+"/password", "new_password", newPassword)
		for _, id := range []member.LoginID{suspended, taro} {
			if got := s.member(id).Status; got != member.Suspended {
				t.Errorf("%s is %s, want suspended", id, got)
			}
			s.browser().want(401, "POST", "/api/session", "login_id", string(id), "password", oldPassword)
			s.browser().want(401, "POST", "/api/session", "login_id", string(id), "password", newPassword)
		}
	})
}

// authentik: the link of one member could set the password of another.
func TestCVE_2023_26481_AGrantOfOneMemberSetsNoOthersPassword(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		s.add(jiro, jiroAddress)
		own, ownPath, secret := s.redeemed(taro, taroAddress)
		other := s.browser()
		otherPath := other.ask(jiro, jiroAddress)
		others := temporaryPassword(t, s.letters(2)[0])
		own.want(422, "POST", otherPath+"/redemption", "temporary_password", secret)
		own.want(401, "PUT", otherPath+"/password", "new_password", newPassword)
		other.want(200, "POST", otherPath+"/redemption", "temporary_password", others)
		own.want(401, "PUT", otherPath+"/password", "new_password", newPassword)
		for _, naming := range []string{"login_id", "member_id", "id", "user_id", "recovery"} {
			got := own.call("PUT", ownPath+"/password", "new_password", newPassword, naming, jiro)
			if got.status != http.StatusBadRequest {
				t.Errorf("naming a member by %s: got %d %s, want 400", naming, got.status, got.body)
			}
		}
		s.wantUnchanged(jiro, 2)
		s.wantUnchanged(taro, 2)
		own.want(204, "PUT", ownPath+"/password?login_id="+jiro, "new_password", newPassword)
		s.wantUnchanged(jiro, 3)
	})
}

// Contao, and Pocket ID (CVE-2026-43983): browsers stayed signed in after the reset.
func TestCVE_2019_10641_EverySessionEndsWithThePassword(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		sessions := make([]*browser, 3)
		for i := range sessions {
			sessions[i] = s.browser()
			sessions[i].want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
			sessions[i].want(200, "GET", "/api/session")
		}
		b, path, _ := s.redeemed(taro, taroAddress)
		b.want(204, "PUT", path+"/password", "new_password", newPassword)
		b.want(401, "GET", "/api/session")
		for i, session := range sessions {
			for _, call := range []string{"GET /api/session", "GET /api/member", "PUT /api/member/password"} {
				var method, path string
				if _, err := fmt.Sscan(call, &method, &path); err != nil {
					t.Fatal(err)
				}
				var members []string
				if method == "PUT" {
					members = []string{"current_password", newPassword, "new_password", "Third-pass5"}
				}
				if got := session.call(method, path, members...); got.status != http.StatusUnauthorized {
					t.Errorf("session %d: %s got %d, want 401", i, call, got.status)
				}
			}
		}
	})
}

// Grafana, and Zitadel (CVE-2023-44399, CVE-2024-41952): the answer showed who is a member, and what became of the request.
func TestCVE_2022_39307_ARequestIsAnsweredTheSameInEverySituation(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		plights := []func(){
			func() {}, // the first request
			s.settled, // a letter went out less than a minute ago
			func() { s.mails.SetMode(sink.Mode{Refuse: 451}) }, // the mail server refuses
			func() { _ = s.mails.Close() },                     // the mail server is away
		}
		var first string
		for n, arrange := range plights {
			arrange()
			for name, typed := range asks {
				got := s.browser().want(202, "POST", "/api/recoveries", "login_id", typed[0], "mail_address", typed[1])
				text := masked(t, got, typed[0])
				if first == "" {
					first = text
				}
				if text != first {
					t.Errorf("plight %d, %s: got\n%s\nwant\n%s", n, name, text, first)
				}
			}
		}
	})
}
