package recovery_test

import (
	"errors"
	"testing"
	"time"

	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

func TestAMemberGetsBackInThroughTheFiveSteps(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		browser := ask(t, w, taro, taroAddress)
		letters := w.Work(t)
		if got := letters[0].To; got != taroAddress {
			t.Fatalf("letter to %q, want %q", got, taroAddress)
		}
		grant := browser.mustRedeem(temporaryPassword(t, letters))
		if got := browser.look(grant).State; got != recovery.Redeemed {
			t.Errorf("with the grant: got %s, want redeemed", got)
		}
		if got := browser.look(recovery.Grant{}).State; got != recovery.Waiting {
			t.Errorf("without the grant: got %s, want waiting", got)
		}
		if !isPassword(t, w, oldPassword) {
			t.Error("the old password stopped working before the new one was set")
		}
		if err := browser.reset(grant, newPassword); err != nil {
			t.Fatal(err)
		}
		if !isPassword(t, w, newPassword) || isPassword(t, w, oldPassword) {
			t.Error("the new password is not set, or the old one still works")
		}
		if got := browser.look(grant).State; got != recovery.Completed {
			t.Errorf("after the change: got %s, want completed", got)
		}
		if err := browser.reset(grant, "Third-pass5"); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("a second change with one grant: got %v, want ErrGrantMissing", err)
		}
		notices := w.Work(t)
		if len(notices) != 1 || notices[0].To != taroAddress {
			t.Errorf("notices: got %d, want 1 to the member", len(notices))
		}
	})
}

func TestTheTemporaryPasswordMayBeTypedInOtherSpellings(t *testing.T) {
	spellings := map[string]func(string) string{
		"as mailed":      func(s string) string { return s },
		"lower case":     toLower,
		"upper case":     toUpper,
		"full width":     toFullWidth,
		"spaces around":  func(s string) string { return " \t" + s + "　\r\n" },
		"stray dashes":   func(s string) string { return s[:3] + "-" + s[3:6] + "ー" + s[6:] },
		"zero-width end": func(s string) string { return s + "\u200b\ufeff" },
	}
	for name, spell := range spellings {
		t.Run(name, func(t *testing.T) {
			w := testkit.NewWorld(t, testkit.SQLite(t))
			w.Enrol(t, taro, taroAddress, oldPassword)
			browser := ask(t, w, taro, taroAddress)
			mailed := temporaryPassword(t, w.Work(t))
			browser.mustRedeem(recovery.NewTemporaryPassword(spell(mailed.Reveal())))
		})
	}
}

func TestFiveWrongGuessesEndARecoveryAndNothingElse(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		stranger, owner := ask(t, w, taro, taroAddress), ask(t, w, taro, taroAddress)
		mailed := temporaryPassword(t, w.Work(t))
		for left := 4; left >= 0; left-- {
			_, err := stranger.redeem(recovery.NewTemporaryPassword("wrong"))
			wantWrong(t, err, left)
		}
		_, err := stranger.redeem(mailed)
		wantEnded(t, err, recovery.ByGuesses)
		if got := stranger.look(recovery.Grant{}); got.State != recovery.Ended || got.GuessesLeft != 0 {
			t.Errorf("got %+v, want ended with none left", got)
		}
		owner.mustRedeem(mailed)
	})
}

func TestTheFifthGuessCanBeTheRightOne(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		browser := ask(t, w, taro, taroAddress)
		mailed := temporaryPassword(t, w.Work(t))
		for range 4 {
			if _, err := browser.redeem(recovery.NewTemporaryPassword("")); err == nil {
				t.Fatal("an empty temporary password was accepted")
			}
		}
		browser.mustRedeem(mailed)
		if got := browser.look(recovery.Grant{}).GuessesLeft; got != 1 {
			t.Errorf("guesses left: got %d, want 1: the right guess is taken back", got)
		}
	})
}

func TestAUsedTemporaryPasswordIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		first, second := ask(t, w, taro, taroAddress), ask(t, w, taro, taroAddress)
		mailed := temporaryPassword(t, w.Work(t))
		first.mustRedeem(mailed)
		for range 3 {
			_, err := first.redeem(mailed)
			wantEnded(t, err, recovery.ByUse)
			_, err = second.redeem(mailed)
			wantEnded(t, err, recovery.ByUse)
		}
		if got := second.look(recovery.Grant{}).GuessesLeft; got != recovery.MaxGuesses {
			t.Errorf("guesses left: got %d, want all: the guesses were right", got)
		}
	})
}

func TestAnExpiredTemporaryPasswordIsRefusedForEver(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		browser := ask(t, w, taro, taroAddress)
		old := temporaryPassword(t, w.Work(t))
		w.Clock.Move(time.Hour)
		_, err := browser.redeem(old)
		wantEnded(t, err, recovery.ByExpiry)
		again := ask(t, w, taro, taroAddress)
		fresh := temporaryPassword(t, w.Work(t))
		if fresh.Equals(old) {
			t.Fatal("an expired temporary password was mailed again")
		}
		_, err = browser.redeem(old)
		wantEnded(t, err, recovery.ByExpiry)
		again.mustRedeem(fresh)
	})
}

func TestARecoveryIsGoneAfterADay(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		known, unknown := ask(t, w, taro, taroAddress), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
		w.Work(t)
		w.Clock.Move(recovery.Lifetime)
		for _, browser := range []browser{known, unknown} {
			if _, err := w.Service.Look(t.Context(), browser.id, recovery.Grant{}); !errors.Is(err, recovery.ErrNotFound) {
				t.Errorf("look: got %v, want ErrNotFound", err)
			}
			if _, err := browser.redeem(recovery.NewTemporaryPassword("wrong")); !errors.Is(err, recovery.ErrNotFound) {
				t.Errorf("redeem: got %v, want ErrNotFound", err)
			}
			if err := w.Service.AskAgain(t.Context(), browser.id); !errors.Is(err, recovery.ErrNotFound) {
				t.Errorf("ask again: got %v, want ErrNotFound", err)
			}
		}
	})
}
