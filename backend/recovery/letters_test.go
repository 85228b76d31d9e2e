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

// outcome is what the operator is shown of the ask.
func (w walk) outcome() recovery.Outcome {
	w.t.Helper()
	return w.row().Outcome
}

func (w walk) row() recovery.Recovery {
	w.t.Helper()
	r, err := w.Store.Recoveries().Recovery(w.t.Context(), w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	asks, err := w.Store.Members().Asks(w.t.Context(), r.LoginID, "", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, ask := range asks {
		if ask.ID == w.id {
			return ask
		}
	}
	w.t.Fatal("the operator is not shown the ask")
	return r
}

func (w walk) askAgain() {
	w.t.Helper()
	if err := w.Service.AskAgain(w.t.Context(), w.id); err != nil {
		w.t.Fatal(err)
	}
}

// through goes on with the recovery that a letter links to.
func through(t *testing.T, w *testkit.World, letter mail.Message) walk {
	t.Helper()
	return walk{w, t, testkit.RecoveryIn(t, letter)}
}

// expiry is what a letter states, in Japan time.
func expiry(t *testing.T, letter mail.Message) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("20060102 15:04", testkit.LineAfter(t, letter, "【有効期限】"), time.FixedZone("JST", 9*60*60))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func onlyOne(t *testing.T, letters []mail.Message) mail.Message {
	t.Helper()
	if len(letters) != 1 {
		t.Fatalf("letters: got %d, want 1", len(letters))
	}
	return letters[0]
}

// wantAsk asks, lets the workers work, and compares what came of it: the number of letters and the outcome.
func wantAsk(t *testing.T, w *testkit.World, wantLetters int, want recovery.Outcome) []mail.Message {
	t.Helper()
	walk := ask(t, w, taro, taroAddress)
	letters := w.Work(t)
	if got := walk.outcome(); got != want || len(letters) != wantLetters {
		t.Fatalf("at %s: got %s and %d letters, want %s and %d", w.Clock.Now().Format(time.TimeOnly), got, len(letters), want, wantLetters)
	}
	return letters
}

func TestEveryMailWorksThroughEveryRecoveryThatMatched(t *testing.T) {
	ways := map[string]func(earlier, later walk, first, second mail.Message) (walk, mail.Message){
		"earlier mail, earlier ask": func(a, _ walk, first, _ mail.Message) (walk, mail.Message) { return a, first },
		"earlier mail, later ask":   func(_, b walk, first, _ mail.Message) (walk, mail.Message) { return b, first },
		"later mail, earlier ask":   func(a, _ walk, _, second mail.Message) (walk, mail.Message) { return a, second },
		"later mail, later ask":     func(_, b walk, _, second mail.Message) (walk, mail.Message) { return b, second },
		"earlier mail, its link": func(a, _ walk, first, _ mail.Message) (walk, mail.Message) {
			return through(a.t, a.World, first), first
		},
		"later mail, its link": func(a, _ walk, _, second mail.Message) (walk, mail.Message) {
			return through(a.t, a.World, second), second
		},
		"earlier mail, the later one's link": func(a, _ walk, first, second mail.Message) (walk, mail.Message) {
			return through(a.t, a.World, second), first
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
			w.Clock.Move(50 * time.Minute) // past what the first one stated
			walk, letter := way(earlier, later, first, second)
			if err := walk.reset(walk.mustRedeem(testkit.TemporaryPasswordIn(t, letter)), newPassword); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhoDoesNotMatchGetsNoLetterAndTheOperatorSeesWhy(t *testing.T) {
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
			walk := ask(t, w, c.id, c.address)
			if letters := w.Work(t); len(letters) != 0 || walk.outcome() != c.want {
				t.Errorf("%s, %s: got %s and %d letters, want %s and none", c.id, c.address, walk.outcome(), len(letters), c.want)
			}
		}
	})
}

func enrolAs(t *testing.T, w *testkit.World, id member.LoginID, status member.Status) {
	t.Helper()
	m := member.Member{
		LoginID: id, MailAddress: member.MailAddress(id) + "@xxx.mm-m.ne.jp", Status: status, PasswordVersion: 1, CreatedAt: w.Clock.Now(),
	}
	if err := w.Store.Members().AddMembers(t.Context(), []member.Member{m}); err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, w *testkit.World, id member.LoginID, deed store.MemberChange) {
	t.Helper()
	if changed, err := w.Store.Members().Do(t.Context(), w.Member(t, id).ID, deed, w.Clock.Now()); err != nil || !changed {
		t.Fatalf("%s: %v, %v", deed.Kind, changed, err)
	}
}

func TestALetterGoesToThePresentAddressOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		const newAddress = member.MailAddress("taro.new@xxx.mm-m.ne.jp")
		do(t, w, taro, store.MemberChange{Kind: member.AddressChanged, Address: newAddress})
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

// A member whose mailbox refuses gets a new address from the help desk, and must not wait for the next try at the old.
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
		for range 12 { // by now the waits are minutes long
			w.Work(t)
			w.Clock.Move(10 * time.Minute)
		}
		w.Work(t)
		do(t, w, taro, store.MemberChange{Kind: member.AddressChanged, Address: newAddress})
		told := len(w.Work(t)) // the notice to the new address
		walk := ask(t, w, taro, newAddress)
		w.Work(t)
		w.Clock.Move(time.Minute)
		w.Work(t)
		walk.mustRedeem(temporaryPassword(t, w.Out.Messages()[told:]))
	})
}

