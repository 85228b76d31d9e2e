package recovery_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// claimStore records each claim, and gives out decoys.
type claimStore struct {
	recovery.Store // nil: a test fails if any other method is called
	requests       int
	oldest         time.Duration // how long the oldest request waits

	at, since, until []time.Time
	lookedForLocks   int
}

func (c *claimStore) ClaimUnresolved(_ context.Context, _ string, since, now, until time.Time, limit int) ([]recovery.Recovery, error) {
	c.at, c.since, c.until = append(c.at, now), append(c.since, since), append(c.until, until)
	given := min(limit, c.requests)
	c.requests -= given
	claimed := make([]recovery.Recovery, given)
	for n := range claimed {
		claimed[n].MailAddressMAC = "test:" // newResolver makes a key of this name
	}
	return claimed, nil
}

func (*claimStore) MembersNamed(context.Context, []member.LoginID) ([]member.Member, error) {
	return nil, nil
}

func (*claimStore) CloseDecoys(_ context.Context, _ string, ids []recovery.ID, _ recovery.Outcome, _ recovery.WhenLocked) (int, error) {
	return len(ids), nil
}

func (c *claimStore) Unresolved(context.Context, int) ([]recovery.Unresolved, error) {
	if c.oldest == 0 {
		return nil, nil
	}
	return []recovery.Unresolved{{ID: "A", Since: time.Now().Add(-c.oldest)}}, nil
}

func (c *claimStore) NotLocked(_ context.Context, ids []recovery.ID) ([]recovery.ID, error) {
	c.lookedForLocks++
	return ids, nil
}

func newClaimResolver(t *testing.T, c *claimStore) (*recovery.Service, *recovery.Resolver) {
	t.Helper()
	service, resolver := newResolver(t, &hangingStore{})
	service.Store = c
	return service, resolver
}

// Otherwise the time of a stranger's next call would show the commits that only a member's request causes.
func TestARequestRestsFor25To50MillisecondsBeforeItIsResolved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &claimStore{}
		service, resolver := newClaimResolver(t, c)
		ctx, cancel := context.WithCancel(t.Context())
		var woken []time.Time
		go resolver.Run(ctx)
		woken = append(woken, time.Now()) // Run wakes itself
		for range 8 {                     // before the first poll
			time.Sleep(100 * time.Millisecond)
			service.Wake()
			woken = append(woken, time.Now())
		}
		time.Sleep(100 * time.Millisecond)
		cancel()
		synctest.Wait()
		if len(c.at) != len(woken) {
			t.Fatalf("%d claims, want %d", len(c.at), len(woken))
		}
		for i, at := range c.at {
			if rested := at.Sub(woken[i]); rested < 25*time.Millisecond || rested >= 50*time.Millisecond {
				t.Errorf("claimed %s after it was woken, want 25 to 50 ms", rested)
			}
			if got := at.Sub(c.since[i]); got != 25*time.Millisecond {
				t.Errorf("claimed asks that have waited for %s, want 25 ms", got)
			}
			if got := c.until[i].Sub(at); got != 10*time.Second {
				t.Errorf("claimed for %s, want 10 s", got)
			}
		}
	})
}

func TestAFullBatchIsFollowedByTheNext(t *testing.T) {
	for requests, want := range map[int]int{0: 1, 1: 1, 499: 1, 500: 2, 501: 2, 1000: 3} {
		synctest.Test(t, func(t *testing.T) {
			c := &claimStore{requests: requests}
			_, resolver := newClaimResolver(t, c)
			if err := resolver.DrainUnlocked(t.Context()); err != nil || len(c.at) != want || c.requests != 0 {
				t.Errorf("%d requests: got %d claims, %d left, %v, want %d claims", requests, len(c.at), c.requests, err, want)
			}
		})
	}
}

func TestABacklogIsSearchedForLockedRowsAfterTenSeconds(t *testing.T) {
	for oldest, want := range map[time.Duration]int{0: 0, 10*time.Second - time.Microsecond: 0, 10 * time.Second: 1} {
		synctest.Test(t, func(t *testing.T) {
			c := &claimStore{oldest: oldest}
			_, resolver := newClaimResolver(t, c)
			if err := resolver.DrainUnlocked(t.Context()); err != nil || c.lookedForLocks != want {
				t.Errorf("%s: searched %d times, %v, want %d times", oldest, c.lookedForLocks, err, want)
			}
		})
	}
}

func TestTheRightGuessIsNotCounted(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, oldPassword)
	browser := ask(t, w, taro, taroAddress)
	mailed := temporaryPassword(t, w.Work(t))
	for want := 4; want >= 3; want-- {
		_, err := browser.redeem(recovery.NewTemporaryPassword("wrong"))
		wantWrong(t, err, want)
	}
	view, _, err := w.Service.Redeem(t.Context(), browser.id, mailed, member.UnknownDevice)
	if err != nil || view.State != recovery.Redeemed || view.GuessesLeft != 3 {
		t.Errorf("got %+v, %v, want it redeemed with 3 guesses left", view, err)
	}
}

// countingStore counts transactions.
type countingStore struct {
	recovery.Store
	transactions int
}

func (c *countingStore) InTx(ctx context.Context, do func(recovery.Store) error) error {
	c.transactions++
	return c.Store.InTx(ctx, do)
}

// In transactions of their own, each after the first would fail at the unique column of the live temporary password.
func TestRequestsOfOneMemberAreResolvedInOneTransaction(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, oldPassword)
	for range 5 {
		ask(t, w, taro, taroAddress)
	}
	counting := &countingStore{Store: w.Service.Store}
	w.Service.Store = counting
	onlyOne(t, w.Work(t))
	if counting.transactions != 1 {
		t.Errorf("got %d transactions, want 1", counting.transactions)
	}
}
