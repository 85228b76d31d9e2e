package recovery_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestEveryMailWorksThroughEveryRecoveryThatMatched(t *testing.T) {
	ways := map[string]func(earlier, later browser, first, second mail.Message) (browser, mail.Message){
		"earlier mail, earlier ask": func(a, _ browser, first, _ mail.Message) (browser, mail.Message) { return a, first },
		"earlier mail, later ask":   func(_, b browser, first, _ mail.Message) (browser, mail.Message) { return b, first },
		"later mail, earlier ask":   func(a, _ browser, _, second mail.Message) (browser, mail.Message) { return a, second },
		"later mail, later ask":     func(_, b browser, _, second mail.Message) (browser, mail.Message) { return b, second },
		"earlier mail, its link": func(a, _ browser, first, _ mail.Message) (browser, mail.Message) {
			return openLink(a.t, a.World, first), first
		},
		"later mail, its link": func(a, _ browser, _, second mail.Message) (browser, mail.Message) {
			return openLink(a.t, a.World, second), second
		},
		"earlier mail, the later one's link": func(a, _ browser, first, second mail.Message) (browser, mail.Message) {
			return openLink(a.t, a.World, second), first
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			w := testkit.NewWorld(t, testkit.SQLite(t))
			w.Enrol(t, taro, taroAddress, oldPassword)
			earlier := ask(t, w, taro, taroAddress)
			first := onlyOne(t, w.Work(t))
			w.Clock.Move(50 * time.Minute)
			later := ask(t, w, taro, taroAddress)
			second := onlyOne(t, w.Work(t))
			w.Clock.Move(50 * time.Minute) // after the expiry in the first letter
			browser, letter := way(earlier, later, first, second)
			if err := browser.reset(browser.mustRedeem(testkit.TemporaryPasswordIn(t, letter)), newPassword); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnAskThatMatchesNobodyGetsNoLetterAndTheOperatorSeesWhy(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		enrolAs(t, w, "hanako", member.Suspended)
		enrolAs(t, w, "jiro", member.Cancelled)
		cases := []struct {
			id      member.LoginID
			address member.MailAddress
			want    recovery.Outcome
		}{
			{"nobody", taroAddress, recovery.UnknownLoginID},
			{"nobody", "nobody@xxx.mm-m.ne.jp", recovery.UnknownLoginID},
			{taro, "thief@example.com", recovery.AddressDiffers},
			{taro, "tar\u00f8@xxx.mm-m.ne.jp", recovery.AddressDiffers},
			{taro, "hanako@xxx.mm-m.ne.jp", recovery.AddressDiffers},
			{"hanako", "hanako@xxx.mm-m.ne.jp", recovery.NotActive},
			{"hanako", taroAddress, recovery.AddressDiffers},
			{"jiro", "jiro@xxx.mm-m.ne.jp", recovery.NotActive},
		}
		for _, c := range cases {
			browser := ask(t, w, c.id, c.address)
			if letters := w.Work(t); len(letters) != 0 || browser.outcome() != c.want {
				t.Errorf("%s, %s: got %s and %d letters, want %s and none", c.id, c.address, browser.outcome(), len(letters), c.want)
			}
		}
	})
}

func TestALetterGoesToThePresentAddressOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		const newAddress = member.MailAddress("taro.new@xxx.mm-m.ne.jp")
		changeMember(t, w, taro, store.MemberChange{Kind: member.AddressChanged, Address: newAddress})
		w.Work(t) // the notices
		former, present := ask(t, w, taro, taroAddress), ask(t, w, taro, newAddress)
		if got := onlyOne(t, w.Work(t)).To; got != newAddress {
			t.Errorf("letter to %s, want %s", got, newAddress)
		}
		if former.outcome() != recovery.AddressDiffers || present.outcome() != recovery.LetterSent {
			t.Errorf("got %s and %s, want address_differs and letter", former.outcome(), present.outcome())
		}
	})
}

// A member whose mailbox refuses letters gets a new address from the help desk. The letter to it must not wait for the next try at
// the old address.
func TestALetterToANewAddressDoesNotWaitForTheOldOnesNextTry(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		const newAddress = member.MailAddress("taro.new@xxx.mm-m.ne.jp")
		w.Out.Answer = func(m mail.Message) error {
			if m.To == taroAddress {
				return &mail.RefusedError{Code: 452, Enhanced: "4.2.2"}
			}
			return nil
		}
		ask(t, w, taro, taroAddress)
		for range 12 { // until the waits between tries are minutes long
			w.Work(t)
			w.Clock.Move(10 * time.Minute)
		}
		w.Work(t)
		changeMember(t, w, taro, store.MemberChange{Kind: member.AddressChanged, Address: newAddress})
		notices := len(w.Work(t)) // the notice to the new address
		browser := ask(t, w, taro, newAddress)
		w.Work(t)
		w.Clock.Move(time.Minute)
		w.Work(t)
		browser.mustRedeem(temporaryPassword(t, w.Out.Messages()[notices:]))
	})
}

