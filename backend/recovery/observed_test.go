package recovery_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// observed is what a service has told its functions.
type observed struct {
	resolved map[recovery.Outcome]int
	calls    int // of OnResolved
	dropped  []int
	batches  []int
	failed   []bool
}

func observe(s *recovery.Service) *observed {
	o := &observed{resolved: make(map[recovery.Outcome]int)}
	s.OnResolved = func(outcome recovery.Outcome, asks int) {
		o.calls++
		o.resolved[outcome] += asks
	}
	s.OnDropped = func(letters int) { o.dropped = append(o.dropped, letters) }
	s.OnBatch = func(ctx context.Context, asks int) (context.Context, func(bool)) {
		o.batches = append(o.batches, asks)
		return ctx, func(failed bool) { o.failed = append(o.failed, failed) }
	}
	return o
}

func TestTheResolverTellsWhatItResolvedAndDropped(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, oldPassword)
	o := observe(w.Service)
	drain := func() {
		t.Helper()
		if err := w.Resolver.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		ask(t, w, taro, taroAddress)
		ask(t, w, "nobody", taroAddress)
	}
	ask(t, w, taro, "other@xxx.mm-m.ne.jp")
	drain()
	want := map[recovery.Outcome]int{
		recovery.LetterSent: 1, recovery.TooSoon: 1, recovery.UnknownLoginID: 2, recovery.AddressDiffers: 1,
	}
	if !maps.Equal(o.resolved, want) || o.calls != len(want) {
		t.Errorf("got %v in %d calls, want %v with a call for each", o.resolved, o.calls, want)
	}
	if len(o.dropped) > 0 || !slices.Equal(o.batches, []int{5}) || !slices.Equal(o.failed, []bool{false}) {
		t.Errorf("dropped %v, batches %v, failed %v; want one batch of 5", o.dropped, o.batches, o.failed)
	}

	// The temporary password of the letter that waits ends.
	change := store.MemberChange{Kind: member.Voided, Author: member.Author{Name: "hanako"}}
	if voided, err := w.Store.Members().Do(t.Context(), w.Member(t, taro).ID, change, w.Clock.Now()); err != nil || !voided {
		t.Fatal(voided, err)
	}
	w.Clock.Move(2 * time.Minute)
	ask(t, w, taro, taroAddress)
	drain()
	if !slices.Equal(o.dropped, []int{1}) {
		t.Errorf("dropped %v, want the letter that waited", o.dropped)
	}
}

// uncommittedStore fails at the commit of a transaction.
type uncommittedStore struct{ recovery.Store }

func (s uncommittedStore) InTx(ctx context.Context, do func(recovery.Store) error) error {
	return s.Store.InTx(ctx, func(tx recovery.Store) error { return errors.Join(do(tx), errAway) })
}

func TestTheResolverTellsNothingOfWhatWasNotCommitted(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, oldPassword)
	ask(t, w, taro, taroAddress)
	o := observe(w.Service)
	w.Service.Store = uncommittedStore{w.Service.Store}
	_ = w.Resolver.Drain(t.Context())
	if len(o.resolved) > 0 || len(o.batches) == 0 {
		t.Errorf("told %v of %d batches, want nothing", o.resolved, len(o.batches))
	}
}

func TestTheResolverTellsNothingOfDecoysThatCannotBeClosed(t *testing.T) {
	service, resolver := newResolver(t, &hangingStore{})
	service.Store = &decoyStore{claimStore: claimStore{requests: 3}, closes: 0}
	o := observe(service)
	if err := resolver.DrainUnlocked(t.Context()); err != nil || o.calls > 0 {
		t.Errorf("got %v and %d calls, want neither", err, o.calls)
	}
}

// grantlessStore finds at the last moment that a concurrent request has used the grant.
type grantlessStore struct{ recovery.Store }

func (s grantlessStore) InTx(ctx context.Context, do func(recovery.Store) error) error {
	return s.Store.InTx(ctx, func(tx recovery.Store) error { return do(grantlessStore{tx}) })
}

func (grantlessStore) Complete(context.Context, recovery.ID, string, time.Time) (bool, error) {
	return false, nil
}

func TestAGrantThatAnotherRequestHasUsedSetsNoPassword(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, oldPassword)
	browser := ask(t, w, taro, taroAddress)
	grant := browser.mustRedeem(temporaryPassword(t, w.Work(t)))
	w.Service.Store = grantlessStore{w.Service.Store}
	if err := browser.reset(grant, newPassword); !errors.Is(err, recovery.ErrGrantMissing) {
		t.Errorf("got %v, want a missing grant", err)
	}
	if isPassword(t, w, newPassword) {
		t.Error("the password was set")
	}
}
