package recovery_test

import (
	"errors"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestOperatorsChangesEndTemporaryPasswordsAndGrants(t *testing.T) {
	changes := map[string]store.MemberChange{
		"void":        {Kind: member.Voided},
		"suspend":     {Kind: member.WasSuspended},
		"new address": {Kind: member.AddressChanged, Address: "other@xxx.mm-m.ne.jp"},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *testkit.World) {
				id := w.Member(t, taro).ID
				holder := ask(t, w, taro, taroAddress)
				grant := holder.mustRedeem(temporaryPassword(t, w.Work(t)))
				w.Clock.Move(2 * time.Minute)
				browser := ask(t, w, taro, taroAddress)
				mailed := temporaryPassword(t, w.Work(t))

				if changed, err := w.Store.Members().Do(t.Context(), id, change, w.Clock.Now()); err != nil || !changed {
					t.Fatalf("change: %v, %v", changed, err)
				}
				_, err := browser.redeem(mailed)
				wantEnded(t, err, recovery.ByExpiry)
				if err := holder.reset(grant, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
					t.Errorf("got %v, want ErrGrantMissing", err)
				}
				if got := holder.look(grant).State; got != recovery.Waiting {
					t.Errorf("got %s, want waiting: the grant has ended", got)
				}
			})
		})
	}
}

func TestAGrantSetsOnlyItsOwnMembersPasswordWithinItsTimeAndTries(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		w.Enrol(t, "hanako", "hanako@xxx.mm-m.ne.jp", oldPassword)
		browser := ask(t, w, taro, taroAddress)
		grant := browser.mustRedeem(temporaryPassword(t, w.Work(t)))
		other := ask(t, w, "hanako", "hanako@xxx.mm-m.ne.jp")
		other.mustRedeem(temporaryPassword(t, w.Work(t)))

		if err := other.reset(grant, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("another member's recovery: got %v, want ErrGrantMissing", err)
		}
		if err := browser.reset(recovery.Grant{}, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("no grant: got %v, want ErrGrantMissing", err)
		}
		for range recovery.MaxGrantTries {
			var rejected *recovery.RejectedError
			if err := browser.reset(grant, oldPassword); !errors.As(err, &rejected) {
				t.Fatalf("got %v, want a rejection", err)
			}
		}
		if err := browser.reset(grant, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("the eleventh try: got %v, want ErrGrantMissing", err)
		}
		if got := browser.look(grant).State; got == recovery.Redeemed {
			t.Errorf("got %s after the last try, although the grant sets nothing any more", got)
		}

		w.Clock.Move(2 * time.Minute)
		late := ask(t, w, taro, taroAddress)
		grant = late.mustRedeem(temporaryPassword(t, w.Work(t)))
		w.Clock.Move(recovery.GrantLifetime)
		if err := late.reset(grant, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("after its lifetime: got %v, want ErrGrantMissing", err)
		}
	})
}

func TestANewPasswordIsComparedWithTheCurrentAndTheTemporaryOne(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		browser := ask(t, w, taro, taroAddress)
		mailed := temporaryPassword(t, w.Work(t))
		grant := browser.mustRedeem(mailed)
		cases := map[string]string{oldPassword: password.SameAsCurrent, toUpperFirst(mailed.Reveal()): password.SameAsTemporary}
		for wanted, want := range cases {
			var rejected *recovery.RejectedError
			if err := browser.reset(grant, wanted); !errors.As(err, &rejected) {
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
		if err := browser.reset(grant, newPassword); err != nil {
			t.Error(err)
		}
	})
}

// Hashes may come from another system, or from a version of this one with other bounds.
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
				browser := ask(t, w, taro, taroAddress)
				mailed := temporaryPassword(t, w.Work(t))
				grant := browser.mustRedeem(mailed)
				var rejected *recovery.RejectedError
				if err := browser.reset(grant, mailed.Reveal()); !errors.As(err, &rejected) {
					t.Errorf("the temporary password: got %v, want a rejection", err)
				}
				if err := browser.reset(grant, newPassword); err != nil {
					t.Fatalf("a new password: %v", err)
				}
				if !isPassword(t, w, newPassword) {
					t.Error("the new password was not set")
				}
			})
		})
	}
}
