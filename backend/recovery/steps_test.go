package recovery_test

import (
	"errors"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

const (
	taro        = member.LoginID("taro1234")
	taroAddress = member.MailAddress("taro@xxx.mm-m.ne.jp")
	oldPassword = "Old-pass99"
	newPassword = "New-pass77"
)

// walk is one browser at the five steps.
type walk struct {
	*testkit.World
	t  *testing.T
	id recovery.ID
}

func onBoth(t *testing.T, run func(t *testing.T, w *testkit.World)) {
	t.Helper()
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		w.Enrol(t, taro, taroAddress, oldPassword)
		run(t, w)
	})
}

func ask(t *testing.T, w *testkit.World, id member.LoginID, address member.MailAddress) walk {
	t.Helper()
	view, err := w.Service.Request(t.Context(), recovery.Ask{LoginID: id, MailAddress: address, Language: recovery.Japanese})
	if err != nil {
		t.Fatal(err)
	}
	return walk{w, t, view.ID}
}

// temporaryPassword reads it out of a letter, as a member would.
func temporaryPassword(t *testing.T, letters []mail.Message) recovery.TemporaryPassword {
	t.Helper()
	if len(letters) != 1 {
		t.Fatalf("letters: got %d, want 1", len(letters))
	}
	return testkit.TemporaryPasswordIn(t, letters[0])
}

func (w walk) redeem(typed recovery.TemporaryPassword) (recovery.Grant, error) {
	_, grant, err := w.Service.Redeem(w.t.Context(), w.id, typed, member.UnknownDevice)
	return grant, err
}

func (w walk) mustRedeem(typed recovery.TemporaryPassword) recovery.Grant {
	w.t.Helper()
	grant, err := w.redeem(typed)
	if err != nil {
		w.t.Fatal(err)
	}
	return grant
}

func (w walk) reset(grant recovery.Grant, wanted string) error {
	return w.Service.Reset(w.t.Context(), w.id, grant, password.NewPlain(wanted), member.UnknownDevice)
}

func (w walk) look(grant recovery.Grant) recovery.View {
	w.t.Helper()
	view, err := w.Service.Look(w.t.Context(), w.id, grant)
	if err != nil {
		w.t.Fatal(err)
	}
	return view
}

func wantEnded(t *testing.T, err error, want recovery.EndReason) {
	t.Helper()
	var ended *recovery.EndedError
	if !errors.As(err, &ended) || ended.Reason != want {
		t.Fatalf("got %v, want an end by %s", err, want)
	}
}

func wantWrong(t *testing.T, err error, wantLeft int) {
	t.Helper()
	var wrong *recovery.WrongError
	if !errors.As(err, &wrong) || wrong.GuessesLeft != wantLeft {
		t.Fatalf("got %v, want a wrong guess with %d left", err, wantLeft)
	}
}

func opens(t *testing.T, w *testkit.World, plain string) bool {
	t.Helper()
	return opensWith(t, w, w.Member(t, taro), plain)
}

func opensWith(t *testing.T, w *testkit.World, m member.Member, plain string) bool {
	t.Helper()
	right, err := w.Hasher.Verify(t.Context(), password.MemberLane, password.NewPlain(plain), m.PasswordHash)
	if err != nil {
		t.Fatal(err)
	}
	return right
}

func TestAMemberGetsBackInThroughTheFiveSteps(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		walk := ask(t, w, taro, taroAddress)
		letters := w.Work(t)
		if got := letters[0].To; got != taroAddress {
			t.Fatalf("letter to %q, want %q", got, taroAddress)
		}
		grant := walk.mustRedeem(temporaryPassword(t, letters))
		if got := walk.look(grant).State; got != recovery.Redeemed {
			t.Errorf("with the grant: got %s, want redeemed", got)
		}
		if got := walk.look(recovery.Grant{}).State; got != recovery.Waiting {
			t.Errorf("without the grant: got %s, want waiting", got)
		}
		if !opens(t, w, oldPassword) {
			t.Error("the old password stopped working before the new one was set")
		}
		if err := walk.reset(grant, newPassword); err != nil {
			t.Fatal(err)
		}
		if !opens(t, w, newPassword) || opens(t, w, oldPassword) {
			t.Error("the new password does not open, or the old one still does")
		}
		if got := walk.look(grant).State; got != recovery.Completed {
			t.Errorf("after the change: got %s, want completed", got)
		}
		if err := walk.reset(grant, "Third-pass5"); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("a second change with one grant: got %v, want ErrGrantMissing", err)
		}
		notices := w.Work(t)
		if len(notices) != 1 || notices[0].To != taroAddress {
			t.Errorf("notices: got %d, want 1 to the member", len(notices))
		}
	})
}

