package recovery_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// concurrently makes many calls at the same time and returns their results.
func concurrently[result any](calls int, call func(i int) result) []result {
	results := make([]result, calls)
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range calls {
		group.Go(func() {
			<-start
			results[i] = call(i)
		})
	}
	close(start)
	group.Wait()
	return results
}

type redeemed struct {
	by    browser
	grant recovery.Grant
	err   error
}

// wantOneWinner returns the call that succeeded, and fails the test unless all others got an EndedError by use or by guesses.
func wantOneWinner(t *testing.T, results []redeemed) redeemed {
	t.Helper()
	var winners []redeemed
	for _, r := range results {
		var ended *recovery.EndedError
		switch {
		case r.err == nil:
			winners = append(winners, r)
		case !errors.As(r.err, &ended) || ended.Reason == recovery.ByExpiry:
			t.Errorf("a loser got %v, want an end by use or by guesses", r.err)
		}
	}
	if len(winners) != 1 {
		t.Fatalf("%d of %d redemptions succeeded, want 1", len(winners), len(results))
	}
	return winners[0]
}

func TestOneOfManyConcurrentRedemptionsSucceeds(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		rounds := 20
		if testkit.RaceDetector {
			rounds = 5
		}
		for round := range rounds {
			asked := ask(t, w, taro, taroAddress)
			letter := onlyOne(t, w.Work(t))
			mailed := testkit.TemporaryPasswordIn(t, letter)
			browsers := []browser{asked, openLink(t, w, letter)}
			winner := wantOneWinner(t, concurrently(64, func(i int) redeemed {
				grant, err := browsers[i%2].redeem(mailed)
				return redeemed{browsers[i%2], grant, err}
			}))
			if err := winner.by.reset(winner.grant, fmt.Sprintf("New-pass%03d", round)); err != nil {
				t.Errorf("round %d: the winner's grant: %v", round, err)
			}
			w.Work(t) // the notice
			w.Clock.Move(2 * time.Minute)
		}
	})
}

func TestOfManyParallelWrongGuessesFiveAreCompared(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		known, decoy := ask(t, w, taro, taroAddress), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
		mailed := temporaryPassword(t, w.Work(t))
		for _, browser := range []browser{known, decoy} {
			compared := 0
			for _, err := range concurrently(200, func(int) error {
				_, err := browser.redeem(recovery.NewTemporaryPassword("Wrong2345"))
				return err
			}) {
				var wrong *recovery.WrongError
				if errors.As(err, &wrong) {
					compared++
				} else {
					wantEnded(t, err, recovery.ByGuesses)
				}
			}
			if compared != recovery.MaxGuesses {
				t.Errorf("%d guesses were compared, want %d", compared, recovery.MaxGuesses)
			}
			_, err := browser.redeem(mailed)
			wantEnded(t, err, recovery.ByGuesses)
		}
	})
}

func TestOneOfManyConcurrentResetsWithOneGrantSucceeds(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		browser := ask(t, w, taro, taroAddress)
		grant := browser.mustRedeem(temporaryPassword(t, w.Work(t)))
		wanted := func(i int) string { return fmt.Sprintf("New-pass%03d", i) }
		winner := -1
		for i, err := range concurrently(16, func(i int) error { return browser.reset(grant, wanted(i)) }) {
			switch {
			case err == nil && winner >= 0:
				t.Errorf("%d and %d both succeeded", winner, i)
			case err == nil:
				winner = i
			case !errors.Is(err, recovery.ErrGrantMissing):
				t.Errorf("a loser got %v, want ErrGrantMissing", err)
			}
		}
		if winner < 0 || !isPassword(t, w, wanted(winner)) {
			t.Errorf("the winner %d did not set the password", winner)
		}
		if got := w.Member(t, taro).PasswordVersion; got != 2 {
			t.Errorf("version: got %d, want 2", got)
		}
		onlyOne(t, w.Work(t)) // the notice
	})
}

