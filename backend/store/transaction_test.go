package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"aikagi/backend/login"
	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

var errOurs = errors.New("the caller changed its mind")

func TestATransactionThatFailsLeavesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		issuance, r, notice := newIssuance(m), newAsk("taro", now), newLetter(m, recovery.PasswordChangedNotice, now)
		did := member.Activity{ID: r.IssuanceID, MemberID: m.ID, At: now, Kind: member.Redeemed, By: member.ByMember}
		runs := 0
		err := s.Recoveries().InTx(ctx, func(tx recovery.Store) error {
			runs++
			must(t, tx.AddIssuances(ctx, []recovery.Issuance{issuance}))
			must(t, tx.AddRecovery(ctx, r))
			must(t, tx.AddLetter(ctx, notice))
			must(t, tx.AddActivity(ctx, did))
			if set, err := tx.SetPassword(ctx, m.ID, 1, "new hash", now); err != nil || !set {
				t.Errorf("set: %v, %v", set, err)
			}
			if there, err := tx.HasActivity(ctx, did.ID); err != nil || !there {
				t.Errorf("a transaction does not see what it did itself: %v, %v", there, err)
			}
			return errOurs
		})
		if !errors.Is(err, errOurs) || runs != 1 {
			t.Errorf("got %v after %d runs; want our error after one", err, runs)
		}
		_, err = s.Recoveries().LiveIssuance(ctx, m.ID)
		wantNotFound(t, "issuance", err)
		_, err = s.Recoveries().Recovery(ctx, r.ID)
		wantNotFound(t, "recovery", err)
		there, err := s.Recoveries().HasActivity(ctx, did.ID)
		wantNone(t, "activity", there, err)
		wantStates(t, s, m, nil)
		if after, err := s.Recoveries().Member(ctx, m.ID); err != nil || after.PasswordVersion != 1 {
			t.Errorf("member: got %+v, %v; want it unchanged", after, err)
		}
	})
}

func TestATransactionWithinATransactionIsTheSameOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		post, logins := newLetter(m, recovery.PasswordChangedNotice, now), newAsk("taro", now)
		did := member.Activity{ID: logins.IssuanceID, MemberID: m.ID, At: now, Kind: member.SignedIn, By: member.ByMember}
		err := s.Logins().InTx(ctx, func(tx login.Store) error {
			must(t, tx.InTx(ctx, func(inner login.Store) error { return inner.AddActivity(ctx, did) }))
			must(t, tx.AddLetter(ctx, post))
			return errOurs
		})
		if !errors.Is(err, errOurs) {
			t.Errorf("got %v, want our error", err)
		}
		there, err := s.Logins().HasActivity(ctx, did.ID)
		wantNone(t, "the inner one's activity", there, err)
		err = s.Letters().InTx(ctx, func(tx mail.Store) error {
			_, err := tx.Members(ctx, []member.ID{m.ID})
			return err
		})
		must(t, err)
		wantStates(t, s, m, nil)
	})
}

// InnoDB ends one of two transactions that wait for each other (1213). It runs again from its start.
func TestATransactionThatLostADeadlockRunsAgain(t *testing.T) {
	s := testkit.Open(t, testkit.MySQL(t))
	ctx, a, b := t.Context(), enrol(t, s, "taro"), enrol(t, s, "hanako")
	var both sync.WaitGroup // until both have locked their first member
	both.Add(2)
	var runs atomic.Int32
	lockBoth := func(first, second member.Member) error {
		firstRun := true
		return s.Recoveries().InTx(ctx, func(tx recovery.Store) error {
			runs.Add(1)
			if _, err := tx.LockMember(ctx, first.ID); err != nil {
				return err
			}
			if firstRun {
				firstRun = false
				both.Done()
				both.Wait()
			}
			m, err := tx.LockMember(ctx, second.ID)
			if err != nil {
				return err
			}
			_, err = tx.SetPassword(ctx, m.ID, m.PasswordVersion, "new hash", now)
			return err
		})
	}
	ended := make(chan error)
	go func() { ended <- lockBoth(a, b) }()
	go func() { ended <- lockBoth(b, a) }()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if got := runs.Load(); got < 3 {
		t.Errorf("%d runs: there was no deadlock", got)
	}
	for _, m := range []member.Member{a, b} {
		if after, err := s.Recoveries().Member(ctx, m.ID); err != nil || after.PasswordVersion != 2 {
			t.Errorf("member %d: version %d, %v; want 2: each transaction once", m.ID, after.PasswordVersion, err)
		}
	}
}

func TestATransactionThatFoundSQLiteBusyRunsAgain(t *testing.T) {
	settings := testkit.SQLite(t)
	s := testkit.Open(t, settings)
	must(t, s.DisableBusyWait())
	m := enrol(t, s, "taro")
	other, err := raw(t, settings).BeginTx(t.Context(), nil) // takes the write lock
	must(t, err)
	var busy atomic.Int32
	must(t, s.OnBegin(func(err error) {
		if err != nil && busy.Add(1) == 2 {
			if err := other.Rollback(); err != nil {
				t.Error(err)
			}
		}
	}))
	issuance := newIssuance(m)
	if err := s.Recoveries().InTx(t.Context(), func(tx recovery.Store) error { return tx.AddIssuances(t.Context(), []recovery.Issuance{issuance}) }); err != nil {
		t.Error(err)
	}
	if busy.Load() < 2 {
		t.Error("the database was not busy")
	}
	if live, err := s.Recoveries().LiveIssuance(t.Context(), m.ID); err != nil || live.ID != issuance.ID {
		t.Errorf("live: got %+v, %v", live, err)
	}
}

func TestABusySQLiteIsUnavailableInTheEnd(t *testing.T) {
	settings := testkit.SQLite(t)
	s := testkit.Open(t, settings)
	must(t, s.DisableBusyWait())
	other, err := raw(t, settings).BeginTx(t.Context(), nil)
	must(t, err)
	defer func() { must(t, other.Rollback()) }()
	ctx, cancel := context.WithCancel(t.Context())
	must(t, s.OnBegin(func(error) { cancel() })) // the caller stops waiting
	err = s.Recoveries().InTx(ctx, func(recovery.Store) error { return nil })
	if !errors.Is(err, context.Canceled) || !store.IsUnavailable(err) {
		t.Errorf("got %v, want an unavailable database", err)
	}
}

// If two transactions read a member and then write, the second one waits for the first and sees its change.
func TestALockedMemberIsReadAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		countWinners(t, func(int) (bool, error) {
			return true, s.Recoveries().InTx(t.Context(), func(tx recovery.Store) error {
				locked, err := tx.LockMember(t.Context(), m.ID)
				if err != nil {
					return err
				}
				set, err := tx.SetPassword(t.Context(), m.ID, locked.PasswordVersion, "new hash", now)
				if err == nil && !set {
					t.Error("a locked member was changed by another")
				}
				return err
			})
		})
		if after, err := s.Recoveries().Member(t.Context(), m.ID); err != nil || after.PasswordVersion != 65 {
			t.Errorf("version: got %d, %v; want 65", after.PasswordVersion, err)
		}
	})
}
