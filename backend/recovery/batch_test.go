package recovery_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// decoyStore gives out decoys and closes some of them.
type decoyStore struct {
	claimStore
	closes   int
	err      error
	locked   bool // the rows are locked, so that no ask can be marked
	setAside int
}

func (d *decoyStore) CloseDecoys(context.Context, string, []recovery.ID, recovery.Outcome, recovery.WhenLocked) (int, error) {
	return d.closes, d.err
}

func (d *decoyStore) SetAside(_ context.Context, _ string, ids []recovery.ID, _ time.Time) (int, error) {
	if d.locked {
		return 0, nil
	}
	d.setAside += len(ids)
	return len(ids), nil
}

func TestDecoysThatCannotBeClosedAreSetAsideUnlessTheDatabaseFails(t *testing.T) {
	for name, each := range map[string]struct {
		closes   int
		err      error
		setAside int
		want     error
	}{
		"all are closed":     {3, nil, 0, nil},
		"one is locked":      {2, nil, 3, nil},
		"a wait for a lock":  {0, recovery.ErrLocked, 3, nil},
		"the database fails": {0, errAway, 0, errAway},
	} {
		d := &decoyStore{claimStore: claimStore{requests: 3}, closes: each.closes, err: each.err}
		service, resolver := newResolver(t, &hangingStore{})
		service.Store = d
		var log strings.Builder
		service.Log = slog.New(slog.NewTextHandler(&log, nil))
		if err := resolver.DrainUnlocked(t.Context()); !errors.Is(err, each.want) || d.setAside != each.setAside {
			t.Errorf("%s: got %v, %d set aside, want %v, %d", name, err, d.setAside, each.want, each.setAside)
		}
		if got := strings.Contains(log.String(), "asks are set aside"); got != (each.setAside > 0) {
			t.Errorf("%s: got the log %q", name, log.String())
		}
	}
}

func TestARequestThatCannotBeMarkedIsNotLoggedAsSetAside(t *testing.T) {
	service, resolver := newResolver(t, &hangingStore{})
	service.Store = &decoyStore{claimStore: claimStore{requests: 3}, closes: 2, locked: true}
	var log strings.Builder
	service.Log = slog.New(slog.NewTextHandler(&log, nil))
	if err := resolver.DrainUnlocked(t.Context()); err != nil || log.Len() > 0 {
		t.Errorf("got %v and the log %q, want neither", err, log.String())
	}
}

func TestTheResolverWakesThePostmanForALetter(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, oldPassword)
	wakes := 0
	w.Service.WakePostman = func() { wakes++ }
	ask(t, w, taro, taroAddress)
	onlyOne(t, w.Work(t))
	if wakes != 1 {
		t.Errorf("the postman was woken %d times, want once", wakes)
	}
}

// A warning for each batch would hide the warnings that matter.
func TestOnlyRequestsThatAreSetAsideAreLogged(t *testing.T) {
	for closes, want := range map[int]bool{3: false, 2: true} {
		var log strings.Builder
		d := &decoyStore{claimStore: claimStore{requests: 3}, closes: closes}
		service, resolver := newResolver(t, &hangingStore{})
		service.Store, service.Log = d, slog.New(slog.NewTextHandler(&log, nil))
		if err := resolver.DrainUnlocked(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "level=WARN"); got != want {
			t.Errorf("%d of 3 closed: got the log %q, want a warning: %v", closes, log.String(), want)
		}
	}
}

// unclaimableStore fails when the resolver claims asks.
type unclaimableStore struct{ claimStore }

func (*unclaimableStore) ClaimUnresolved(context.Context, string, time.Time, time.Time, time.Time, int) ([]recovery.Recovery, error) {
	return nil, errAway
}

func TestOnlyARunThatFailsIsLogged(t *testing.T) {
	for _, each := range []struct {
		store recovery.Store
		logs  bool
	}{{&unclaimableStore{}, true}, {&claimStore{}, false}} {
		synctest.Test(t, func(t *testing.T) {
			service, resolver := newResolver(t, &hangingStore{})
			service.Store = each.store
			var log strings.Builder
			service.Log = slog.New(slog.NewTextHandler(&log, nil))
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			resolver.Run(ctx)
			if got := strings.Contains(log.String(), "asks could not be resolved"); got != each.logs {
				t.Errorf("got the log %q, want a line: %v", log.String(), each.logs)
			}
		})
	}
}
