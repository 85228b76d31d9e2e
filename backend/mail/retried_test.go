package mail_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// onSQLite is for tests that try letters for days. Other tests run their statements on both databases.
func onSQLite(t *testing.T, run func(t *testing.T, w *testkit.World)) {
	t.Helper()
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, "Old-pass99")
	run(t, w)
}

// tryFor drains each time the letter is due, for some time.
func tryFor(t *testing.T, w *testkit.World, lasts time.Duration) {
	t.Helper()
	for end := w.Clock.Now().Add(lasts); w.Clock.Now().Before(end); {
		w.Postman.Drain(t.Context())
		kept := latestLetter(t, w)
		if kept.State != mail.Waiting {
			return
		}
		w.Clock.Move(max(time.Second, min(kept.DueAt.Sub(w.Clock.Now()), end.Sub(w.Clock.Now()))))
	}
}

func TestTheDayOfRefusalsBeginsWithTheFirstAnswer(t *testing.T) {
	for name, unanswered := range map[string]func(t *testing.T, w *testkit.World){
		"untried": func(_ *testing.T, w *testkit.World) { w.Clock.Move(25 * time.Hour) },
		"the mail server away": func(t *testing.T, w *testkit.World) {
			respondWith(w, &mail.UnreachedError{Code: 421, Err: errors.New("greeting")})
			for range 25 * 6 {
				w.Postman.Drain(t.Context())
				w.Clock.Move(10 * time.Minute)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			onSQLite(t, func(t *testing.T, w *testkit.World) {
				ask(t, w, taro, taroAddress)
				unanswered(t, w)
				respondWith(w, &mail.RefusedError{Code: 450, Enhanced: "4.2.0"})
				begun := w.Clock.Now()
				tryFor(t, w, 23*time.Hour)
				if kept := latestLetter(t, w); kept.State != mail.Waiting || kept.Answer != "450 4.2.0" {
					t.Fatalf("after 23 h of refusals: got %+v, want it waiting", kept)
				}
				tryFor(t, w, 48*time.Hour)
				if kept := latestLetter(t, w); kept.State != mail.Failed || kept.EndedAt.Before(begun.Add(24*time.Hour)) {
					t.Errorf("got %+v, want it failed after a day of refusals", kept)
				}
			})
		})
	}
}

func TestOnlyARecipientRefusedForGoodIsTriedThreeMoreTimes(t *testing.T) {
	for name, c := range map[string]struct {
		answer error
		tries  int // 0: for a day
	}{
		"550 to RCPT":     {&mail.RefusedError{Code: 550, Enhanced: "5.1.1", Recipient: true}, 4},
		"553 to RCPT":     {&mail.RefusedError{Code: 553, Recipient: true}, 4},
		"450 to RCPT":     {&mail.RefusedError{Code: 450, Enhanced: "4.2.0", Recipient: true}, 0},
		"552 to DATA":     {&mail.RefusedError{Code: 552, Enhanced: "5.3.4"}, 0},
		"not taken":       {errors.New("connection reset after RCPT"), 0},
		"the answer lost": {&mail.LostError{Err: errors.New("connection reset")}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			onSQLite(t, func(t *testing.T, w *testkit.World) {
				ask(t, w, taro, taroAddress)
				tried := respondWith(w, c.answer)
				tryFor(t, w, 48*time.Hour)
				kept := latestLetter(t, w)
				if kept.State != mail.Failed || c.tries > 0 && len(*tried) != c.tries || c.tries == 0 && len(*tried) < 100 {
					t.Errorf("tried %d times, got %+v; want %d tries (0: a day of them)", len(*tried), kept, c.tries)
				}
			})
		})
	}
}

func TestARetriedLetterHasAWholeDayAndAllItsTriesAgain(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *testkit.World) {
		ask(t, w, taro, taroAddress)
		retry := func() {
			t.Helper()
			if due, err := w.Store.Members().RetryLetter(t.Context(), latestLetter(t, w).ID, w.Clock.Now()); err != nil || !due {
				t.Fatalf("retry: %v, %v", due, err)
			}
		}
		respondWith(w, errRefused)
		tryFor(t, w, 48*time.Hour)
		retry()
		begun := w.Clock.Now()
		w.Postman.Drain(t.Context())
		if wait := latestLetter(t, w).DueAt.Sub(begun); wait <= 0 || wait > 15*time.Second {
			t.Errorf("the first wait is %s, want at most 15 s", wait)
		}
		tryFor(t, w, 48*time.Hour)
		if lasted := w.Clock.Now().Sub(begun); lasted < 24*time.Hour {
			t.Errorf("tried for %s, want a day", lasted)
		}
		for _, answer := range []struct {
			err   error
			tries int
		}{
			{&mail.RefusedError{Code: 550, Recipient: true}, 4},
			{&mail.RefusedError{Code: 550, Recipient: true}, 4},
			{&mail.LostError{Err: errors.New("reset")}, 3},
			{&mail.LostError{Err: errors.New("reset")}, 3},
		} {
			tried := respondWith(w, answer.err)
			retry()
			tryFor(t, w, 48*time.Hour)
			if len(*tried) != answer.tries {
				t.Errorf("%v: tried %d times, want %d", answer.err, len(*tried), answer.tries)
			}
		}
	})
}

