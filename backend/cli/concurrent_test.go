package cli

import (
	"fmt"
	"sync"
	"testing"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// atOnce makes calls concurrently, spread over the servers, and counts the answers by their status and word.
func atOnce(servers []*site, calls int, call func(b *browser, n int) answer) map[string]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	answers := make(map[string]int)
	start := make(chan struct{})
	for n := range calls {
		b := servers[n%len(servers)].browser()
		all.Go(func() {
			<-start
			told := hearing(b.t, call(b, n))
			mu.Lock()
			defer mu.Unlock()
			answers[fmt.Sprint(told.status, " ", told.word)]++
		})
	}
	close(start)
	all.Wait()
	return answers
}

// Answers, as atOnce counts them.
const (
	judgedWrong = "422 temporary_password_wrong"
	beyondCap   = "410 guesses"
	redeemed    = "200 redeemed"
)

// guess makes a right or a wrong guess.
func (r *round) guess(b *browser, isRight bool) answer {
	typed := "Wrong2345"
	if isRight {
		typed = r.secret
	}
	return b.call("POST", r.paths[0]+"/redemption", "temporary_password", typed)
}

func (r *round) guessesLeft() int {
	b := r.browser(0)
	return hearing(b.t, b.want(200, "GET", r.paths[0])).left
}

// CVE-2024-4629 and CVE-2023-47111, on one server and on two.
func Test200ParallelWrongGuessesBesideTheRightOneNeverPassTheCap(t *testing.T) {
	t.Parallel()
	const crowd = 200
	onOneAndTwoServers(t, func(t *testing.T, servers []*site) {
		servers[0].numbered(1)
		r := newRound(servers, 0)
		got := atOnce(servers, crowd+1, func(b *browser, n int) answer { return r.guess(b, n == crowd/2) })
		if got[judgedWrong] > recovery.MaxGuesses || got[judgedWrong]+got[beyondCap]+got[redeemed] != crowd+1 || got[redeemed] > 1 {
			t.Errorf("got %v, want at most %d judged, and all others refused, except the right one", got, recovery.MaxGuesses)
		}
		if left := r.guessesLeft(); left != recovery.MaxGuesses-got[judgedWrong] {
			t.Errorf("%d guesses are left after %d were judged wrong", left, got[judgedWrong])
		}
		// No guess was made at the letter's own recovery. There the temporary password is still valid, unless it was used.
		last := servers[0].browser().call("POST", r.paths[1]+"/redemption", "temporary_password", r.secret)
		if told := hearing(t, last); got[redeemed] == 1 && told.word != "used" || got[redeemed] == 0 && told.status != 200 {
			t.Errorf("the letter's own recovery: got %+v after %v", told, got)
		}
	})
}

func TestFewerWrongGuessesThanTheCapNeverRefuseAConcurrentRightOne(t *testing.T) {
	onOneAndTwoServers(t, func(t *testing.T, servers []*site) {
		n := rounds(t, 10)
		servers[0].numbered(n)
		for i := range n {
			r := newRound(servers, i)
			got := atOnce(servers, recovery.MaxGuesses, func(b *browser, n int) answer { return r.guess(b, n == i%recovery.MaxGuesses) })
			if got[redeemed] != 1 || got[judgedWrong] != recovery.MaxGuesses-1 || r.guessesLeft() != 1 {
				t.Errorf("round %d: got %v and %d guesses left, want the right one to win, and one left", i, got, r.guessesLeft())
			}
		}
	})
}

func TestManyConcurrentRequestsForOneMemberSendOneLetter(t *testing.T) {
	const crowd = 48
	onOneAndTwoServers(t, func(t *testing.T, servers []*site) {
		s := servers[0]
		s.numbered(1)
		got := atOnce(servers, crowd, func(b *browser, _ int) answer {
			return b.call("POST", "/api/recoveries", "login_id", roundMember(0), "mail_address", roundAddress(0))
		})
		if got["202 "] != crowd {
			t.Errorf("got %v, want all %d accepted", got, crowd)
		}
		s.settled()
		letters := s.mails.Letters()
		if len(letters) != 1 {
			t.Fatalf("got %d letters, want 1", len(letters))
		}
		asks, err := s.server.store.Members().Asks(t.Context(), member.LoginID(roundMember(0)), "", crowd+1)
		if err != nil || len(asks) != crowd {
			t.Fatalf("got %d asks, %v; want %d", len(asks), err, crowd)
		}
		for _, ask := range asks {
			if ask.IssuanceID != asks[0].IssuanceID || ask.Outcome != recovery.LetterSent && ask.Outcome != recovery.TooSoon {
				t.Errorf("an ask came to %q and leads to %s, want all to lead to %s", ask.Outcome, ask.IssuanceID, asks[0].IssuanceID)
			}
		}
		last := "/api/recoveries/" + string(asks[crowd-1].ID)
		servers[len(servers)-1].browser().want(200, "POST", last+"/redemption", "temporary_password", letters[0].TemporaryPassword())
	})
}

