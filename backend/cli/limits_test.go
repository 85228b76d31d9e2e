package cli

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"aikagi/backend/recovery"
	"aikagi/backend/throttle"
)

func wantTooMany(t *testing.T, got answer) {
	t.Helper()
	seconds, err := strconv.Atoi(got.header.Get("Retry-After"))
	if got.status != http.StatusTooManyRequests || got.json(t)["code"] != "too_many_attempts" || err != nil || seconds < 1 {
		t.Errorf("got %d %s, Retry-After %q; want 429 too_many_attempts and a wait", got.status, got.body, got.header.Get("Retry-After"))
	}
}

// supabase/auth#2398: only requests that named a member were limited.
func TestRequestsAreLimitedByClientWhomeverTheyName(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		for n := range 30 {
			b.want(202, "POST", "/api/recoveries", "login_id", fmt.Sprintf("nobody%d", n), "mail_address", taroAddress)
		}
		wantTooMany(t, b.call("POST", "/api/recoveries", "login_id", taro, "mail_address", taroAddress))
		wantTooMany(t, b.call("POST", "/api/recoveries", "login_id", "nobody", "mail_address", taroAddress))
	})
}

// CVE-2025-24806: john and John had two buckets.
func TestSignInsAreLimitedByLoginIDInEverySpellingAndForUnknownIDsToo(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		for _, spellings := range [][]string{
			{taro, "TARO1234", "ｔａｒｏ1234", " taro1234 ", "taro1234@wakwak.com"},
			{"nobody", "NOBODY", "ｎｏｂｏｄｙ", " nobody ", "nobody@wakwak.com"},
		} {
			for n := range throttle.SignInsByLoginID[0].Burst {
				b.want(401, "POST", "/api/session", "login_id", spellings[n%len(spellings)], "password", newPassword)
			}
			wantTooMany(t, b.call("POST", "/api/session", "login_id", spellings[0], "password", newPassword))
		}
	})
}

// keycloak#16574, #45388: strangers could lock members out.
func TestStrangersDoNotKeepAMemberOutOfABrowserThatTheMemberUsed(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		own, stranger := s.browser(), s.browser()
		own.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword) // its try was one of the shared ones
		for range throttle.SignInsByLoginID[0].Burst - 1 {
			stranger.want(401, "POST", "/api/session", "login_id", taro, "password", newPassword)
		}
		wantTooMany(t, stranger.call("POST", "/api/session", "login_id", taro, "password", oldPassword))
		own.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)

		// A new browser of the member signs in after a recovery, throttled or not.
		fresh := s.browser()
		wantTooMany(t, fresh.call("POST", "/api/session", "login_id", taro, "password", oldPassword))
		path := fresh.ask(taro, taroAddress)
		fresh.want(200, "POST", path+"/redemption", "temporary_password", temporaryPassword(t, s.letters(1)[0]))
		fresh.want(204, "PUT", path+"/password", "new_password", newPassword)
		fresh.want(200, "POST", "/api/session", "login_id", taro, "password", newPassword)
	})
}

// A stranger can count how many tries a login ID has left. If a member's successful sign-in returned tries, the count would
// show that a member has the login ID, and when the member signs in.
func TestNothingThatAMemberDoesReturnsTheTriesOfUnmarkedBrowsers(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		stranger, nobodys := s.browser(), s.browser()
		for range throttle.SignInsByLoginID[0].Burst - 1 {
			stranger.want(401, "POST", "/api/session", "login_id", taro, "password", newPassword)
			nobodys.want(401, "POST", "/api/session", "login_id", "nobody", "password", newPassword)
		}
		wantUsedUp := func(call string) {
			t.Helper()
			for id, b := range map[string]*browser{taro: stranger, "nobody": nobodys} {
				if got := b.call("POST", "/api/session", "login_id", id, "password", newPassword); got.status != 429 {
					t.Errorf("after %s a stranger to %s gets %d %s, want 429", call, id, got.status, got.body)
				}
			}
		}
		own := s.browser()
		own.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		nobodys.want(401, "POST", "/api/session", "login_id", "nobody", "password", oldPassword)
		wantUsedUp("a sign-in without a mark")

		withoutMark := s.browser()
		withoutMark.cookies["__Host-session"] = own.cookies["__Host-session"]
		wantTooMany(t, withoutMark.call("PUT", "/api/member/password", "current_password", oldPassword, "new_password", "x"))

		own.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		wantUsedUp("a sign-in with a mark")
		own.want(422, "PUT", "/api/member/password", "current_password", oldPassword, "new_password", "x")
		wantUsedUp("a right current password")
		b := s.browser()
		path := b.ask(taro, taroAddress)
		b.want(200, "POST", path+"/redemption", "temporary_password", temporaryPassword(t, s.letters(1)[0]))
		wantUsedUp("a redemption")
		b.want(204, "PUT", path+"/password", "new_password", "Third-pass5")
		b.want(200, "POST", "/api/session", "login_id", taro, "password", "Third-pass5")
		wantUsedUp("a new password")
	})
}

