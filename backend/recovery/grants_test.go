package recovery_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"aikagi/backend/mail"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// wantTemporaryRefused wants a text refused as the new password, as it is and in other letter case, because it is a
// temporary password.
func wantTemporaryRefused(t *testing.T, w walk, grant recovery.Grant, what string, text recovery.TemporaryPassword) {
	t.Helper()
	swapped := strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text.Reveal())
	for _, wanted := range []string{text.Reveal(), swapped} {
		var rejected *recovery.RejectedError
		err := w.reset(grant, wanted)
		if !errors.As(err, &rejected) || len(rejected.Violations) != 1 || rejected.Violations[0].Code != password.SameAsTemporary {
			t.Errorf("%s: got %v, want a rejection as a temporary password only", what, err)
		}
	}
}

func TestARedeemedTemporaryPasswordDoesNotBecomeThePassword(t *testing.T) {
	asked := func(w walk, _ mail.Message) walk { return w }
	linked := func(w walk, letter mail.Message) walk { return through(w.t, w.World, letter) }
	anew := func(asked, _ walk) { ask(asked.t, asked.World, taro, taroAddress) }
	ways := map[string]struct {
		redeemAt func(walk, mail.Message) walk
		asks     func(asked, redeemedAt walk) // for another mail, after redeeming
	}{
		"asked again at the recovery that was redeemed": {asked, func(_, w walk) { w.askAgain() }},
		"asked again at the letter's own recovery":      {linked, func(_, w walk) { w.askAgain() }},
		"asked again at the ask's recovery":             {linked, func(w, _ walk) { w.askAgain() }},
		"asked anew, redeemed at the ask's recovery":    {asked, anew},
		"asked anew, redeemed at the letter's recovery": {linked, anew},
		"not asked again": {asked, func(_, _ walk) {}},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *testkit.World) {
				first := ask(t, w, taro, taroAddress)
				letter := onlyOne(t, w.Work(t))
				redeemed := testkit.TemporaryPasswordIn(t, letter)
				at := way.redeemAt(first, letter)
				grant := at.mustRedeem(redeemed)
				w.Clock.Move(61 * time.Second)
				way.asks(first, at)
				for _, later := range w.Work(t) {
					wantTemporaryRefused(t, at, grant, "the one that lives now", testkit.TemporaryPasswordIn(t, later))
				}
				wantTemporaryRefused(t, at, grant, "the redeemed one", redeemed)
				if err := at.reset(grant, newPassword); err != nil {
					t.Errorf("a password of the member's own: %v", err)
				}
			})
		})
	}
}

// The key that issues is changed between redeeming and asking again.
func TestAGrantKnowsItsTemporaryPasswordUnderAnOlderKey(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		var keys [2]recovery.Key
		for i, name := range []string{"old", "new"} {
			var err error
			if keys[i], err = recovery.GenerateKey(name); err != nil {
				t.Fatal(err)
			}
		}
		use := func(keys ...recovery.Key) {
			ring, err := recovery.NewRing(keys...)
			if err != nil {
				t.Fatal(err)
			}
			w.Service.Keys, w.Postman.Keys = ring, ring
		}
		use(keys[0])
		walk := ask(t, w, taro, taroAddress)
		redeemed := temporaryPassword(t, w.Work(t))
		grant := walk.mustRedeem(redeemed)
		use(keys[1], keys[0])
		w.Clock.Move(61 * time.Second)
		walk.askAgain()
		present := temporaryPassword(t, w.Work(t))
		wantTemporaryRefused(t, walk, grant, "the redeemed one", redeemed)
		wantTemporaryRefused(t, walk, grant, "the present one", present)
	})
}
