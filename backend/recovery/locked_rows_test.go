package recovery_test

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

// otherConnection connects to the tests' MariaDB as another program would.
func otherConnection(t *testing.T, settings store.Settings) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", settings.User+":"+settings.Password.Reveal()+"@tcp("+strings.Join(settings.Hosts, "")+")/"+settings.Name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// lockRows locks rows in a transaction of its own. It returns the function that ends the transaction.
func lockRows(t *testing.T, db *sql.DB, rows string, values ...any) (release func()) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() }) // if the test has not released it
	found, err := tx.QueryContext(t.Context(), "SELECT * FROM "+rows+" FOR UPDATE", values...)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	if !found.Next() {
		t.Fatalf("no row to lock: %s", rows)
	}
	for found.Next() { // the driver wants all rows to be read
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

func resolve(t *testing.T, w *testkit.World) {
	t.Helper()
	if err := w.Resolver.DrainUnlocked(t.Context()); err != nil {
		t.Errorf("resolver: %v", err)
	}
}

// lockedRows are rows that a member's request needs and another transaction locks.
var lockedRows = map[string]struct {
	before func(t *testing.T, w *testkit.World) // what happens before the request
	rows   string
	value  func(t *testing.T, w *testkit.World, asked browser) any
}{
	"the member": {
		rows:  "members WHERE id = ?",
		value: func(t *testing.T, w *testkit.World, _ browser) any { return w.Member(t, taro).ID },
	},
	"the request itself": {
		rows:  "recoveries WHERE id = ?",
		value: func(_ *testing.T, _ *testkit.World, asked browser) any { return string(asked.id) },
	},
	"the issuance that ran out": {
		before: func(t *testing.T, w *testkit.World) {
			wantAsk(t, w, 1, recovery.LetterSent)
			w.Clock.Move(2 * time.Hour)
		},
		rows:  "issuances WHERE live_member_id = ?",
		value: func(t *testing.T, w *testkit.World, _ browser) any { return w.Member(t, taro).ID },
	},
	"the letter that is due": {
		before: func(t *testing.T, w *testkit.World) {
			ask(t, w, taro, taroAddress)
			resolve(t, w)
		},
		rows:  "letters WHERE due_member_id = ?",
		value: func(t *testing.T, w *testkit.World, _ browser) any { return w.Member(t, taro).ID },
	},
}

func TestALockedRowDelaysOnlyItsOwnRequest(t *testing.T) {
	for name, is := range lockedRows {
		t.Run(name, func(t *testing.T) {
			settings := testkit.MySQL(t)
			w, db := testkit.NewWorld(t, settings), otherConnection(t, settings)
			w.Enrol(t, taro, taroAddress, oldPassword)
			if is.before != nil {
				is.before(t, w)
			}
			held := ask(t, w, taro, taroAddress)
			release := lockRows(t, db, is.rows, is.value(t, w, held))
			for round := range 6 { // 90 s
				id := member.LoginID(fmt.Sprintf("other%d", round))
				w.Enrol(t, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp", oldPassword)
				other, decoy := ask(t, w, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp"), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
				resolve(t, w)
				if got := held.outcome(); got != "" {
					t.Fatalf("round %d: the request was resolved as %s though its row is locked", round, got)
				}
				if got := other.outcome(); got != recovery.LetterSent {
					t.Errorf("round %d: another member's request: got %q, want a letter", round, got)
				}
				if got := decoy.outcome(); got != recovery.UnknownLoginID {
					t.Errorf("round %d: nobody's request: got %q, want it closed", round, got)
				}
				wantAskResult(t, w, fmt.Sprintf("round %d", round), nil, other, decoy)
				w.Clock.Move(15 * time.Second)
			}
			release()
			w.Clock.Move(time.Minute)
			resolve(t, w)
			if got := held.outcome(); got != recovery.LetterSent && got != recovery.TooSoon {
				t.Errorf("a minute after the lock: got %q, want it resolved", got)
			}
			if got := held.row().SetAside; got != 0 {
				t.Errorf("the resolved request is still marked as set aside %d times", got)
			}
		})
	}
}

func TestALockedDecoyDelaysOnlyItself(t *testing.T) {
	settings := testkit.MySQL(t)
	w, db := testkit.NewWorld(t, settings), otherConnection(t, settings)
	held, other := ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp"), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
	release := lockRows(t, db, "recoveries WHERE id = ?", string(held.id))
	resolve(t, w)
	w.Clock.Move(40 * time.Second)
	resolve(t, w)
	if held.outcome() != "" || other.outcome() != recovery.UnknownLoginID {
		t.Errorf("got %q and %q, want only the other closed", held.outcome(), other.outcome())
	}
	wantAskResult(t, w, "after 40 s", nil, other)
	release()
	resolve(t, w)
	if got := held.outcome(); got != recovery.UnknownLoginID {
		t.Errorf("unlocked: got %q, want it closed", got)
	}
}

// The rows are locked after the resolver has claimed them.
func TestARequestThatIsLockedAfterItsClaimDelaysOnlyItself(t *testing.T) {
	settings := testkit.MySQL(t)
	w, db := testkit.NewWorld(t, settings), otherConnection(t, settings)
	w.Enrol(t, taro, taroAddress, oldPassword)
	w.Enrol(t, "hanako", "hanako@xxx.mm-m.ne.jp", oldPassword)
	heldMatch, heldDecoy := ask(t, w, taro, taroAddress), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
	match, decoy := ask(t, w, "hanako", "hanako@xxx.mm-m.ne.jp"), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
	w.Service.Store = &afterClaimStore{w.Service.Store, func() {
		lockRows(t, db, "recoveries WHERE id IN (?, ?)", string(heldMatch.id), string(heldDecoy.id))
	}}
	resolve(t, w)
	if heldMatch.outcome() != "" || heldDecoy.outcome() != "" {
		t.Errorf("a locked request was resolved: %q, %q", heldMatch.outcome(), heldDecoy.outcome())
	}
	if match.outcome() != recovery.LetterSent || decoy.outcome() != recovery.UnknownLoginID {
		t.Errorf("got %q and %q, want the other two resolved", match.outcome(), decoy.outcome())
	}
}

// afterClaimStore calls happens after the resolver has claimed its asks.
type afterClaimStore struct {
	recovery.Store
	happens func()
}

func (s *afterClaimStore) MembersNamed(ctx context.Context, ids []member.LoginID) ([]member.Member, error) {
	s.happens()
	return s.Store.MembersNamed(ctx, ids)
}

// An ask whose row cannot be written is set aside, like an ask whose row is locked.
func TestARowThatCannotBeWrittenDelaysOnlyItsOwnRequest(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		w.Enrol(t, taro, taroAddress, oldPassword)
		var others []browser
		broken := ask(t, w, taro, taroAddress)
		for i := range 5 {
			id := member.LoginID(fmt.Sprintf("other%d", i))
			w.Enrol(t, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp", oldPassword)
			others = append(others, ask(t, w, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp"))
		}
		w.Service.Store = &refusingStore{w.Service.Store, broken.id}
		resolve(t, w)
		w.Clock.Move(time.Minute)
		resolve(t, w)
		for _, other := range others {
			if got := other.outcome(); got != recovery.LetterSent {
				t.Errorf("another member's request: got %q, want a letter", got)
			}
		}
		if got := broken.row(); got.Outcome != "" || got.SetAside != 2 {
			t.Errorf("the broken request: got %q, set aside %d times; want twice", got.Outcome, got.SetAside)
		}
		wantAskResult(t, w, "one cannot be written", nil, broken, others[0])
	})
}

// refusingStore fails to close one ask.
type refusingStore struct {
	recovery.Store
	id recovery.ID
}

func (s *refusingStore) InTx(ctx context.Context, do func(recovery.Store) error) error {
	return s.Store.InTx(ctx, func(tx recovery.Store) error { return do(&refusingStore{tx, s.id}) })
}

func (s *refusingStore) CloseMatched(ctx context.Context, claim string, closings []recovery.Closing) (int, error) {
	for _, c := range closings {
		if c.ID == s.id {
			return 0, errors.New("refused")
		}
	}
	return s.Store.CloseMatched(ctx, claim, closings)
}

// The member's own call waits for the lock, up to the limit of the database.
func TestARedemptionThatFailsAtALockedMemberUsesNoGuess(t *testing.T) {
	settings := testkit.MySQL(t)
	w, db := testkit.NewWorld(t, settings), otherConnection(t, settings)
	w.Enrol(t, taro, taroAddress, oldPassword)
	browser := ask(t, w, taro, taroAddress)
	mailed := temporaryPassword(t, w.Work(t))
	release := lockRows(t, db, "members WHERE login_id = ?", string(taro))
	_, err := browser.redeem(mailed)
	if !errors.Is(err, recovery.ErrLocked) || !store.IsUnavailable(err) {
		t.Errorf("got %v, want ErrLocked as an unavailable database", err)
	}
	if got := browser.look(recovery.Grant{}).GuessesLeft; got != recovery.MaxGuesses {
		t.Errorf("%d guesses left, want all: the guess was right", got)
	}
	release()
	browser.mustRedeem(mailed)
}
