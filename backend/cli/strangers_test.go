package cli

import (
	"flag"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// watch is a stranger's recovery for the member, and one for an unknown login ID. The stranger makes every call to both, in
// a random order.
type watch struct {
	loginIDs [2]string // the member's, and an unknown one of the same length
	browsers [2]*browser
	paths    [2]string
	guesses  int
}

// newWatch asks for both recoveries. Half of the strangers send a forged grant cookie.
func (l *life) newWatch(r *rapid.T) *watch {
	w := &watch{loginIDs: [2]string{string(l.id), l.nobody()}}
	address := rapid.SampledFrom([]string{string(l.address), "thief@example.com"}).Draw(r, "the nobody's address")
	madeUp := rapid.Bool().Draw(r, "a grant made up")
	for i := range w.browsers {
		w.browsers[i] = l.s.browser()
		if madeUp {
			w.browsers[i].cookies["__Host-grant"] = "MADEUPMADEUPMADEUPMADEUPMA"
		}
	}
	w.both(r, "ask", func(i int) answer {
		got := w.browsers[i].want(202, "POST", "/api/recoveries",
			"login_id", w.loginIDs[i], "mail_address", []string{string(l.address), address}[i])
		w.paths[i] = "/api/recoveries/" + got.json(l.s.t)["id"].(string)
		return got
	})
	return w
}

// both makes a call for each of the two and wants the same answer, byte by byte.
func (w *watch) both(r *rapid.T, what string, call func(i int) answer) {
	first := rapid.IntRange(0, 1).Draw(r, "first")
	var heard [2]string
	for _, i := range []int{first, 1 - first} {
		heard[i] = masked(w.browsers[i].t, call(i), w.loginIDs[i])
	}
	if heard[0] != heard[1] {
		r.Fatalf("%s: a stranger for the member gets\n%s\nand a stranger for the unknown login ID\n%s", what, heard[0], heard[1])
	}
}

func (w *watch) look(r *rapid.T) {
	w.both(r, "look", func(i int) answer { return w.browsers[i].call("GET", w.paths[i]) })
}

// tryAll makes every call that a stranger can make.
func (w *watch) tryAll(r *rapid.T) {
	w.look(r)
	w.both(r, "set a password without a grant", func(i int) answer {
		return w.browsers[i].call("PUT", w.paths[i]+"/password", "new_password", "Thief-pass1")
	})
	w.both(r, "ask for the letter again", func(i int) answer { return w.browsers[i].call("POST", w.paths[i]+"/letter") })
	w.both(r, "guess wrong", func(i int) answer {
		return w.browsers[i].call("POST", w.paths[i]+"/redemption", "temporary_password", "Wrong2345")
	})
	w.guesses++
	w.look(r)
}

// watchersKept is how many strangers keep looking. The oldest one leaves.
const watchersKept = 3

// beWatched is the end of every step. A stranger sometimes tries to sign in, each stranger reads the state, and the last
// one makes all calls, guesses more often than allowed, and is followed by another stranger.
func (l *life) beWatched(r *rapid.T) {
	l.settle()
	if rapid.IntRange(0, 2).Draw(r, "a stranger signs in") == 0 {
		l.strangerSignsIn(r)
	}
	if len(l.watches) == 0 || l.watches[len(l.watches)-1].guesses > recovery.MaxGuesses || rapid.IntRange(0, 5).Draw(r, "one more") == 0 {
		l.watches = append(l.watches, l.newWatch(r))
		l.watches = l.watches[max(0, len(l.watches)-watchersKept):]
	}
	for _, w := range l.watches {
		w.look(r)
	}
	l.watches[len(l.watches)-1].tryAll(r)
	l.settle()
	for _, w := range l.watches {
		w.look(r) // after the worker has handled the calls
	}
}

// pass lets time pass and wakes the workers, as a request that names a member does.
func (s *site) pass(by time.Duration) {
	s.ahead.Add(int64(by))
	// The request is refused as long as the server counts resolved requests as waiting for an hour.
	eventually(s.t, "an ask to be accepted", func() bool {
		return s.browser().call("POST", "/api/recoveries", "login_id", taro, "mail_address", taroAddress).status == 202
	})
}

// settle waits until no request waits and no due letter is left, and reads the member's letters.
func (l *life) settle() {
	l.s.resolved()
	eventually(l.s.t, "the postman", func() bool {
		letters, err := l.s.server.store.Members().LettersIn(l.s.t.Context(), mail.Waiting, 1000)
		if err != nil {
			l.s.t.Fatal(err)
		}
		now := l.s.now()
		for _, letter := range letters {
			if !letter.DueAt.After(now) {
				return false
			}
		}
		return true
	})
	letters := l.s.mails.Letters()
	fresh := letters[:len(letters)-l.seen]
	l.seen = len(letters)
	for _, letter := range slices.Backward(fresh) {
		l.read(letter)
	}
}

// Whatever happens to a member, and whatever strangers try at the same time, with all limits on: the strangers get the
// answers that they get for an unknown login ID, and the member can recover.
func TestAStrangersRecoveryNeverShowsWhatHappensToTheMember(t *testing.T) { // not parallel: it changes limits that all tests share
	checks := "10" // each step makes dozens of calls
	if testkit.RaceDetector {
		checks = "3"
	}
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.steps": "16", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	onBothSites(t, func(t *testing.T, s *site) {
		s.isBehindProxy = true
		stopRefill(s)
		hash := s.member(taro).PasswordHash
		number := 0
		rapid.Check(t, func(r *rapid.T) {
			number++
			l := newLife(s, number, hash)
			l.ask(r)
			r.Repeat(map[string]func(*rapid.T){
				"": l.beWatched, "ask": l.ask, "ask once more": l.ask, "redeem": l.redeem, "redeem more": l.redeem,
				"set": l.set, "set more": l.set, "let it expire": l.expire, "advance": l.advance,
				"change": l.change, "disavow": l.disavow, "operate": l.operate,
				"sign in": l.memberSignsIn, "sign in again": l.memberSignsInAgain, "mistype the current password": l.memberMistypesCurrent,
			})
			l.recoverAtLast(r)
		})
	}, "AIKAGI_TRUSTED_PROXIES=127.0.0.1")
}
