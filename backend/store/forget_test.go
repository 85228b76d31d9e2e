package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// rowsWith returns the rows of all tables that contain a text.
func rowsWith(t *testing.T, db *sql.DB, text string) (found []string) {
	t.Helper()
	for _, table := range []string{"members", "recoveries", "issuances", "letters", "activities"} {
		rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
		defer func() { must(t, rows.Close()) }()
		must(t, err)
		columns, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
			for i := range cells {
				into[i] = &cells[i]
			}
			must(t, rows.Scan(into...))
			row := table + ":"
			for i, cell := range cells {
				row += fmt.Sprintf(" %s=%q", columns[i], cell.String)
			}
			if strings.Contains(row, text) {
				found = append(found, row)
			}
		}
		must(t, rows.Err())
	}
	return found
}

// newForgetWorld makes a world with a member who has asked, redeemed, set a password and got a new address, and with
// strangers who have asked for the member's login ID. It returns recoveries that can be continued, and the temporary
// password of the last letter.
func newForgetWorld(t *testing.T, settings store.Settings) (w *testkit.World, m member.Member, waiting []recovery.ID, live recovery.TemporaryPassword) {
	t.Helper()
	w = testkit.NewWorld(t, settings)
	w.Enrol(t, "hanako99", "hanako@xxx.mm-m.ne.jp", "Old-pass99")
	w.Enrol(t, "other123", "other@xxx.mm-m.ne.jp", "Old-pass99")
	ask := func(address member.MailAddress) recovery.ID {
		t.Helper()
		view, err := w.Service.Request(t.Context(), recovery.Ask{LoginID: "hanako99", MailAddress: address, Language: recovery.English, Client: "192.0.2.1"})
		must(t, err)
		return view.ID
	}
	over := ask("hanako@xxx.mm-m.ne.jp")
	letters := w.Work(t)
	if _, _, err := w.Service.Redeem(t.Context(), over, testkit.TemporaryPasswordIn(t, letters[0]), member.IPhone); err != nil {
		t.Fatal(err)
	}
	w.Clock.Move(25 * time.Hour) // now the ask is gone
	applyChange(t, w.Store, w.Member(t, "hanako99"), store.MemberChange{Kind: member.AddressChanged, Address: "hanako2@xxx.mm-m.ne.jp", Author: operator})
	w.Work(t)
	decoy, matched := ask("stranger@xxx.mm-m.ne.jp"), ask("hanako2@xxx.mm-m.ne.jp")
	letters = w.Work(t)
	live = testkit.TemporaryPasswordIn(t, letters[len(letters)-1])
	own := testkit.RecoveryIn(t, letters[len(letters)-1])
	applyChange(t, w.Store, w.Member(t, "hanako99"), store.MemberChange{Kind: member.WasCancelled, Author: operator})
	return w, w.Member(t, "hanako99"), []recovery.ID{decoy, matched, own, ask("hanako2@xxx.mm-m.ne.jp")}, live
}

func TestForgettingDeletesWhatNamesTheMemberButRecoveriesThatWait(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w, m, waiting, live := newForgetWorld(t, settings)
		ctx, members := t.Context(), w.Store.Members()
		before := make([]recovery.View, len(waiting))
		for i, id := range waiting {
			var err error
			before[i], err = w.Service.Look(ctx, id, recovery.NewGrant(""))
			must(t, err)
		}
		why := member.Author{Name: "Keiko", Reason: "asked in writing"}
		must(t, members.Forget(ctx, m, why, w.Clock.Now()))

		db := raw(t, settings)
		if found := rowsWith(t, db, "@xxx.mm-m.ne.jp"); len(found) != 1 || !strings.Contains(found[0], "other@") {
			t.Errorf("addresses: got\n%s", strings.Join(found, "\n"))
		}
		if found := rowsWith(t, db, "hanako"); len(found) != len(waiting) {
			t.Errorf("got\n%s\nwant only the %d recoveries that wait", strings.Join(found, "\n"), len(waiting))
		}
		if found := rowsWith(t, db, fmt.Sprintf(`member_id="%d"`, m.ID)); len(found) != 0 {
			t.Errorf("the member's number: got\n%s", strings.Join(found, "\n"))
		}
		kept, err := members.Forgotten(ctx, 10)
		if err != nil || len(kept) != 1 || kept[0].Author != why || kept[0].Kind != member.WasForgotten || !kept[0].At.Equal(w.Clock.Now()) {
			t.Errorf("kept: got %+v, %v", kept, err)
		}

		// Each recovery answers as before, but no temporary password belongs to it.
		for i, id := range waiting {
			if got, err := w.Service.Look(ctx, id, recovery.NewGrant("")); err != nil || got != before[i] {
				t.Errorf("recovery %d: got %+v, %v; want %+v", i, got, err, before[i])
			}
			var wrong *recovery.WrongError
			if _, _, err := w.Service.Redeem(ctx, id, live, member.Windows); !errors.As(err, &wrong) || wrong.GuessesLeft != 4 {
				t.Errorf("recovery %d: got %v, want a wrong guess", i, err)
			}
			must(t, w.Service.AskAgain(ctx, id))
		}
		if letters := w.Work(t); len(letters) != 0 {
			t.Errorf("got %d letters", len(letters))
		}
		asks, err := members.Asks(ctx, "hanako99", "", 10)
		must(t, err)
		for _, ask := range asks {
			if ask.Outcome != recovery.UnknownLoginID {
				t.Errorf("got the outcome %q", ask.Outcome)
			}
		}

		w.Clock.Move(49 * time.Hour)
		if _, err := w.Service.Look(ctx, waiting[0], recovery.NewGrant("")); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("a day later: got %v", err)
		}
		keep := store.Retention{Recoveries: 1000 * time.Hour, Letters: 1000 * time.Hour, Activities: 1000 * time.Hour}
		w.Sweep(t, keep)
		if found := rowsWith(t, db, "hanako"); len(found) != 0 {
			t.Errorf("after the sweep: got\n%s", strings.Join(found, "\n"))
		}
		if kept, err := members.Forgotten(ctx, 10); err != nil || len(kept) != 1 {
			t.Errorf("after the sweep: kept %+v, %v", kept, err)
		}
		if err := members.Forget(ctx, m, why, w.Clock.Now()); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("again: got %v, want ErrNotFound", err)
		}
	})
}