func TestASuccessfulSignInReturnsTheTriesOfAMarkedBrowser(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		b.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		for range 3 {
			for n := range throttle.SignInsByLoginID[0].Burst - 1 {
				if n%2 == 0 {
					b.want(401, "POST", "/api/session", "login_id", taro, "password", "Wrong-one1")
					continue
				}
				b.want(403, "PUT", "/api/member/password", "current_password", "Wrong-one1", "new_password", newPassword)
			}
			b.want(422, "PUT", "/api/member/password", "current_password", oldPassword, "new_password", "x")
		}
	})
}

// SPEC 3: a mark is valid under every key of the ring, so that a rotation of keys locks no member out.
func TestAMarkIsValidAfterARotationOfKeys(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		own, stranger := s.browser(), s.browser()
		own.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		next, err := recovery.GenerateKey("next")
		if err != nil {
			t.Fatal(err)
		}
		s.stop()
		for i, line := range s.environ {
			if keys, is := strings.CutPrefix(line, "AIKAGI_KEYS="); is {
				s.environ[i] = "AIKAGI_KEYS=" + next.Reveal() + "," + keys
			}
		}
		s.start()
		for range throttle.SignInsByLoginID[0].Burst {
			stranger.call("POST", "/api/session", "login_id", taro, "password", newPassword)
		}
		wantTooMany(t, stranger.call("POST", "/api/session", "login_id", taro, "password", oldPassword))
		own.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
	})
}

func TestAWrongCurrentPasswordCountsAsAFailedSignIn(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		b.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		for range throttle.SignInsByLoginID[0].Burst {
			b.want(403, "PUT", "/api/member/password", "current_password", "Wrong-one1", "new_password", newPassword)
		}
		wantTooMany(t, b.call("PUT", "/api/member/password", "current_password", oldPassword, "new_password", newPassword))
	})
}

// CVE-2025-66482: a forged X-Forwarded-For gave a new bucket to every request.
func TestAForgedHeaderGivesNoNewBucket(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		for n := range 30 {
			b := s.browser()
			b.extra = http.Header{"X-Forwarded-For": {fmt.Sprintf("192.0.2.%d", n)}, "X-Real-Ip": {fmt.Sprintf("192.0.2.%d", n)}}
			b.want(202, "POST", "/api/recoveries", "login_id", "nobody", "mail_address", taroAddress)
		}
		b := s.browser()
		b.extra = http.Header{"X-Forwarded-For": {"192.0.2.99"}, "Forwarded": {"for=192.0.2.99"}}
		wantTooMany(t, b.call("POST", "/api/recoveries", "login_id", "nobody", "mail_address", taroAddress))
	})
}

// authentik#2894: "send again" had no limit.
func TestARecoveryIsLimitedFromManyAddressesToo(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		many := func(n int) *browser {
			b := s.browser()
			b.extra = http.Header{"X-Forwarded-For": {fmt.Sprintf("192.0.2.%d", n)}}
			return b
		}
		asked, decoy := many(0).ask(taro, taroAddress), many(0).ask("nobody", taroAddress)
		for _, path := range []string{asked, decoy} {
			for n := range throttle.LettersByRecovery.Burst {
				many(n).want(202, "POST", path+"/letter")
			}
			wantTooMany(t, many(200).call("POST", path+"/letter"))
			for n := range throttle.RedemptionsByRecovery.Burst {
				if got := many(n).call("POST", path+"/redemption", "temporary_password", "wrong"); got.status != 422 && got.status != 410 {
					t.Fatalf("got %d %s", got.status, got.body)
				}
			}
			wantTooMany(t, many(200).call("POST", path+"/redemption", "temporary_password", "wrong"))
		}
		many(200).ask(taro, taroAddress) // the limit is for each recovery
	}, "AIKAGI_TRUSTED_PROXIES=127.0.0.1")
}
