package recovery_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// told is all that a stranger hears from a recovery who goes through every call, without what names the recovery.
func (w walk) told() []string {
	w.t.Helper()
	var heard []string
	hear := func(what string, err error) { heard = append(heard, fmt.Sprintf("%s: %v", what, err)) }
	look := func() {
		view, err := w.Service.Look(w.t.Context(), w.id, recovery.NewGrant("a grant that nobody has"))
		view.ID, view.Receipt, view.LoginID = "", "", ""
		hear(fmt.Sprintf("look %+v", view), err)
	}
	look()
	hear("ask again", w.Service.AskAgain(w.t.Context(), w.id))
	look()
	w.Work(w.t)
	for range recovery.MaxGuesses + 1 {
		_, err := w.redeem(recovery.NewTemporaryPassword("Wrong2345"))
		hear("redeem", err)
		look()
	}
	hear("reset", w.reset(recovery.NewGrant("a grant that nobody has"), newPassword))
	hear("ask again", w.Service.AskAgain(w.t.Context(), w.id))
	w.Work(w.t)
	look()
	return heard
}

// A stranger asked in a member's name, right in both, and in a name that nobody has. Whatever happens to the
// member, the two recoveries tell the same.
func TestAStrangerHearsTheSameOfAMemberAndOfNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		var letter mail.Message
		var owner walk
		var grant recovery.Grant
		happens := []struct {
			what string
			does func()
		}{
			{"nothing", func() {}},
			{"a letter is sent", func() { letter = onlyOne(t, w.Work(t)); owner = through(t, w, letter) }},
			{"the owner guesses wrong", func() { _, _ = owner.redeem(recovery.NewTemporaryPassword("wrong")) }},
			{"the owner redeems", func() { grant = owner.mustRedeem(testkit.TemporaryPasswordIn(t, letter)) }},
			{"the owner changes the password", func() {
				if err := owner.reset(grant, newPassword); err != nil {
					t.Fatal(err)
				}
			}},
			{"a new one is mailed", func() { w.Clock.Move(2 * time.Minute); w.Work(t) }},
			{"it expires", func() { w.Clock.Move(2 * time.Hour) }},
			{"the member is suspended", func() { do(t, w, taro, store.MemberChange{Kind: member.WasSuspended}) }},
			{"the member is resumed", func() { do(t, w, taro, store.MemberChange{Kind: member.Resumed}) }},
			{"the password is voided", func() { do(t, w, taro, store.MemberChange{Kind: member.Voided}) }},
			{"the address is changed", func() { do(t, w, taro, store.MemberChange{Kind: member.AddressChanged, Address: "new@xxx.mm-m.ne.jp"}) }},
			{"a day passes", func() { w.Clock.Move(24 * time.Hour) }},
		}
		type pair struct{ real, decoy walk }
		var pairs []pair
		for range happens {
			pairs = append(pairs, pair{ask(t, w, taro, taroAddress), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")})
		}
		for i, event := range happens {
			event.does()
			ofReal, ofDecoy := pairs[i].real.told(), pairs[i].decoy.told()
			if !slices.Equal(ofReal, ofDecoy) {
				t.Errorf("when %s, a stranger hears of a member\n%q\nand of nobody\n%q", event.what, ofReal, ofDecoy)
			}
			if i == 0 {
				w.Clock.Move(time.Minute) // the first letter went out while the stranger looked
				ask(t, w, taro, taroAddress)
			}
		}
	})
}

// The walk that a decoy goes ends as a real one's does: by its own guesses, or after its day.
func TestADecoyIsToldFromNothingByWhoKnowsAnEarlierTemporaryPassword(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		real, decoy := ask(t, w, taro, taroAddress), ask(t, w, taro, "thief@example.com")
		mailed := temporaryPassword(t, w.Work(t))
		_, err := decoy.redeem(mailed)
		wantWrong(t, err, recovery.MaxGuesses-1)
		real.mustRedeem(mailed)
		_, err = decoy.redeem(mailed)
		wantWrong(t, err, recovery.MaxGuesses-2)
		if got := decoy.look(recovery.Grant{}).State; got != recovery.Waiting {
			t.Errorf("got %s, want waiting", got)
		}
	})
}

// More than one batch of asks, and in it more members than one transaction answers.
func TestACrowdOfMembersAndDecoysIsAnsweredWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		const members, decoys = 230, 400
		walks := map[member.MailAddress]walk{}
		for i := range max(members, decoys) {
			if i < members {
				id, address := member.LoginID(fmt.Sprintf("crowd%d", i)), member.MailAddress(fmt.Sprintf("crowd%d@xxx.mm-m.ne.jp", i))
				w.Enrol(t, id, address, oldPassword)
				walks[address] = ask(t, w, id, address)
			}
			ask(t, w, member.LoginID(fmt.Sprintf("nobody%d", i)), "nobody@xxx.mm-m.ne.jp")
		}
		letters := w.Work(t)
		if len(letters) != members {
			t.Fatalf("got %d letters, want one for each of %d members", len(letters), members)
		}
		for _, letter := range letters {
			own, asked := walks[letter.To]
			delete(walks, letter.To)
			if !asked || own.outcome() != recovery.LetterSent {
				t.Errorf("got a letter to %s, want one to each who asked", letter.To)
			}
		}
		if waiting, err := w.Store.Recoveries().Unresolved(t.Context(), 1); len(waiting) > 0 || err != nil {
			t.Errorf("got an ask that waits still, %v", err)
		}
	})
}
