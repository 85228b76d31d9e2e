package recovery_test

import (
	"cmp"
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

// elsewhere opens the tests' MariaDB beside the store, as somebody else's program would.
func elsewhere(t *testing.T, settings store.Settings) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", settings.User+":"+settings.Password.Reveal()+"@tcp("+strings.Join(settings.Hosts, "")+")/"+settings.Name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// lock locks rows in a transaction of somebody else's. It returns what ends that transaction.
func lock(t *testing.T, db *sql.DB, rows string, values ...any) (release func()) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() }) // when it was not released
	found, err := tx.QueryContext(t.Context(), "SELECT * FROM "+rows+" FOR UPDATE", values...)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	if !found.Next() {
		t.Fatalf("no row to lock: %s", rows)
	}
	for found.Next() { // the driver needs them all read
		continue
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

func look(t *testing.T, w *testkit.World) {
	t.Helper()
	if err := w.Resolver.DrainUnlocked(t.Context()); err != nil {
		t.Errorf("resolver: %v", err)
	}
}

// wantAsking wants Request and AskAgain to end alike, for a member, for nobody, and for a recovery that is not there.
func wantAsking(t *testing.T, w *testkit.World, when string, want error, again ...walk) {
	t.Helper()
	_, err := w.Service.Request(t.Context(), recovery.Ask{LoginID: "nobody", MailAddress: "nobody@xxx.mm-m.ne.jp", Language: recovery.Japanese})
	if !errors.Is(err, want) {
		t.Errorf("%s: asking: got %v, want %v", when, err, want)
	}
	for _, walk := range again {
		if err := w.Service.AskAgain(t.Context(), walk.id); !errors.Is(err, want) {
			t.Errorf("%s: asking again: got %v, want %v", when, err, want)
		}
	}
	unknown := w.Service.AskAgain(t.Context(), "AAAAAAAAAAAAAAAAAAAAAAAAAA")
	if wantUnknown := cmp.Or(want, recovery.ErrNotFound); !errors.Is(unknown, wantUnknown) {
		t.Errorf("%s: asking again at no recovery: got %v, want %v", when, unknown, wantUnknown)
	}
}

// stuck is a row that somebody else's transaction locks, which a member's request needs.
var stuck = map[string]struct {
	before func(t *testing.T, w *testkit.World) // what happened before the request
	rows   string
	value  func(t *testing.T, w *testkit.World, asked walk) any
}{
	"the member": {
		rows:  "members WHERE id = ?",
		value: func(t *testing.T, w *testkit.World, _ walk) any { return w.Member(t, taro).ID },
	},
	"the request itself": {
		rows:  "recoveries WHERE id = ?",
		value: func(_ *testing.T, _ *testkit.World, asked walk) any { return string(asked.id) },
	},
	"the issuance that ran out": {
		before: func(t *testing.T, w *testkit.World) {
			wantAsk(t, w, 1, recovery.LetterSent)
			w.Clock.Move(2 * time.Hour)
		},
		rows:  "issuances WHERE live_member_id = ?",
		value: func(t *testing.T, w *testkit.World, _ walk) any { return w.Member(t, taro).ID },
	},
	"the letter that is due": {
		before: func(t *testing.T, w *testkit.World) {
			ask(t, w, taro, taroAddress)
			look(t, w)
		},
		rows:  "letters WHERE due_member_id = ?",
		value: func(t *testing.T, w *testkit.World, _ walk) any { return w.Member(t, taro).ID },
	},
}

func TestALockedRowHoldsUpItsOwnRequestOnly(t *testing.T) {
	for name, is := range stuck {
		t.Run(name, func(t *testing.T) {
			settings := testkit.MySQL(t)
			w, db := testkit.NewWorld(t, settings), elsewhere(t, settings)
			w.Enrol(t, taro, taroAddress, oldPassword)
			if is.before != nil {
				is.before(t, w)
			}
			held := ask(t, w, taro, taroAddress)
			release := lock(t, db, is.rows, is.value(t, w, held))
			for round := range 6 { // 90 s
				id := member.LoginID(fmt.Sprintf("other%d", round))
				w.Enrol(t, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp", oldPassword)
				other, decoy := ask(t, w, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp"), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
				look(t, w)
				if got := held.outcome(); got != "" {
					t.Fatalf("round %d: the request was resolved as %s though its row is locked", round, got)
				}
				if got := other.outcome(); got != recovery.LetterSent {
					t.Errorf("round %d: another member's request: got %q, want a letter", round, got)
				}
				if got := decoy.outcome(); got != recovery.UnknownLoginID {
					t.Errorf("round %d: nobody's request: got %q, want it closed", round, got)
				}
				wantAsking(t, w, fmt.Sprintf("round %d", round), nil, other, decoy)
				w.Clock.Move(15 * time.Second)
			}
			release()
			w.Clock.Move(time.Minute)
			look(t, w)
			if got := held.outcome(); got != recovery.LetterSent && got != recovery.TooSoon {
				t.Errorf("a minute after the lock: got %q, want it resolved", got)
			}
			if got := held.row().SetAside; got != 0 {
				t.Errorf("the resolved request is still marked as set aside %d times", got)
			}
		})
	}
}

// A decoy's row is nobody's but its own.
func TestALockedDecoyHoldsUpItselfOnly(t *testing.T) {
	settings := testkit.MySQL(t)
	w, db := testkit.NewWorld(t, settings), elsewhere(t, settings)
	held, other := ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp"), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
	release := lock(t, db, "recoveries WHERE id = ?", string(held.id))
	look(t, w)
	w.Clock.Move(40 * time.Second)
	look(t, w)
	if held.outcome() != "" || other.outcome() != recovery.UnknownLoginID {
		t.Errorf("got %q and %q, want only the other closed", held.outcome(), other.outcome())
	}
	wantAsking(t, w, "after 40 s", nil, other)
	release()
	look(t, w)
	if got := held.outcome(); got != recovery.UnknownLoginID {
		t.Errorf("unlocked: got %q, want it closed", got)
	}
}

// The row is locked while the ask is being resolved: after it was claimed.
func TestARequestThatIsLockedOnceClaimedHoldsUpItselfOnly(t *testing.T) {
	settings := testkit.MySQL(t)
	w, db := testkit.NewWorld(t, settings), elsewhere(t, settings)
	w.Enrol(t, taro, taroAddress, oldPassword)
	w.Enrol(t, "hanako", "hanako@xxx.mm-m.ne.jp", oldPassword)
	heldMatch, heldDecoy := ask(t, w, taro, taroAddress), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
	match, decoy := ask(t, w, "hanako", "hanako@xxx.mm-m.ne.jp"), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
	w.Service.Store = &locksWhenClaimed{w.Service.Store, func() {
		lock(t, db, "recoveries WHERE id IN (?, ?)", string(heldMatch.id), string(heldDecoy.id))
	}}
	look(t, w)
	if heldMatch.outcome() != "" || heldDecoy.outcome() != "" {
		t.Errorf("a locked request was resolved: %q, %q", heldMatch.outcome(), heldDecoy.outcome())
	}
	if match.outcome() != recovery.LetterSent || decoy.outcome() != recovery.UnknownLoginID {
		t.Errorf("got %q and %q, want the other two resolved", match.outcome(), decoy.outcome())
	}
}

// locksWhenClaimed lets something happen between the claim and the rest.
type locksWhenClaimed struct {
	recovery.Store
	happens func()
}

func (s *locksWhenClaimed) MembersNamed(ctx context.Context, ids []member.LoginID) ([]member.Member, error) {
	s.happens()
	return s.Store.MembersNamed(ctx, ids)
}

func TestAHundredLockedRequestsDoNotCloseRecoveryButMoreDo(t *testing.T) {
	locks := map[string]string{"their member is locked": "members", "they are locked themselves": "recoveries"}
	for name, table := range locks {
		t.Run(name, func(t *testing.T) {
			settings := testkit.MySQL(t)
			w, db := testkit.NewWorld(t, settings), elsewhere(t, settings)
			w.Enrol(t, taro, taroAddress, oldPassword)
			decoy := ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
			look(t, w)
			for range recovery.MaxSetAside {
				ask(t, w, taro, taroAddress)
			}
			release := lock(t, db, table+" WHERE login_id = ?", string(taro))
			look(t, w)
			w.Clock.Move(recovery.MaxBacklog + time.Second)
			look(t, w)
			wantAsking(t, w, "a hundred", nil, decoy)

			release()
			w.Clock.Move(2 * time.Minute)
			wantNothingWaits(t, w)
			var last walk
			for range recovery.MaxSetAside + 1 {
				last = ask(t, w, taro, taroAddress)
			}
			release = lock(t, db, table+" WHERE login_id = ?", string(taro))
			look(t, w)
			wantAsking(t, w, "a hundred and one, young", nil, decoy)
			w.Clock.Move(recovery.MaxBacklog + time.Second)
			look(t, w)
			wantAsking(t, w, "a hundred and one", recovery.ErrBusy, decoy, last)
			other := second(t, w, settings) // or this one after a restart
			look(t, other)
			wantAsking(t, other, "a hundred and one, on another server", recovery.ErrBusy, decoy, last)
			release()
			w.Clock.Move(2 * time.Minute)
			wantNothingWaits(t, w)
			wantAsking(t, w, "unlocked", nil, decoy, last)
		})
	}
}

func wantNothingWaits(t *testing.T, w *testkit.World) {
	t.Helper()
	look(t, w)
	if waiting, err := w.Store.Recoveries().Unresolved(t.Context(), 1000); err != nil || len(waiting) > 0 {
		t.Fatalf("%d asks wait, %v; want none", len(waiting), err)
	}
}

// The resolver cannot work, but asks can be written.
func TestARealBacklogClosesAskingAndAskingAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		works := w.Service.Store
		known, decoy := ask(t, w, taro, taroAddress), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
		w.Service.Store = &failsToResolve{works}
		for _, c := range []struct {
			after time.Duration
			want  error
		}{{0, nil}, {recovery.MaxBacklog, nil}, {time.Microsecond, recovery.ErrBusy}, {time.Hour, recovery.ErrBusy}} {
			w.Clock.Move(c.after)
			if err := w.Resolver.DrainUnlocked(t.Context()); err == nil {
				t.Fatal("the resolver worked")
			}
			wantAsking(t, w, "the resolver fails, "+c.after.String()+" later", c.want, known, decoy)
		}
		w.Service.Store = works
		look(t, w)
		wantAsking(t, w, "the resolver works again", nil, known, decoy)
	})
}