// secondServer returns another server on the same database.
func secondServer(t *testing.T, first *testkit.World, settings store.Settings) *testkit.World {
	t.Helper()
	other := *first
	other.Store = testkit.Open(t, settings)
	other.Service = &recovery.Service{
		Store: other.Store.Recoveries(), Keys: first.Keys, Hasher: first.Hasher, Now: first.Clock.Now, Log: first.Service.Log, WakePostman: func() {},
	}
	other.Resolver = recovery.NewResolver(other.Service)
	other.Postman = mail.NewPostman()
	other.Postman.Store, other.Postman.Transport, other.Postman.Keys = other.Store.Letters(), first.Out, first.Keys
	other.Postman.Writer, other.Postman.Lifetime, other.Postman.Senders = first.Postman.Writer, first.Postman.Lifetime, 2
	other.Postman.Now, other.Postman.Log = first.Clock.Now, first.Postman.Log
	return &other
}

func TestTwoServersShareTheWorkAndTheLimits(t *testing.T) {
	settings := testkit.MySQL(t)
	one := testkit.NewWorld(t, settings)
	two := secondServer(t, one, settings)
	servers := []*testkit.World{one, two}
	const members = 6
	var asks []browser
	for i := range members {
		id := member.LoginID(fmt.Sprintf("member%d", i))
		one.Enrol(t, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp", oldPassword)
		for j := range 10 {
			asks = append(asks, ask(t, servers[j%2], id, member.MailAddress(id)+"@xxx.mm-m.ne.jp"))
		}
	}
	for _, err := range concurrently(8, func(i int) error {
		err := servers[i%2].Resolver.Drain(t.Context())
		servers[i%2].Postman.Drain(t.Context())
		return err
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	letters := append(one.Out.Messages(), one.Work(t)...) // the letters that became due after the postmen had stopped
	mailed := make(map[member.MailAddress]recovery.TemporaryPassword)
	for _, letter := range letters {
		mailed[letter.To] = testkit.TemporaryPasswordIn(t, letter)
	}
	if len(letters) != members || len(mailed) != members {
		t.Errorf("%d letters to %d members, want one to each of %d", len(letters), len(mailed), members)
	}
	for i := range members {
		browsers := asks[i*10 : i*10+10]
		temporary := mailed[member.MailAddress(fmt.Sprintf("member%d@xxx.mm-m.ne.jp", i))]
		winner := wantOneWinner(t, concurrently(32, func(j int) redeemed {
			grant, err := browsers[j%10].redeem(temporary)
			return redeemed{browsers[j%10], grant, err}
		}))
		onTheOther := browser{two, t, winner.by.id}
		if err := onTheOther.reset(winner.grant, newPassword); err != nil {
			t.Errorf("the grant on the other server: %v", err)
		}
	}
}

// Asks that come while the resolver works never give a member two temporary passwords, and none of them is lost.
func TestAsksThatArriveWhileOthersAreResolvedAreResolvedToo(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		asks := make([]browser, 32)
		for _, err := range concurrently(40, func(i int) error {
			if i >= len(asks) {
				return w.Resolver.Drain(t.Context())
			}
			view, err := w.Service.Request(t.Context(), recovery.Ask{LoginID: taro, MailAddress: taroAddress, Language: recovery.Japanese})
			asks[i] = browser{w, t, view.ID}
			if err != nil || i%4 != 0 {
				return err
			}
			return w.Service.AskAgain(t.Context(), view.ID)
		}) {
			if err != nil {
				t.Error(err)
			}
		}
		mailed := temporaryPassword(t, w.Work(t))
		for _, ask := range asks {
			if got := ask.row(); got.Outcome == "" || got.IssuanceID != asks[0].row().IssuanceID {
				t.Errorf("got outcome %q, leading to %s; want all resolved, and leading to one", got.Outcome, got.IssuanceID)
			}
		}
		asks[31].mustRedeem(mailed)
	})
}