// If it stops after any statement, a second run completes it.
func TestForgettingCanBeCutOffAnywhereAndRunAgain(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w, m, waiting, _ := newForgetWorld(t, settings)
		db := raw(t, settings)
		for after := 1; ; after++ {
			ctx, cancel := context.WithCancel(t.Context())
			sent := 0
			must(t, w.Store.Record(func(store.Statement) {
				if sent++; sent == after {
					cancel()
				}
			}))
			err := w.Store.Members().Forget(ctx, m, operator, w.Clock.Now())
			cancel()
			if err == nil {
				break
			}
			if found := rowsWith(t, db, `login_id="hanako99"`); len(found) <= len(waiting) || !strings.HasPrefix(found[0], "members:") {
				t.Fatalf("cut off after %d statements (%v) there is no member to run it again with:\n%s", after, err, strings.Join(found, "\n"))
			}
			if after > 100 {
				t.Fatalf("never done: %v", err)
			}
		}
		if found := rowsWith(t, db, "hanako"); len(found) != len(waiting) {
			t.Errorf("got\n%s", strings.Join(found, "\n"))
		}
		if kept, err := w.Store.Members().Forgotten(t.Context(), 10); err != nil || len(kept) != 1 {
			t.Errorf("kept %+v, %v; want one line", kept, err)
		}
	})
}

func TestForgettingIsReportedAsDoneWhenOnlyItsAnswerWasLost(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		applyChange(t, s, m, store.MemberChange{Kind: member.WasCancelled})
		m = memberNow(t, s, m.ID)
		must(t, s.LoseNextCommit())
		must(t, s.Members().Forget(t.Context(), m, operator, now))
		if kept, err := s.Members().Forgotten(t.Context(), 10); err != nil || len(kept) != 1 {
			t.Errorf("kept %+v, %v; want one line", kept, err)
		}
	})
}

func TestOnlyACancelledMemberIsForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		if err := s.Members().Forget(t.Context(), m, operator, now); !errors.Is(err, store.ErrNotCancelled) {
			t.Errorf("active: got %v", err)
		}
		stale := m
		stale.Status = member.Cancelled // as read before the member was resumed
		if err := s.Members().Forget(t.Context(), stale, operator, now); !errors.Is(err, store.ErrNotCancelled) {
			t.Errorf("resumed meanwhile: got %v", err)
		}
		if after := memberNow(t, s, m.ID); after.Status != member.Active || after.PasswordVersion != m.PasswordVersion {
			t.Errorf("got %+v", after)
		}
	})
}

// Anybody can ask thousands of times for a login ID.
func TestForgettingGoesThroughManyRecoveries(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		const many = 1200 // more than one set
		var asks []recovery.Recovery
		for i := range many {
			r := newAsk("taro", now.Add(-time.Duration(i%2)*48*time.Hour))
			asks = append(asks, r)
		}
		must(t, s.Recoveries().AddRecoveries(t.Context(), asks))
		applyChange(t, s, m, store.MemberChange{Kind: member.WasCancelled})
		must(t, s.Members().Forget(t.Context(), memberNow(t, s, m.ID), operator, now))
		left, err := s.Members().Asks(t.Context(), "taro", "", many)
		if err != nil || len(left) != many/2 {
			t.Errorf("%d are left, %v; want the %d that wait", len(left), err, many/2)
		}
	})
}