type failsToResolve struct{ recovery.Store }

func (*failsToResolve) ClaimUnresolved(context.Context, string, time.Time, time.Time, time.Time, int) ([]recovery.Recovery, error) {
	return nil, errors.New("no claim")
}

// A row that the database refuses to write is set aside like one that it does not give.
func TestARowThatCannotBeWrittenHoldsUpItselfOnly(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		w.Enrol(t, taro, taroAddress, oldPassword)
		var others []walk
		broken := ask(t, w, taro, taroAddress)
		for i := range 5 {
			id := member.LoginID(fmt.Sprintf("other%d", i))
			w.Enrol(t, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp", oldPassword)
			others = append(others, ask(t, w, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp"))
		}
		w.Service.Store = &refusesToClose{w.Service.Store, broken.id}
		look(t, w)
		w.Clock.Move(time.Minute)
		look(t, w)
		for _, other := range others {
			if got := other.outcome(); got != recovery.LetterSent {
				t.Errorf("another member's request: got %q, want a letter", got)
			}
		}
		if got := broken.row(); got.Outcome != "" || got.SetAside != 2 {
			t.Errorf("the broken request: got %q, set aside %d times; want twice", got.Outcome, got.SetAside)
		}
		wantAsking(t, w, "one cannot be written", nil, broken, others[0])
	})
}

// refusesToClose fails where one ask is closed.
type refusesToClose struct {
	recovery.Store
	id recovery.ID
}

func (s *refusesToClose) InTx(ctx context.Context, do func(recovery.Store) error) error {
	return s.Store.InTx(ctx, func(tx recovery.Store) error { return do(&refusesToClose{tx, s.id}) })
}

func (s *refusesToClose) CloseMatched(ctx context.Context, claim string, closings []recovery.Closing) (int, error) {
	for _, c := range closings {
		if c.ID == s.id {
			return 0, errors.New("refused")
		}
	}
	return s.Store.CloseMatched(ctx, claim, closings)
}

// A member's own call waits for the lock, but not for long.
func TestRedeemingALockedMembersPasswordSpendsNothing(t *testing.T) {
	settings := testkit.MySQL(t)
	w, db := testkit.NewWorld(t, settings), elsewhere(t, settings)
	w.Enrol(t, taro, taroAddress, oldPassword)
	walk := ask(t, w, taro, taroAddress)
	mailed := temporaryPassword(t, w.Work(t))
	release := lock(t, db, "members WHERE login_id = ?", string(taro))
	_, err := walk.redeem(mailed)
	if !errors.Is(err, recovery.ErrLocked) || !store.IsUnavailable(err) {
		t.Errorf("got %v, want ErrLocked as an unavailable database", err)
	}
	if got := walk.look(recovery.Grant{}).GuessesLeft; got != recovery.MaxGuesses {
		t.Errorf("%d guesses left, want all: the guess was right", got)
	}
	release()
	walk.mustRedeem(mailed)
}
