package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// mailServer needs a millisecond for each letter.
type mailServer struct{ taken atomic.Int64 }

func (s *mailServer) Send(context.Context, mail.Message) error {
	time.Sleep(time.Millisecond)
	s.taken.Add(1)
	return nil
}
func (*mailServer) Check(context.Context) error { return nil }
func (*mailServer) Close() error                { return nil }

// At full load a letter costs few statements, including BEGIN and COMMIT, because letters are claimed, begun and recorded in
// sets.
func TestALetterCostsAtMostThreeStatementsAtFullLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const letters, most = 256, 3
		w, server := testkit.NewWorld(t, testkit.SQLite(t)), &mailServer{}
		w.Clock.Move(time.Since(w.Clock.Now()))
		askMany(t, w, letters)
		var statements atomic.Int64
		must(t, w.Store.Record(func(store.Statement) { statements.Add(1) }))
		must(t, w.Store.OnBegin(func(error) { statements.Add(2) }))
		w.Postman.Now, w.Postman.Transport, w.Postman.Senders = time.Now, server, 8
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.Postman.Run(ctx)
		}()
		time.Sleep(900 * time.Millisecond)
		synctest.Wait()
		sent, cost := server.taken.Load(), statements.Load()
		cancel()
		<-ended
		if sent != letters || cost > most*letters {
			t.Errorf("%d letters of %d were sent with %d statements, want %d a letter at most", sent, letters, cost, most)
		}
	})
}

// askMany makes a letter to each of so many members due.
func askMany(t *testing.T, w *testkit.World, members int) {
	t.Helper()
	for i := range members {
		id := member.LoginID(fmt.Sprintf("member%d", i))
		enrol(t, w.Store, id)
		ask := recovery.Ask{LoginID: id, MailAddress: member.MailAddress(id) + "@xxx.mm-m.ne.jp", Language: recovery.Japanese}
		_, err := w.Service.Request(t.Context(), ask)
		must(t, err)
	}
	must(t, w.Resolver.Drain(t.Context()))
}

// Each call of mail.Store sends one statement for any number of letters, and none for an empty set.
func TestASetIsReadAndWrittenWithOneStatement(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, letters := t.Context(), s.Letters()
		var ids, issuances []string
		var own []recovery.ID
		var members []member.ID
		var times []mail.IssuanceTime
		var tries []mail.Try
		for i := range 20 {
			m := enrol(t, s, member.LoginID(fmt.Sprintf("member%d", i)))
			issuance, letter := addIssuance(t, s, m), addLetter(t, s, m, recovery.PasswordChangedNotice, now)
			ids, issuances, members = append(ids, letter.ID), append(issuances, issuance.ID), append(members, m.ID)
			own = append(own, addAsk(t, s, m.LoginID, now).ID)
			times = append(times, mail.IssuanceTime{IssuanceID: issuance.ID, Time: now.Add(time.Duration(i) * time.Minute)})
			tries = append(tries, mail.Try{Letter: mail.Letter{ID: letter.ID, Tries: i}, Verdict: mail.Verdict{DueAt: now.Add(time.Duration(i) * time.Second), Answer: fmt.Sprint(i)}})
		}
		var sent int
		must(t, s.Record(func(store.Statement) { sent++ }))
		for name, call := range map[string]func(n int) error{
			"LockOwnRecoveries":   func(n int) error { return second(letters.LockOwnRecoveries(ctx, own[:n], recovery.SkipLocked)) },
			"LockIssuances":       func(n int) error { return second(letters.LockIssuances(ctx, issuances[:n], recovery.SkipLocked)) },
			"LockClaimed":         func(n int) error { return second(letters.LockClaimed(ctx, "mine", ids[:n], recovery.SkipLocked)) },
			"Members":             func(n int) error { return second(letters.Members(ctx, members[:n])) },
			"ExtendOwnRecoveries": func(n int) error { return letters.ExtendOwnRecoveries(ctx, own[:n], now) },
			"SetExpiries":         func(n int) error { return second(letters.SetExpiries(ctx, times[:n])) },
			"BeginTries":          func(n int) error { return second(letters.BeginTries(ctx, "mine", ids[:n], now)) },
			"Reopen":              func(n int) error { return letters.Reopen(ctx, own[:n], now) },
			"MarkMailed":          func(n int) error { return letters.MarkMailed(ctx, times[:n]) },
			"Finish":              func(n int) error { return letters.Finish(ctx, "mine", ids[:n], mail.Accepted, "250", now) },
			"Postpone":            func(n int) error { return letters.Postpone(ctx, "mine", tries[:n]) },
			"UndoTries":           func(n int) error { return letters.UndoTries(ctx, "mine", tries[:n]) },
		} {
			for n, want := range map[int]int{0: 0, 1: 1, 20: 1} {
				sent = 0
				if err := call(n); err != nil || sent != want {
					t.Errorf("%s of %d: %d statements, %v; want %d", name, n, sent, err, want)
				}
			}
		}
	})
}

func second(_ any, err error) error { return err }