func TestAskingForTheMailAgainIsLikeANewAsk(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		browser, decoy := ask(t, w, taro, taroAddress), ask(t, w, taro, "thief@example.com")
		first := onlyOne(t, w.Work(t))
		decoy.askAgain()
		browser.askAgain()
		if letters := w.Work(t); len(letters) != 0 || browser.outcome() != recovery.TooSoon || decoy.outcome() != recovery.AddressDiffers {
			t.Errorf("at once: got %d letters, %s and %s", len(letters), browser.outcome(), decoy.outcome())
		}
		w.Clock.Move(time.Minute)
		browser.askAgain()
		second := onlyOne(t, w.Work(t))
		if browser.outcome() != recovery.LetterSent || testkit.RecoveryIn(t, second) == testkit.RecoveryIn(t, first) {
			t.Errorf("a minute later: got %s; the letter's recovery must be its own", browser.outcome())
		}
		w.Clock.Move(2 * time.Hour)
		browser.askAgain()
		third := temporaryPassword(t, w.Work(t))
		browser.mustRedeem(third) // the recovery leads to the new one

		w.Clock.Move(2 * time.Hour)
		own := openLink(t, w, second)
		own.askAgain()
		own.mustRedeem(temporaryPassword(t, w.Work(t)))
	})
}

func TestALetterIsInTheAsksLanguageAndHasItsReceipt(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		for _, language := range []recovery.Language{recovery.English, recovery.Japanese} {
			view, err := w.Service.Request(t.Context(), recovery.Ask{LoginID: taro, MailAddress: taroAddress, Language: language})
			if err != nil {
				t.Fatal(err)
			}
			letter := onlyOne(t, w.Work(t))
			if !strings.Contains(letter.Text, view.Receipt) || !strings.Contains(letter.Text, "lang="+string(language)) {
				t.Errorf("no receipt %s, or no link in %s, in the letter:\n%s", view.Receipt, language, letter.Text)
			}
			if got := strings.Contains(letter.Text, "お客様"); got != (language == recovery.Japanese) {
				t.Errorf("the letter in %s is in Japanese: %v", language, got)
			}
			w.Clock.Move(time.Minute)
		}
	})
}

// A stranger who knows login ID and address can ask, but can neither watch the recovery of the letter's reader nor use its guesses.
func TestALettersOwnRecoveryIsToldToNobodyElse(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		stranger := ask(t, w, taro, taroAddress)
		letter := onlyOne(t, w.Work(t))
		owner := openLink(t, w, letter)
		if owner.id == stranger.id {
			t.Fatal("the letter links to the stranger's recovery")
		}
		if got, want := owner.look(recovery.Grant{}), (recovery.View{
			ID: owner.id, Receipt: stranger.look(recovery.Grant{}).Receipt, LoginID: taro, State: recovery.Waiting, GuessesLeft: recovery.MaxGuesses,
		}); got != want {
			t.Errorf("the letter's recovery: got %+v, want %+v", got, want)
		}
		for range recovery.MaxGuesses + 1 {
			if _, err := stranger.redeem(recovery.NewTemporaryPassword("wrong")); err == nil {
				t.Fatal("a wrong guess was accepted")
			}
		}
		if got := owner.look(recovery.Grant{}).GuessesLeft; got != recovery.MaxGuesses {
			t.Errorf("the owner has %d guesses left, want all", got)
		}
		grant := owner.mustRedeem(testkit.TemporaryPasswordIn(t, letter))
		if err := stranger.reset(grant, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("the grant at the stranger's recovery: got %v, want ErrGrantMissing", err)
		}
		if got := stranger.look(grant).State; got != recovery.Ended {
			t.Errorf("the stranger's recovery: got %s, want ended by its own guesses", got)
		}
		if err := owner.reset(grant, newPassword); err != nil {
			t.Error(err)
		}
	})
}

func TestAMailThatWasAskedForBeforeRedeemingIsNotSentAfterwards(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		browser := ask(t, w, taro, taroAddress)
		mailed := temporaryPassword(t, w.Work(t))
		w.Clock.Move(2 * time.Minute)
		browser.askAgain()
		w.Clock.Move(time.Millisecond)
		grant := browser.mustRedeem(mailed)
		w.Clock.Move(time.Millisecond)
		if letters := w.Work(t); len(letters) != 0 {
			t.Errorf("%d letters were sent, want none", len(letters))
		}
		var rejected *recovery.RejectedError
		if err := browser.reset(grant, mailed.Reveal()); !errors.As(err, &rejected) {
			t.Errorf("got %v, want the temporary password refused as a new one", err)
		}
		browser.askAgain() // now the member needs a mail
		w.Clock.Move(2 * time.Minute)
		onlyOne(t, w.Work(t))
	})
}

// All servers, or the mail server, are away for two days. A member who then asks anew gets a letter at once, with the temporary
// password of the letter that waits, or with a new one if that letter may have been read and its password has expired.
func TestAnAskWhileALetterHasWaitedForDaysGetsALetter(t *testing.T) {
	faults := map[string]error{"no server": errors.New("no mail server"), "answer lost": &mail.LostError{Err: errors.New("gone")}}
	onBoth(t, func(t *testing.T, w *testkit.World) {
		for name, fault := range faults {
			w.Out.Answer = func(mail.Message) error { return fault }
			ask(t, w, taro, taroAddress)
			w.Work(t)
			w.Out.Answer = nil
			w.Clock.Move(49 * time.Hour)

			anew := ask(t, w, taro, taroAddress)
			letters := w.Work(t)
			if _, err := anew.redeem(temporaryPassword(t, letters)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
