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

// wantTemporaryRefused fails the test unless the text is refused as the new password because it is a temporary password: the text
// itself, and the text with upper and lower case swapped.
func wantTemporaryRefused(t *testing.T, w browser, grant recovery.Grant, what string, text recovery.TemporaryPassword) {
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
	asked := func(w browser, _ mail.Message) browser { return w }
	linked := func(w browser, letter mail.Message) browser { return openLink(w.t, w.World, letter) }
	anew := func(asked, _ browser) { ask(asked.t, asked.World, taro, taroAddress) }
	ways := map[string]struct {
		redeemAt func(browser, mail.Message) browser
		asks     func(asked, redeemedAt browser) // for another mail, after the redemption
	}{
		"asked again at the recovery that was redeemed": {asked, func(_, w browser) { w.askAgain() }},
		"asked again at the letter's own recovery":      {linked, func(_, w browser) { w.askAgain() }},
		"asked again at the ask's recovery":             {linked, func(w, _ browser) { w.askAgain() }},
		"asked anew, redeemed at the ask's recovery":    {asked, anew},
		"asked anew, redeemed at the letter's recovery": {linked, anew},
		"not asked again": {asked, func(_, _ browser) {}},
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
					wantTemporaryRefused(t, at, grant, "the live one", testkit.TemporaryPasswordIn(t, later))
				}
				wantTemporaryRefused(t, at, grant, "the redeemed one", redeemed)
				if err := at.reset(grant, newPassword); err != nil {
					t.Errorf("another password: %v", err)
				}
			})
		})
	}
}

// The operator changes the issuing key after the redemption.
func TestATemporaryPasswordOfAnOlderKeyIsRefusedAsTheNewPassword(t *testing.T) {
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
		browser := ask(t, w, taro, taroAddress)
		redeemed := temporaryPassword(t, w.Work(t))
		grant := browser.mustRedeem(redeemed)
		use(keys[1], keys[0])
		w.Clock.Move(61 * time.Second)
		browser.askAgain()
		present := temporaryPassword(t, w.Work(t))
		wantTemporaryRefused(t, browser, grant, "the redeemed one", redeemed)
		wantTemporaryRefused(t, browser, grant, "the present one", present)
	})
}
