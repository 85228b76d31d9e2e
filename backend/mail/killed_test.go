package mail_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

var errCut = errors.New("the connection to the database is cut")

// failer counts the calls to the database and makes the n-th fail. With kills, all later calls fail too. A transaction
// counts three times: at its start, just before the commit, and just after it, when the commit succeeds and its answer
// is lost.
type failer struct {
	mu    sync.Mutex
	calls int
	at    int
	kills bool
}

func (c *failer) fail() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if c.calls == c.at || c.kills && c.calls > c.at {
		return errCut
	}
	return nil
}

func (c *failer) reached() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls >= c.at
}

// cutStore is a database whose connection breaks at one call.
type cutStore struct {
	mail.Store
	*failer
}

func (s cutStore) InTx(ctx context.Context, do func(mail.Store) error) error {
	if err := s.fail(); err != nil {
		return err
	}
	err := s.Store.InTx(ctx, func(tx mail.Store) error {
		if err := do(cutStore{tx, s.failer}); err != nil {
			return err
		}
		return s.fail()
	})
	if err != nil {
		return err
	}
	return s.fail()
}

func (s cutStore) ClaimDue(ctx context.Context, claim string, now, until time.Time, limit int, of ...mail.Priority) ([]mail.Letter, error) {
	if err := s.fail(); err != nil {
		return nil, err
	}
	return s.Store.ClaimDue(ctx, claim, now, until, limit, of...)
}

func (s cutStore) LockOwnRecoveries(ctx context.Context, ids []recovery.ID, when recovery.WhenLocked) ([]recovery.ID, error) {
	if err := s.fail(); err != nil {
		return nil, err
	}
	return s.Store.LockOwnRecoveries(ctx, ids, when)
}

func (s cutStore) LockIssuances(ctx context.Context, ids []string, when recovery.WhenLocked) ([]recovery.Issuance, error) {
	if err := s.fail(); err != nil {
		return nil, err
	}
	return s.Store.LockIssuances(ctx, ids, when)
}

func (s cutStore) LockClaimed(ctx context.Context, claim string, ids []string, when recovery.WhenLocked) ([]mail.Claimed, error) {
	if err := s.fail(); err != nil {
		return nil, err
	}
	return s.Store.LockClaimed(ctx, claim, ids, when)
}

func (s cutStore) Members(ctx context.Context, ids []member.ID) ([]member.Member, error) {
	if err := s.fail(); err != nil {
		return nil, err
	}
	return s.Store.Members(ctx, ids)
}

func (s cutStore) ExtendOwnRecoveries(ctx context.Context, ids []recovery.ID, until time.Time) error {
	if err := s.fail(); err != nil {
		return err
	}
	return s.Store.ExtendOwnRecoveries(ctx, ids, until)
}

func (s cutStore) SetExpiries(ctx context.Context, expiries []mail.IssuanceTime) (int, error) {
	if err := s.fail(); err != nil {
		return 0, err
	}
	return s.Store.SetExpiries(ctx, expiries)
}

func (s cutStore) BeginTries(ctx context.Context, claim string, ids []string, now time.Time) (int, error) {
	if err := s.fail(); err != nil {
		return 0, err
	}
	return s.Store.BeginTries(ctx, claim, ids, now)
}

func (s cutStore) Reopen(ctx context.Context, asks []recovery.ID, now time.Time) error {
	if err := s.fail(); err != nil {
		return err
	}
	return s.Store.Reopen(ctx, asks, now)
}

func (s cutStore) MarkMailed(ctx context.Context, mailed []mail.IssuanceTime) error {
	if err := s.fail(); err != nil {
		return err
	}
	return s.Store.MarkMailed(ctx, mailed)
}

func (s cutStore) Finish(ctx context.Context, claim string, ids []string, state mail.State, answer string, now time.Time) error {
	if err := s.fail(); err != nil {
		return err
	}
	return s.Store.Finish(ctx, claim, ids, state, answer, now)
}

func (s cutStore) Postpone(ctx context.Context, claim string, tries []mail.Try) error {
	if err := s.fail(); err != nil {
		return err
	}
	return s.Store.Postpone(ctx, claim, tries)
}

func (s cutStore) UndoTries(ctx context.Context, claim string, tries []mail.Try) error {
	if err := s.fail(); err != nil {
		return err
	}
	return s.Store.UndoTries(ctx, claim, tries)
}

