package cli

import (
	"strconv"
	"time"

	"pgregory.net/rapid"

	"aikagi/backend/throttle"
)

// markedBrowser is a browser in which the member has signed in.
type markedBrowser struct {
	*browser
	tries int // used up
}

// stopRefill makes the sign-in limits allow a new try only after a year, instead of half a minute, so that a slow machine
// does not change the result.
func stopRefill(s *site) {
	for _, limits := range []*[]throttle.Limit{&throttle.SignInsByLoginID, &throttle.SignInsByDevice} {
		former := *limits
		s.t.Cleanup(func() { *limits = former })
		*limits = nil
		for _, limit := range former {
			limit.Every = 365 * 24 * time.Hour
			*limits = append(*limits, limit)
		}
	}
}

// signInUnmarked tries to sign in as the member in a browser without a mark. It counts as a stranger's try, so a stranger
// tries the unknown login ID as well. Unless the sign-in succeeds, both answers must be the same.
func (l *life) signInUnmarked(r *rapid.T, b *browser, typed string) (isSignedIn bool) {
	var got [2]answer
	first := rapid.IntRange(0, 1).Draw(r, "first")
	for _, i := range []int{first, 1 - first} {
		who, id := []*browser{b, l.s.browser()}[i], []string{string(l.id), l.nobody()}[i]
		got[i] = who.call("POST", "/api/session", "login_id", id, "password", typed)
	}
	isUsedUp := l.tries >= throttle.SignInsByLoginID[0].Burst
	switch {
	case isUsedUp:
		want(r, got[1], 429, "a stranger for the unknown login ID signs in when all tries are used up")
	default:
		want(r, got[1], 401, "a stranger for the unknown login ID signs in")
		l.tries++
	}
	if !isUsedUp && typed == l.password && l.active && !l.voided {
		want(r, got[0], 200, "the member signs in without a mark")
		return true
	}
	l.wantSame(r, got)
	return false
}

// wantSame compares two answers byte by byte, except the waits: these differ by the time between the calls.
func (l *life) wantSame(r *rapid.T, got [2]answer) {
	var heard [2]string
	var wait [2]int
	for i := range got {
		wait[i], _ = strconv.Atoi(got[i].header.Get("Retry-After"))
		got[i].header.Del("Retry-After")
		heard[i] = stableParts(got[i])
	}
	apart := time.Duration(wait[0]-wait[1]) * time.Second
	if heard[0] != heard[1] || apart.Abs() > time.Since(l.began)+time.Second {
		r.Fatalf("sign in: a stranger gets for the member the wait %d s and\n%s\nand a stranger for the unknown login ID %d s and\n%s",
			wait[0], heard[0], wait[1], heard[1])
	}
}

// strangerSignsIn tries to sign in as the member, as a stranger.
func (l *life) strangerSignsIn(r *rapid.T) {
	typed := rapid.SampledFrom([]string{wrongPassword, ""}).Draw(r, "typed")
	l.signInUnmarked(r, l.s.browser(), typed)
}

// memberSignsIn signs the member in with a new browser, which is marked afterwards.
func (l *life) memberSignsIn(r *rapid.T) {
	b := l.s.browser()
	if l.signInUnmarked(r, b, l.password) {
		l.own = append(l.own, &markedBrowser{browser: b})
	}
}

// memberSignsInAgain tries to sign in with a marked browser, with a right or a wrong password.
func (l *life) memberSignsInAgain(r *rapid.T) {
	if b := l.pickOwn(r); b != nil {
		l.signInMarked(r, b, rapid.SampledFrom([]string{l.password, wrongPassword}).Draw(r, "typed"))
	}
}

// memberMistypesCurrent types a wrong current password on the member page.
func (l *life) memberMistypesCurrent(r *rapid.T) {
	b := l.pickOwn(r)
	if b == nil || !l.signInMarked(r, b, l.password) {
		return
	}
	got := b.call("PUT", "/api/member/password", "current_password", wrongPassword, "new_password", "Never-set1")
	want(r, got, 403, "give a wrong current password")
	b.tries++
}

func (l *life) pickOwn(r *rapid.T) *markedBrowser {
	if len(l.own) == 0 {
		return nil
	}
	return rapid.SampledFrom(l.own).Draw(r, "a browser with a mark")
}

// signInMarked tries to sign in with a marked browser. It uses the browser's own tries, not those that unmarked browsers share.
func (l *life) signInMarked(r *rapid.T, b *markedBrowser, typed string) (isSignedIn bool) {
	got := b.call("POST", "/api/session", "login_id", string(l.id), "password", typed)
	switch {
	case b.tries >= throttle.SignInsByDevice[0].Burst:
		want(r, got, 429, "sign in with a mark whose tries are used up")
	case typed == l.password && l.active && !l.voided:
		want(r, got, 200, "sign in with a mark")
		b.tries = 0
		return true
	default:
		want(r, got, 401, "sign in wrongly with a mark")
		b.tries++
	}
	return false
}