func TestOfConcurrentPasswordsWithOneGrantTenAreCheckedAndOneIsSet(t *testing.T) {
	t.Parallel()
	const crowd = 14
	onOneAndTwoServers(t, func(t *testing.T, servers []*site) {
		servers[0].numbered(3)
		// try redeems, and then concurrently sends good and bad passwords with the grant.
		try := func(n, good, bad int) (*round, *browser, map[string]int) {
			r := newRound(servers, n)
			winner := r.browser(0)
			winner.want(200, "POST", r.paths[1]+"/redemption", "temporary_password", r.secret)
			return r, winner, atOnce(servers, good+bad, func(b *browser, n int) answer {
				b.cookies["__Host-grant"] = winner.cookies["__Host-grant"]
				wanted := "short"
				if n < good {
					wanted = fmt.Sprintf("New-pass%03d", n)
				}
				return b.call("PUT", r.paths[1]+"/password", "new_password", wanted)
			})
		}
		version := func(n int) int64 { return servers[0].member(member.LoginID(roundMember(n))).PasswordVersion }

		if _, _, got := try(0, 0, crowd); got["422 password_rejected"] != recovery.MaxGrantTries || got["401 grant_missing"] != crowd-recovery.MaxGrantTries {
			t.Errorf("of %d bad ones: got %v, want %d judged and the rest without a grant", crowd, got, recovery.MaxGrantTries)
		}
		if got := version(0); got != 1 {
			t.Errorf("bad ones: got the password version %d, want 1", got)
		}
		_, _, got := try(1, crowd, 0)
		if got["204 "] != 1 || got["401 grant_missing"] != crowd-1 || version(1) != 2 {
			t.Errorf("of %d good ones: got %v and the password version %d, want one to be set, once", crowd, got, version(1))
		}
		r, winner, got := try(2, 0, recovery.MaxGrantTries-1)
		if got["422 password_rejected"] != recovery.MaxGrantTries-1 {
			t.Errorf("got %v, want all judged", got)
		}
		got = atOnce(servers, crowd, func(b *browser, n int) answer {
			b.cookies["__Host-grant"] = winner.cookies["__Host-grant"]
			return b.call("PUT", r.paths[1]+"/password", "new_password", fmt.Sprintf("New-pass%03d", n))
		})
		if got["204 "] != 1 || got["401 grant_missing"] != crowd-1 || version(2) != 2 {
			t.Errorf("with one try left: got %v and the password version %d, want one to be set, once", got, version(2))
		}
	})
}

// The grant and the session of the member page have the same password version. Whichever sets a password first ends the other.
func TestAGrantAndAConcurrentMemberPageSetOnePassword(t *testing.T) {
	onOneAndTwoServers(t, func(t *testing.T, servers []*site) {
		n := rounds(t, 5)
		servers[0].numbered(n)
		for i := range n {
			r := newRound(servers, i)
			tabs := []*browser{r.browser(0), r.browser(1)}
			tabs[0].want(200, "POST", r.paths[1]+"/redemption", "temporary_password", r.secret)
			tabs[1].want(200, "POST", "/api/session", "login_id", roundMember(i), "password", oldPassword)
			got := atOnce(servers, len(tabs), func(b *browser, n int) answer {
				b.cookies = tabs[n].cookies
				if n == 0 {
					return b.call("PUT", r.paths[1]+"/password", "new_password", newPassword)
				}
				return b.call("PUT", "/api/member/password", "current_password", oldPassword, "new_password", "Third-pass5")
			})
			if version := servers[0].member(member.LoginID(roundMember(i))).PasswordVersion; got["204 "] != 1 || version != 2 {
				t.Errorf("round %d: got %v and the password version %d, want one to be set, once", i, got, version)
			}
		}
	})
}