func TestTheTemporaryPasswordIsTypedLoosely(t *testing.T) {
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
			walk := ask(t, w, taro, taroAddress)
			mailed := temporaryPassword(t, w.Work(t))
			walk.mustRedeem(recovery.NewTemporaryPassword(spell(mailed.Reveal())))
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

func TestTheFifthGuessMayBeTheRightOne(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		walk := ask(t, w, taro, taroAddress)
		mailed := temporaryPassword(t, w.Work(t))
		for range 4 {
			if _, err := walk.redeem(recovery.NewTemporaryPassword("")); err == nil {
				t.Fatal("an empty temporary password was taken")
			}
		}
		walk.mustRedeem(mailed)
		if got := walk.look(recovery.Grant{}).GuessesLeft; got != 1 {
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

func TestAnExpiredTemporaryPasswordIsRefusedAndNeverLivesAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		walk := ask(t, w, taro, taroAddress)
		old := temporaryPassword(t, w.Work(t))
		w.Clock.Move(time.Hour)
		_, err := walk.redeem(old)
		wantEnded(t, err, recovery.ByExpiry)
		again := ask(t, w, taro, taroAddress)
		fresh := temporaryPassword(t, w.Work(t))
		if fresh.Equals(old) {
			t.Fatal("an expired temporary password was mailed again")
		}
		_, err = walk.redeem(old)
		wantEnded(t, err, recovery.ByExpiry)
		again.mustRedeem(fresh)
	})
}

func TestDeedsOnAMemberEndTemporaryPasswordsAndGrants(t *testing.T) {
	deeds := map[string]store.MemberChange{
		"void":        {Kind: member.Voided},
		"suspend":     {Kind: member.WasSuspended},
		"new address": {Kind: member.AddressChanged, Address: "other@xxx.mm-m.ne.jp"},
	}
	for name, deed := range deeds {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *testkit.World) {
				id := w.Member(t, taro).ID
				holder := ask(t, w, taro, taroAddress)
				grant := holder.mustRedeem(temporaryPassword(t, w.Work(t)))
				w.Clock.Move(2 * time.Minute)
				walk := ask(t, w, taro, taroAddress)
				mailed := temporaryPassword(t, w.Work(t))

				if changed, err := w.Store.Members().Do(t.Context(), id, deed, w.Clock.Now()); err != nil || !changed {
					t.Fatalf("deed: %v, %v", changed, err)
				}
				_, err := walk.redeem(mailed)
				wantEnded(t, err, recovery.ByExpiry)
				if err := holder.reset(grant, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
					t.Errorf("got %v, want ErrGrantMissing", err)
				}
				if got := holder.look(grant).State; got != recovery.Waiting {
					t.Errorf("got %s, want waiting: the grant is dead", got)
				}
			})
		})
	}
}

func TestAGrantSetsOnlyItsOwnMembersPasswordWithinItsTimeAndTries(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		w.Enrol(t, "hanako", "hanako@xxx.mm-m.ne.jp", oldPassword)
		walk := ask(t, w, taro, taroAddress)
		grant := walk.mustRedeem(temporaryPassword(t, w.Work(t)))
		other := ask(t, w, "hanako", "hanako@xxx.mm-m.ne.jp")
		other.mustRedeem(temporaryPassword(t, w.Work(t)))

		if err := other.reset(grant, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("another member's recovery: got %v, want ErrGrantMissing", err)
		}
		if err := walk.reset(recovery.Grant{}, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("no grant: got %v, want ErrGrantMissing", err)
		}
		for range recovery.MaxGrantTries {
			var rejected *recovery.RejectedError
			if err := walk.reset(grant, oldPassword); !errors.As(err, &rejected) {
				t.Fatalf("got %v, want a rejection", err)
			}
		}
		if err := walk.reset(grant, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("the eleventh try: got %v, want ErrGrantMissing", err)
		}
		if got := walk.look(grant).State; got == recovery.Redeemed {
			t.Errorf("got %s once the tries are spent, though the grant sets nothing more", got)
		}

		w.Clock.Move(2 * time.Minute)
		late := ask(t, w, taro, taroAddress)
		grant = late.mustRedeem(temporaryPassword(t, w.Work(t)))
		w.Clock.Move(recovery.GrantLifetime)
		if err := late.reset(grant, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("after its time: got %v, want ErrGrantMissing", err)
		}
	})
}