// makeMixedLettersDue makes letters of all kinds due: some with temporary passwords, one of a member who has been
// suspended since, and a notice. It returns how many of them are sent.
func makeMixedLettersDue(t *testing.T, w *testkit.World) (goes int) {
	t.Helper()
	enrolMany(t, w, 4)
	gone := w.Enrol(t, taro, taroAddress, "Old-pass99")
	ask(t, w, taro, taroAddress)
	if done, err := w.Store.Members().Do(t.Context(), gone.ID, store.MemberChange{Kind: member.WasSuspended}, time.Now()); err != nil || !done {
		t.Fatal(done, err)
	}
	notice := recovery.NoticeOfChange(w.Member(t, "member0"), 1, recovery.Japanese, time.Now())
	if err := w.Store.Recoveries().AddLetter(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	return 5
}

// eachCut runs a test once for each call to the database while mixed letters are sent, and makes that call fail.
func eachCut(t *testing.T, kills bool, run func(t *testing.T, w *testkit.World, db cutStore, letters int)) {
	t.Helper()
	for n, last := 1, false; !last; n++ {
		inBubble(t, func(t *testing.T, w *testkit.World) {
			letters := makeMixedLettersDue(t, w)
			db := cutStore{w.Store.Letters(), &failer{at: n, kills: kills}}
			w.Postman.Store, w.Postman.Senders = db, 8
			run(t, w, db, letters)
			last = !db.reached()
		})
		if t.Failed() {
			t.Fatalf("the %d. call failed", n)
		}
		if last && n < 15 {
			t.Errorf("%d calls were cut, want each of some 25", n)
		}
	}
}

func TestACallThatFailsLosesNoLetterAndDoublesNone(t *testing.T) {
	eachCut(t, false, func(t *testing.T, w *testkit.World, _ cutStore, letters int) {
		var sent deliveryCounter
		w.Postman.Transport = transportFunc(func(_ context.Context, m mail.Message) error {
			sent.count(m)
			return nil
		})
		stop := startPostman(t, w.Postman)
		time.Sleep(15 * time.Second)
		stop()
		sent.wantOnce(t, letters)
		if accepted, waiting := len(lettersIn(t, w, mail.Accepted)), len(lettersIn(t, w, mail.Waiting)); accepted != letters || waiting != 0 {
			t.Errorf("%d letters are accepted and %d wait, want %d and none", accepted, waiting, letters)
		}
	})
}

// A server that is killed between any two statements loses no letter. Only letters that were sent and not recorded are
// sent twice, with the same Message-ID.
func TestAKilledPostmanLosesNoLetterAndRepeatsOnlyWhatItCouldNotRecord(t *testing.T) {
	eachCut(t, true, func(t *testing.T, w *testkit.World, db cutStore, letters int) {
		var mu sync.Mutex
		var sent, unrecorded []string
		take := func(m mail.Message) error {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, m.ID)
			return nil
		}
		w.Postman.Transport = transportFunc(func(_ context.Context, m mail.Message) error {
			if db.reached() {
				return errors.New("the process is gone")
			}
			return take(m)
		})
		stop := startPostman(t, w.Postman)
		time.Sleep(time.Second)
		stop()
		for _, kept := range lettersIn(t, w, mail.Waiting) {
			if id := w.Postman.Writer.MessageID(kept.ID); slices.Contains(sent, id) {
				unrecorded = append(unrecorded, id)
			}
		}
		next := secondPostman(w, w.Store.Letters())
		next.Transport = transportFunc(func(_ context.Context, m mail.Message) error { return take(m) })
		time.Sleep(15 * time.Second) // the claims expire
		next.Drain(t.Context())
		times := make(map[string]int)
		for _, id := range sent {
			times[id]++
		}
		if len(times) != letters {
			t.Errorf("%d letters went out, want %d", len(times), letters)
		}
		for id, n := range times {
			if want := 1 + len(slices.DeleteFunc(slices.Clone(unrecorded), func(other string) bool { return other != id })); n != want {
				t.Errorf("%s went out %d times, want %d", id, n, want)
			}
		}
		if got := len(lettersIn(t, w, mail.Accepted)); got != letters {
			t.Errorf("%d letters are accepted, want %d", got, letters)
		}
	})
}