// incompleteStore is a database in which some rows do not exist.
type incompleteStore struct {
	mail.Store
	member, issuance, recovery bool
}

func (s incompleteStore) InTx(ctx context.Context, do func(mail.Store) error) error {
	return s.Store.InTx(ctx, func(tx mail.Store) error { return do(incompleteStore{tx, s.member, s.issuance, s.recovery}) })
}

func (s incompleteStore) Members(ctx context.Context, ids []member.ID) ([]member.Member, error) {
	if s.member {
		return nil, nil
	}
	return s.Store.Members(ctx, ids)
}

func (s incompleteStore) LockIssuances(ctx context.Context, ids []string, when recovery.WhenLocked) ([]recovery.Issuance, error) {
	if s.issuance {
		return nil, nil
	}
	return s.Store.LockIssuances(ctx, ids, when)
}

func (s incompleteStore) LockOwnRecoveries(ctx context.Context, ids []recovery.ID, when recovery.WhenLocked) ([]recovery.ID, error) {
	if s.recovery {
		return nil, nil
	}
	return s.Store.LockOwnRecoveries(ctx, ids, when)
}

func TestALetterWhoseRowsAreGoneIsDroppedAndLoggedOnce(t *testing.T) {
	for name, gone := range map[string]incompleteStore{"the member": {member: true}, "the issuance": {issuance: true}, "its recovery": {recovery: true}} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *testkit.World) {
				ask(t, w, taro, taroAddress)
				gone.Store = w.Store.Letters()
				w.Postman.Store = gone
				var log strings.Builder
				w.Postman.Log = slog.New(slog.NewTextHandler(&log, nil))
				for range 5 {
					w.Postman.Drain(t.Context())
					w.Clock.Move(15 * time.Second)
				}
				if kept := latestLetter(t, w); kept.State != mail.Dropped || kept.Tries != 0 || kept.EndedAt == nil || len(w.Out.Messages()) != 0 {
					t.Errorf("got %+v and %d letters, want it dropped untried", kept, len(w.Out.Messages()))
				}
				if got := strings.Count(log.String(), "\n"); got != 1 {
					t.Errorf("logged %d lines, want one:\n%s", got, log.String())
				}
				// The ask is recent, so it gets its letter when the rows exist again, except for the missing member.
				w.Postman.Store = w.Store.Letters()
				w.Clock.Move(time.Minute)
				if name == "the member" {
					ask(t, w, taro, taroAddress) // a new ask gets its letter
				}
				if letters := w.Work(t); len(letters) != 1 {
					t.Errorf("%d letters afterwards, want 1", len(letters))
				}
			})
		})
	}
}

func TestARetriedLetterWhoseRowsWereSweptIsDropped(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		const day = 24 * time.Hour
		ask(t, w, taro, taroAddress)
		respondWith(w, &mail.RefusedError{Code: 550, Recipient: true})
		tryFor(t, w, day)
		old := latestLetter(t, w)
		w.Clock.Move(time.Minute)
		if done, err := w.Store.Members().Do(t.Context(), old.MemberID, store.MemberChange{Kind: member.Voided}, w.Clock.Now()); err != nil || !done {
			t.Fatalf("void: %v, %v", done, err)
		}
		w.Out.Answer = nil
		ask(t, w, taro, taroAddress) // ends the issuance of the old letter
		w.Postman.Drain(t.Context())
		w.Clock.Move(31 * day)
		keep := store.Retention{Recoveries: 30 * day, Letters: 90 * day, Activities: 400 * day}
		w.Sweep(t, keep)
		if _, err := w.Store.Recoveries().Issuance(t.Context(), old.IssuanceID); !errors.Is(err, recovery.ErrNotFound) {
			t.Fatalf("the issuance of the old letter: got %v, want it swept", err)
		}
		if due, err := w.Store.Members().RetryLetter(t.Context(), old.ID, w.Clock.Now()); err != nil || !due {
			t.Fatalf("retry: %v, %v", due, err)
		}
		w.Postman.Drain(t.Context())
		if kept := latestLetter(t, w); kept.ID != old.ID || kept.State != mail.Dropped {
			t.Errorf("got %+v, want it dropped", kept)
		}
		if got := lettersIn(t, w, mail.Waiting); len(got) != 0 {
			t.Errorf("got %+v, want nothing waiting", got)
		}
	})
}
