package recovery_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

const day = 24 * time.Hour

// least is the shortest retention that the settings allow.
var least = store.Retention{Recoveries: 2 * day, Letters: 2 * day, Activities: 2 * day}

func sweep(t *testing.T, w *testkit.World) {
	t.Helper()
	w.Sweep(t, least)
}

// wantIssuance fails the test unless the issuance is kept, or is swept.
func wantIssuance(t *testing.T, w *testkit.World, what, id string, kept bool) {
	t.Helper()
	_, err := w.Store.Recoveries().Issuance(t.Context(), id)
	if kept != (err == nil) || err != nil && !errors.Is(err, recovery.ErrNotFound) {
		t.Errorf("%s: got %v, kept: want %v", what, err, kept)
	}
}

func TestAnIssuanceIsSweptHoweverItEnded(t *testing.T) {
	ends := map[string]func(t *testing.T, w *testkit.World, asked browser, mailed recovery.TemporaryPassword){
		"it ran out": func(*testing.T, *testkit.World, browser, recovery.TemporaryPassword) {},
		"it was used": func(_ *testing.T, _ *testkit.World, asked browser, mailed recovery.TemporaryPassword) {
			asked.mustRedeem(mailed)
		},
		"it was ended": func(t *testing.T, w *testkit.World, _ browser, _ recovery.TemporaryPassword) {
			w.Clock.Move(2 * time.Hour)
			wantAsk(t, w, 1, recovery.LetterSent) // a new one replaces it
		},
		"the password was voided": func(t *testing.T, w *testkit.World, _ browser, _ recovery.TemporaryPassword) {
			changeMember(t, w, taro, store.MemberChange{Kind: member.Voided})
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *testkit.World) {
				asked := ask(t, w, taro, taroAddress)
				mailed := temporaryPassword(t, w.Work(t))
				id := asked.row().IssuanceID
				end(t, w, asked, mailed)
				w.Clock.Move(2*day - time.Second)
				sweep(t, w)
				wantIssuance(t, w, "before its retention is over", id, true)
				w.Clock.Move(3 * time.Hour)
				sweep(t, w)
				wantIssuance(t, w, "when its retention is over", id, false)
			})
		})
	}
}

// All servers, or the mail server, were away for forty days.
func TestRowsThatAWaitingLetterNeedsAreNotSwept(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		asked := ask(t, w, taro, taroAddress)
		resolve(t, w)
		w.Clock.Move(40 * day)
		sweep(t, w)
		wantIssuance(t, w, "while its letter waits", asked.row().IssuanceID, true)

		w.Postman.Drain(t.Context())
		letter := onlyOne(t, w.Out.Messages())
		mailed, own := testkit.TemporaryPasswordIn(t, letter), openLink(t, w, letter)
		sweep(t, w)
		own.mustRedeem(mailed)
		w.Clock.Move(day - time.Second) // the letter's own recovery lives until a day after the mail
		sweep(t, w)
		_, err := own.redeem(mailed)
		wantEnded(t, err, recovery.ByUse)
		w.Clock.Move(3 * day)
		sweep(t, w)
		if _, err := w.Store.Recoveries().Recovery(t.Context(), own.id); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("the letter's own recovery, days later: got %v, want it swept", err)
		}
	})
}

func TestALockedRowDelaysOnlyItsOwnSweeping(t *testing.T) {
	settings := testkit.MySQL(t)
	w, db := testkit.NewWorld(t, settings), otherConnection(t, settings)
	browsers := make([]browser, 5)
	for i := range browsers {
		id := member.LoginID(fmt.Sprintf("member%d", i))
		w.Enrol(t, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp", oldPassword)
		browsers[i] = ask(t, w, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp")
	}
	w.Work(t)
	w.Clock.Move(40 * day)
	ids := make([]string, len(browsers))
	for i, browser := range browsers {
		ids[i] = browser.row().IssuanceID
	}
	release := lockRows(t, db, "issuances WHERE id = ?", ids[2])
	sweep(t, w)
	for i, id := range ids {
		wantIssuance(t, w, fmt.Sprintf("issuance %d, the third is locked", i), id, i == 2)
	}
	if _, err := w.Store.Recoveries().Recovery(t.Context(), browsers[0].id); !errors.Is(err, recovery.ErrNotFound) {
		t.Errorf("a recovery: got %v, want the other tables swept too", err)
	}
	release()
	sweep(t, w)
	wantIssuance(t, w, "unlocked", ids[2], false)
}

// A set is 500 rows.
func TestMoreThanOneSetIsSwept(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		var last browser
		for range 1100 {
			last = ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
		}
		resolve(t, w)
		w.Clock.Move(2 * day)
		sweep(t, w)
		if kept, err := w.Store.Recoveries().Recovery(t.Context(), last.id); err != nil || kept.Outcome != recovery.UnknownLoginID {
			t.Errorf("after 48 hours: got %q, %v; want the decoys kept for the help desk", kept.Outcome, err)
		}
		w.Clock.Move(time.Second)
		sweep(t, w)
		if asks, err := w.Store.Members().Asks(t.Context(), "nobody", "", 10); err != nil || len(asks) > 0 {
			t.Errorf("after more: got %d decoys, %v; want none", len(asks), err)
		}
	})
}