// A statement for a set writes a different value for each letter.
func TestEachLetterOfASetGetsItsOwnValues(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, letters, began := t.Context(), s.Letters(), now.Add(-time.Hour)
		a, b, other := enrol(t, s, "taro"), enrol(t, s, "hanako"), enrol(t, s, "jiro")
		first, second := addLetter(t, s, a, recovery.PasswordChangedNotice, now), addLetter(t, s, b, recovery.PasswordChangedNotice, now)
		addLetter(t, s, other, recovery.PasswordChangedNotice, now)
		try := func(l recovery.DueLetter, before mail.Letter, v mail.Verdict) mail.Try {
			before.ID = l.ID
			return mail.Try{Letter: before, Verdict: v}
		}
		claim := func(want int) {
			t.Helper()
			if ids, err := claimLetters(t, s)("mine", now.Add(time.Hour), 10); err != nil || len(ids) != want {
				t.Fatalf("claim: %v, %v; want %d", ids, err, want)
			}
		}
		claim(3)
		must(t, letters.Postpone(ctx, "mine", []mail.Try{
			try(first, mail.Letter{}, mail.Verdict{DueAt: now.Add(time.Minute), Answer: "lost", Lost: true, AnsweredAt: &began}),
			try(second, mail.Letter{}, mail.Verdict{DueAt: now.Add(2 * time.Minute), Answer: "550", Final: true}),
		}))
		kept := onlyLetter(t, s, a.ID)
		if !kept.DueAt.Equal(now.Add(time.Minute)) || kept.Answer != "lost" || kept.LostTries != 1 || kept.FinalRefusals != 0 || !kept.AnsweredAt.Equal(began) {
			t.Errorf("the first, postponed: got %+v", kept)
		}
		kept = onlyLetter(t, s, b.ID)
		if !kept.DueAt.Equal(now.Add(2*time.Minute)) || kept.Answer != "550" || kept.LostTries != 0 || kept.FinalRefusals != 1 || kept.AnsweredAt != nil {
			t.Errorf("the second, postponed: got %+v", kept)
		}
		claim(2)
		must(t, letters.UndoTries(ctx, "mine", []mail.Try{
			try(first, mail.Letter{Tries: 3, BegunAt: &began}, mail.Verdict{DueAt: now.Add(3 * time.Minute), Answer: "421"}),
			try(second, mail.Letter{}, mail.Verdict{DueAt: now.Add(4 * time.Minute), Answer: "unreachable"}),
		}))
		if kept = onlyLetter(t, s, a.ID); kept.Tries != 3 || !kept.BegunAt.Equal(began) || !kept.DueAt.Equal(now.Add(3*time.Minute)) || kept.Answer != "421" {
			t.Errorf("the first, undone: got %+v", kept)
		}
		if kept = onlyLetter(t, s, b.ID); kept.Tries != 0 || kept.BegunAt != nil || !kept.DueAt.Equal(now.Add(4*time.Minute)) || kept.Answer != "unreachable" {
			t.Errorf("the second, undone: got %+v", kept)
		}
		if kept = onlyLetter(t, s, other.ID); !kept.DueAt.Equal(now) || kept.Answer != "" {
			t.Errorf("another one: got %+v, want it unchanged", kept)
		}
		issuances := []recovery.Issuance{addIssuance(t, s, a), addIssuance(t, s, b)}
		var times []mail.IssuanceTime
		for i, issuance := range issuances {
			times = append(times, mail.IssuanceTime{IssuanceID: issuance.ID, Time: now.Add(time.Duration(i+1) * time.Hour)})
		}
		renewed, err := letters.SetExpiries(ctx, times)
		must(t, err)
		must(t, letters.MarkMailed(ctx, times))
		for i, issuance := range issuances {
			got, err := s.Recoveries().Issuance(ctx, issuance.ID)
			if err != nil || renewed != 2 || !got.ExpiresAt.Equal(times[i].Time) || !got.FirstMailedAt.Equal(times[i].Time) {
				t.Errorf("the %d. issuance of %d renewed: got %+v, %v", i+1, renewed, got, err)
			}
		}
	})
}

// outbox is a Transport that sends the address of each letter to a channel.
type outbox chan member.MailAddress

func (o outbox) Send(_ context.Context, m mail.Message) error {
	o <- m.To
	return nil
}
func (outbox) Check(context.Context) error { return nil }
func (outbox) Close() error                { return nil }

func TestALetterWhoseRowIsLockedDelaysNoOtherOfItsSet(t *testing.T) {
	for statement, id := range map[string]func(l mail.Letter) string{
		"UPDATE letters SET tries = tries WHERE id = ?":        func(l mail.Letter) string { return l.ID },
		"UPDATE issuances SET used_at = used_at WHERE id = ?":  func(l mail.Letter) string { return l.IssuanceID },
		"UPDATE recoveries SET guesses = guesses WHERE id = ?": func(l mail.Letter) string { return string(l.RecoveryID) },
	} {
		t.Run(statement, func(t *testing.T) {
			settings := testkit.MySQL(t)
			w := testkit.NewWorld(t, settings)
			askMany(t, w, 4)
			locked := w.Member(t, "member1")
			letters, err := w.Store.Members().LettersOf(t.Context(), locked.ID, 1)
			must(t, err)
			tx, err := raw(t, settings).BeginTx(t.Context(), nil)
			must(t, err)
			_, err = tx.ExecContext(t.Context(), statement, id(letters[0].Letter))
			must(t, err)

			out := make(outbox, 4)
			w.Postman.Transport, w.Postman.Senders = out, 8
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				w.Postman.Run(ctx)
			}()
			for range 3 {
				if to := <-out; to == locked.MailAddress {
					t.Error("a letter went out though one of its rows is locked")
				}
			}
			must(t, tx.Rollback())
			cancel()
			<-ended
			w.Clock.Move(time.Minute) // its claim expires
			w.Postman.Drain(t.Context())
			if len(out) != 1 || <-out != locked.MailAddress {
				t.Error("the letter whose row was locked did not go out afterwards, or another one did")
			}
		})
	}
}
