package cli

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Keycloak: a marker of one step let another step skip the proof of the mailbox.
func TestCVE_2026_18963_NoOrderOfTheCallsSkipsAStep(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		_, foreign, _ := s.redeemed(taro, taroAddress)
		steps := map[string]func(b *browser, path string) answer{
			"again": func(b *browser, path string) answer { return b.call("POST", path+"/letter") },
			"wrong": func(b *browser, path string) answer {
				return b.call("POST", path+"/redemption", "temporary_password", "wrong")
			},
			"set": func(b *browser, path string) answer {
				return b.call("PUT", path+"/password", "new_password", newPassword)
			},
			"change": func(b *browser, _ string) answer {
				return b.call("PUT", "/api/member/password", "current_password", oldPassword, "new_password", newPassword)
			},
			"foreign": func(b *browser, _ string) answer {
				return b.call("PUT", foreign+"/password", "new_password", newPassword)
			},
		}
		names := []string{"again", "wrong", "set", "change", "foreign"}
		orders := 0
		permute(names, func(order []string) {
			orders++
			b := s.browser()
			b.cookies["__Host-grant"], b.cookies["__Host-session"] = "MADEUP", "MADEUPMADEUPMADEUPMADEUPMA"
			path := b.ask(jiro, jiroAddress)
			for _, name := range order {
				got := steps[name](b, path)
				if name != "again" && got.status < http.StatusBadRequest {
					t.Fatalf("%v: %s got %d %s, want a refusal", order, name, got.status, got.body)
				}
			}
		})
		if orders != 120 {
			t.Errorf("%d orders were tried, want all 120", orders)
		}
		s.settled()
		s.browser().want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
	}, "AIKAGI_RATE_LIMITS=off")
}

// permute calls try with every permutation of the names (Heap's algorithm).
func permute(names []string, try func([]string)) {
	var of func(n int)
	of = func(n int) {
		if n == 1 {
			try(names)
			return
		}
		for i := range n {
			of(n - 1)
			other := i
			if n%2 == 1 {
				other = 0
			}
			names[other], names[n-1] = names[n-1], names[other]
		}
	}
	of(len(names))
}

// Keycloak: a token could be used a second time for another action.
func TestCVE_2026_37982_NothingCanBeUsedTwice(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		other := s.browser()
		otherPath := other.ask(taro, taroAddress)
		secret := temporaryPassword(t, s.letters(1)[0])
		s.settled()
		b := s.browser()
		path := b.ask(taro, taroAddress)
		s.resolved()
		b.want(200, "POST", path+"/redemption", "temporary_password", secret)
		for _, again := range []string{path, otherPath} {
			if got := other.want(410, "POST", again+"/redemption", "temporary_password", secret).json(t)["reason"]; got != "used" {
				t.Errorf("got the reason %v, want used", got)
			}
		}
		if got := other.cookies["__Host-grant"]; got != "" {
			t.Error("a second use opened a grant")
		}
		b.want(204, "PUT", path+"/password", "new_password", newPassword)
		b.want(401, "PUT", path+"/password", "new_password", "Third-pass5")
		b.want(410, "POST", path+"/redemption", "temporary_password", secret)
		b.want(401, "PUT", otherPath+"/password", "new_password", "Third-pass5")
		if got := s.member(taro).PasswordVersion; got != 2 {
			t.Errorf("got the password version %d, want 2: one change", got)
		}
	})
}

// Keycloak, and Zitadel (CVE-2023-47111): parallel guesses passed a limit that was counted after the comparison.
func TestCVE_2024_4629_ParallelGuessesAreCounted(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		path := s.browser().ask(taro, taroAddress)
		secret := temporaryPassword(t, s.letters(1)[0])
		var judged, ended atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			b := s.browser()
			all.Go(func() {
				for range 10 {
					switch got := b.call("POST", path+"/redemption", "temporary_password", "wrongguess"); got.status {
					case http.StatusUnprocessableEntity:
						judged.Add(1)
					case http.StatusGone:
						ended.Add(1)
					default:
						t.Errorf("got %d %s", got.status, got.body)
					}
				}
			})
		}
		all.Wait()
		if judged.Load() != recovery.MaxGuesses || ended.Load() != 200-recovery.MaxGuesses {
			t.Errorf("%d were judged and %d turned away, want %d and the rest", judged.Load(), ended.Load(), recovery.MaxGuesses)
		}
		got := s.browser().want(410, "POST", path+"/redemption", "temporary_password", secret).json(t)["reason"]
		if got != "guesses" {
			t.Errorf("the right one after them got the reason %v, want guesses", got)
		}
	}, "AIKAGI_RATE_LIMITS=off")
}

// Vikunja: the count was rolled back together with the request.
func TestCVE_2026_35597_ACountedGuessIsSeenFromEverywhere(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		path := b.ask(taro, taroAddress)
		s.settled()
		elsewhere := s.openAgain()
		for n := 1; n <= recovery.MaxGuesses; n++ {
			b.want(422, "POST", path+"/redemption", "temporary_password", "wrong")
			asks, err := elsewhere.Members().Asks(t.Context(), member.LoginID(taro), "", 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, ask := range asks {
				if "/api/recoveries/"+string(ask.ID) == path && ask.Guesses != n {
					t.Errorf("another connection sees %d guesses, want %d", ask.Guesses, n)
				}
			}
		}
		s.stop()
		s.start()
		b.want(410, "POST", path+"/redemption", "temporary_password", "wrong")
	})
}

// authentik: an invalid client address switched the limit off.
func TestCVE_2024_47070_AnInvalidAddressIsLimitedToo(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		for n := range 30 {
			b.extra = http.Header{"X-Forwarded-For": {[]string{"a", "", ",,", "256.1.1.1", "::ffff:x"}[n%5]}}
			b.want(202, "POST", "/api/recoveries", "login_id", "nobody", "mail_address", taroAddress)
		}
		b.extra = http.Header{"X-Forwarded-For": {"b"}}
		wantTooMany(t, b.call("POST", "/api/recoveries", "login_id", "nobody", "mail_address", taroAddress))
	}, "AIKAGI_TRUSTED_PROXIES=127.0.0.0/8")
}