func TestANewPasswordIsJudgedAgainstTheOldAndTheTemporaryOne(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		walk := ask(t, w, taro, taroAddress)
		mailed := temporaryPassword(t, w.Work(t))
		grant := walk.mustRedeem(mailed)
		cases := map[string]string{oldPassword: password.SameAsCurrent, toUpperFirst(mailed.Reveal()): password.SameAsTemporary}
		for wanted, want := range cases {
			var rejected *recovery.RejectedError
			if err := walk.reset(grant, wanted); !errors.As(err, &rejected) {
				t.Fatalf("%s: got %v, want a rejection", want, err)
			}
			found := false
			for _, violation := range rejected.Violations {
				found = found || violation.Code == want
			}
			if !found {
				t.Errorf("got %v, want %s among them", rejected.Violations, want)
			}
		}
		if err := walk.reset(grant, newPassword); err != nil {
			t.Error(err)
		}
	})
}

// What the database holds may come from another system, or from a version of this one with other bounds.
func TestAMemberWhoseHashCannotBeCheckedRecovers(t *testing.T) {
	hashes := map[string]string{
		"no scheme":      "5f4dcc3b5aa765d61d8327deb882cf99",
		"unknown scheme": "$sha1$abcd$0123",
		"malformed":      "$argon2id$v=19$m=65536",
		"beyond bounds":  "$2b$31$abcdefghijklmnopqrstuuTXPW6uKjAELfC32Gfl4nbn9.DCpHdpa",
	}
	for name, hash := range hashes {
		t.Run(name, func(t *testing.T) {
			testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
				w := testkit.NewWorld(t, settings)
				m := member.Member{
					LoginID: taro, MailAddress: taroAddress, Status: member.Active, PasswordHash: hash, PasswordVersion: 1, CreatedAt: w.Clock.Now(),
				}
				if err := w.Store.Members().AddMembers(t.Context(), []member.Member{m}); err != nil {
					t.Fatal(err)
				}
				walk := ask(t, w, taro, taroAddress)
				mailed := temporaryPassword(t, w.Work(t))
				grant := walk.mustRedeem(mailed)
				var rejected *recovery.RejectedError
				if err := walk.reset(grant, mailed.Reveal()); !errors.As(err, &rejected) {
					t.Errorf("the temporary password: got %v, want a rejection", err)
				}
				if err := walk.reset(grant, newPassword); err != nil {
					t.Fatalf("a new password: %v", err)
				}
				if !opens(t, w, newPassword) {
					t.Error("the new password was not set")
				}
			})
		})
	}
}

func TestARecoveryIsGoneAfterADay(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		known, unknown := ask(t, w, taro, taroAddress), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
		w.Work(t)
		w.Clock.Move(recovery.Lifetime)
		for _, walk := range []walk{known, unknown} {
			if _, err := w.Service.Look(t.Context(), walk.id, recovery.Grant{}); !errors.Is(err, recovery.ErrNotFound) {
				t.Errorf("look: got %v, want ErrNotFound", err)
			}
			if _, err := walk.redeem(recovery.NewTemporaryPassword("wrong")); !errors.Is(err, recovery.ErrNotFound) {
				t.Errorf("redeem: got %v, want ErrNotFound", err)
			}
			if err := w.Service.AskAgain(t.Context(), walk.id); !errors.Is(err, recovery.ErrNotFound) {
				t.Errorf("ask again: got %v, want ErrNotFound", err)
			}
		}
	})
}
