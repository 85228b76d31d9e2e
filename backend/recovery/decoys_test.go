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

// answers makes every call that a stranger can make, and returns the answers without the values that name the recovery.
func (b browser) answers() []string {
	b.t.Helper()
	var got []string
	add := func(what string, err error) { got = append(got, fmt.Sprintf("%s: %v", what, err)) }
	look := func() {
		view, err := b.Service.Look(b.t.Context(), b.id, recovery.NewGrant("a grant that nobody has"))
		view.ID, view.Receipt, view.LoginID = "", "", ""
		add(fmt.Sprintf("look %+v", view), err)
	}
	look()
	add("ask again", b.Service.AskAgain(b.t.Context(), b.id))
	look()
	b.Work(b.t)
	for range recovery.MaxGuesses + 1 {
		_, err := b.redeem(recovery.NewTemporaryPassword("Wrong2345"))
		add("redeem", err)
		look()
	}
	add("reset", b.reset(recovery.NewGrant("a grant that nobody has"), newPassword))
	add("ask again", b.Service.AskAgain(b.t.Context(), b.id))
	b.Work(b.t)
	look()
	return got
}

// A stranger made two requests: one with a member's login ID and address, one with a login ID that nobody has. Whatever happens to
// the member, the two recoveries give the same answers.
func TestAStrangerGetsTheSameAnswersForAMemberAndForNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		var letter mail.Message
		var owner browser
		var grant recovery.Grant
		events := []struct {
			what string
			does func()
		}{
			{"nothing", func() {}},
			{"a letter is sent", func() { letter = onlyOne(t, w.Work(t)); owner = openLink(t, w, letter) }},
			{"the owner guesses wrong", func() { _, _ = owner.redeem(recovery.NewTemporaryPassword("wrong")) }},
			{"the owner redeems", func() { grant = owner.mustRedeem(testkit.TemporaryPasswordIn(t, letter)) }},
			{"the owner changes the password", func() {
				if err := owner.reset(grant, newPassword); err != nil {
					t.Fatal(err)
				}
			}},
			{"a new one is mailed", func() { w.Clock.Move(2 * time.Minute); w.Work(t) }},
			{"it expires", func() { w.Clock.Move(2 * time.Hour) }},
			{"the member is suspended", func() { changeMember(t, w, taro, store.MemberChange{Kind: member.WasSuspended}) }},
			{"the member is resumed", func() { changeMember(t, w, taro, store.MemberChange{Kind: member.Resumed}) }},
			{"the password is voided", func() { changeMember(t, w, taro, store.MemberChange{Kind: member.Voided}) }},
			{"the address is changed", func() {
				changeMember(t, w, taro, store.MemberChange{Kind: member.AddressChanged, Address: "new@xxx.mm-m.ne.jp"})
			}},
			{"a day passes", func() { w.Clock.Move(24 * time.Hour) }},
		}
		type pair struct{ real, decoy browser }
		var pairs []pair
		for range events {
			pairs = append(pairs, pair{ask(t, w, taro, taroAddress), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")})
		}
		for i, event := range events {
			event.does()
			ofReal, ofDecoy := pairs[i].real.answers(), pairs[i].decoy.answers()
			if !slices.Equal(ofReal, ofDecoy) {
				t.Errorf("when %s, a stranger gets for a member\n%q\nand for nobody\n%q", event.what, ofReal, ofDecoy)
			}
			if i == 0 {
				w.Clock.Move(time.Minute) // the first letter was sent while the stranger looked
				ask(t, w, taro, taroAddress)
			}
		}
	})
}

// For a decoy every temporary password is wrong, also a member's.
func TestAMembersTemporaryPasswordIsAWrongGuessAtADecoy(t *testing.T) {
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

// The 630 asks are more than a batch of 500.
func TestMoreAsksThanOneBatchAreAllResolved(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		const members, decoys = 230, 400
		browsers := map[member.MailAddress]browser{}
		for i := range max(members, decoys) {
			if i < members {
				id, address := member.LoginID(fmt.Sprintf("crowd%d", i)), member.MailAddress(fmt.Sprintf("crowd%d@xxx.mm-m.ne.jp", i))
				w.Enrol(t, id, address, oldPassword)
				browsers[address] = ask(t, w, id, address)
			}
			ask(t, w, member.LoginID(fmt.Sprintf("nobody%d", i)), "nobody@xxx.mm-m.ne.jp")
		}
		letters := w.Work(t)
		if len(letters) != members {
			t.Fatalf("got %d letters, want one for each of %d members", len(letters), members)
		}
		for _, letter := range letters {
			own, asked := browsers[letter.To]
			delete(browsers, letter.To)
			if !asked || own.outcome() != recovery.LetterSent {
				t.Errorf("got a letter to %s, want one to each member who asked", letter.To)
			}
		}
		if waiting, err := w.Store.Recoveries().Unresolved(t.Context(), 1); len(waiting) > 0 || err != nil {
			t.Errorf("an ask still waits, or %v", err)
		}
	})
}