func TestAskingForTheMailAgainIsLikeANewAsk(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		walk, decoy := ask(t, w, taro, taroAddress), ask(t, w, taro, "thief@example.com")
		first := onlyOne(t, w.Work(t))
		decoy.askAgain()
		walk.askAgain()
		if letters := w.Work(t); len(letters) != 0 || walk.outcome() != recovery.TooSoon || decoy.outcome() != recovery.AddressDiffers {
			t.Errorf("at once: got %d letters, %s and %s", len(letters), walk.outcome(), decoy.outcome())
		}
		w.Clock.Move(time.Minute)
		walk.askAgain()
		second := onlyOne(t, w.Work(t))
		if walk.outcome() != recovery.LetterSent || testkit.RecoveryIn(t, second) == testkit.RecoveryIn(t, first) {
			t.Errorf("a minute later: got %s; the letter's recovery must be its own", walk.outcome())
		}
		w.Clock.Move(2 * time.Hour)
		walk.askAgain()
		third := temporaryPassword(t, w.Work(t))
		walk.mustRedeem(third) // the same page goes on with the new one

		w.Clock.Move(2 * time.Hour)
		own := through(t, w, second)
		own.askAgain()
		own.mustRedeem(temporaryPassword(t, w.Work(t)))
	})
}

func TestALetterSpeaksTheAsksLanguageAndTellsItsReceipt(t *testing.T) {
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

// A stranger who knows login ID and address can ask, but neither watch nor spend what the letter's reader has.
func TestALettersOwnRecoveryIsToldToNobodyElse(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		stranger := ask(t, w, taro, taroAddress)
		letter := onlyOne(t, w.Work(t))
		owner := through(t, w, letter)
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
				t.Fatal("a wrong guess was taken")
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
		walk := ask(t, w, taro, taroAddress)
		mailed := temporaryPassword(t, w.Work(t))
		w.Clock.Move(2 * time.Minute)
		walk.askAgain()
		w.Clock.Move(time.Millisecond)
		grant := walk.mustRedeem(mailed)
		w.Clock.Move(time.Millisecond)
		if letters := w.Work(t); len(letters) != 0 {
			t.Errorf("%d letters were sent, want none", len(letters))
		}
		var rejected *recovery.RejectedError
		if err := walk.reset(grant, mailed.Reveal()); !errors.As(err, &rejected) {
			t.Errorf("got %v, want the temporary password refused as a new one", err)
		}
		walk.askAgain() // now somebody waits for one
		w.Clock.Move(2 * time.Minute)
		onlyOne(t, w.Work(t))
	})
}

// Two days go by while all servers, or the mail server, are away: whoever then asks anew is answered at once, with
// the temporary password of the letter that waits or, where that may have been read and has run out, with a new one.
func TestAnAskBesideALetterThatHasWaitedForDaysIsAnswered(t *testing.T) {
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
