package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// Otherwise all other requests would wait for a connection behind the asks of a rush.
func TestAsksLeaveHalfOfTheConnectionsToOthers(t *testing.T) {
	settings := testkit.MySQL(t)
	settings.Connections = 4
	s := testkit.Open(t, settings)
	s.LiftAskTimeout()
	m := enrol(t, s, "taro")
	unblock := blockAsks(t, s, settings)
	asks := newAsks(16)
	errs := addInParallel(t.Context(), s, asks)
	pools, err := s.Pools()
	must(t, err)
	for pools["database"].Stats().InUse < 2 { // until the asks have all connections that they may have
		runtime.Gosched()
	}
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, err = s.Logins().Member(ctx, m.ID)
		cancel()
		must(t, err)
	}
	unblock()
	wantNoErrors(t, errs, asks)
}

func TestAsksThatComeWhileOthersAreWrittenShareOneInsert(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		s.UseOneAskWriter()
		var inserts atomic.Int64
		must(t, s.Record(func(sent store.Statement) {
			if strings.HasPrefix(sent.SQL, "INSERT INTO recoveries") {
				inserts.Add(1)
			}
		}))
		others := newAsks(33)
		ended := addInOneSet(t, s, settings, others)
		wantNoErrors(t, ended, others)
		if got := inserts.Load(); got != 2 {
			t.Errorf("%d INSERTs, want one for the ask before the set and one for the set", got)
		}
		for _, r := range others {
			if got := readRecovery(t, s, r.ID); got.LoginID != r.LoginID {
				t.Errorf("got the ask of %s, want %s", got.LoginID, r.LoginID)
			}
		}
	})
}

// A row that MySQL refuses fails only its own request. A row that exists already counts as written.
func TestAnAskThatCannotBeWrittenFailsAlone(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		s.UseOneAskWriter()
		known := addAsk(t, s, "taro", now)
		others := newAsks(5)
		others[1] = known
		others[3].Receipt = "1234567890" // two characters too long for MySQL's column; SQLite accepts it
		ended := addInOneSet(t, s, settings, others)
		for i, r := range others {
			err := <-ended[i]
			if refused := i == 3 && settings.Dialect == store.MySQL; refused {
				if err == nil || store.IsUnavailable(err) {
					t.Errorf("the ask with a long receipt: %v, want the fault of its own row", err)
				}
			} else {
				must(t, err)
				readRecovery(t, s, r.ID)
			}
		}
	})
}

func TestAPanicWhileASetOfAsksIsWrittenEndsNothing(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		s.UseOneAskWriter()
		others := newAsks(5)
		var panics atomic.Int64
		must(t, s.Record(func(sent store.Statement) {
			if strings.Contains(sent.SQL, "), (") { // the INSERT of more than one ask
				panics.Add(1)
				panic("a driver's fault")
			}
		}))
		ended := addInOneSet(t, s, settings, others)
		wantNoErrors(t, ended, others)
		if panics.Load() == 0 {
			t.Error("no set was written")
		}
	})
}

// The asks behind a set would wait for the timeout of each of its rows.
func TestWhenTheDatabaseBecomesUnavailableTheOtherAsksOfASetAreNotTried(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		s.UseOneAskWriter()
		known := addAsk(t, s, "taro", now)
		inserts := 0 // counted by the one writer
		must(t, s.Record(func(sent store.Statement) {
			if !strings.HasPrefix(sent.SQL, "INSERT INTO recoveries") {
				return
			}
			if inserts++; inserts == 2 { // the set, which fails because one of its rows exists
				s.EndAskStatements()
			}
		}))
		others := append(newAsks(5), known)
		ended := addInOneSet(t, s, settings, others)
		for i := range others {
			if err := <-ended[i]; !store.IsUnavailable(err) {
				t.Errorf("ask %d: %v, want an unavailable database", i, err)
			}
		}
		if inserts > 3 {
			t.Errorf("%d INSERTs, want none after the first one that met an unavailable database", inserts)
		}
	})
}

func TestAnAskWhoseRequestHasEndedIsNotWritten(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		s.UseOneAskWriter()
		first, ended, last := newAsks(1), newAsks(1), newAsks(1)
		unblock := blockAsks(t, s, settings)
		firstErrs := addInParallel(t.Context(), s, first)
		awaitTaken(s)
		ctx, end := context.WithCancel(t.Context())
		endedErrs := addInParallel(ctx, s, ended)
		awaitWaiting(s, 1)
		end()
		if err := <-endedErrs[0]; !store.IsUnavailable(err) {
			t.Errorf("an ask that was not written: %v", err)
		}
		lastErrs := addInParallel(t.Context(), s, last)
		awaitWaiting(s, 2)
		unblock()
		wantNoErrors(t, firstErrs, first)
		wantNoErrors(t, lastErrs, last)
		if _, err := s.Recoveries().Recovery(t.Context(), ended[0].ID); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("the ask of a request that had ended was written: %v", err)
		}
	})
}

// blockAsks blocks the INSERTs of asks until unblock is called.
func blockAsks(t *testing.T, s *store.Store, settings store.Settings) (unblock func()) {
	t.Helper()
	blocked, free, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		if settings.Dialect == store.SQLite { // one writer
			ended <- s.Recoveries().InTx(context.Background(), func(recovery.Store) error {
				close(blocked)
				<-free
				return nil
			})
			return
		}
		ended <- lockTable(context.Background(), raw(t, settings), blocked, free)
	}()
	<-blocked
	var once sync.Once
	unblock = func() {
		once.Do(func() {
			close(free)
			must(t, <-ended)
		})
	}
	t.Cleanup(unblock)
	return unblock
}

func lockTable(ctx context.Context, db *sql.DB, locked chan<- struct{}, free <-chan struct{}) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "LOCK TABLES recoveries WRITE"); err != nil {
		return err
	}
	close(locked)
	<-free
	_, err = conn.ExecContext(ctx, "UNLOCK TABLES")
	return err
}

func newAsks(many int) []recovery.Recovery {
	asks := make([]recovery.Recovery, many)
	for i := range asks {
		asks[i] = newAsk(member.LoginID(fmt.Sprint("taro", i)), now)
	}
	return asks
}

// addInParallel adds asks in the background and returns at once. The result of each ask is in the channel with its
// index.
func addInParallel(ctx context.Context, s *store.Store, asks []recovery.Recovery) []chan error {
	ended := make([]chan error, len(asks))
	for i, r := range asks {
		ended[i] = make(chan error, 1)
		go func() { ended[i] <- s.Recoveries().AddRecovery(ctx, r) }()
	}
	return ended
}

// addInOneSet makes the store's only writer add asks with one INSERT: they arrive while the INSERT of another ask is blocked.
// It returns when that ask is added. The result of each ask is in the channel with its index.
func addInOneSet(t *testing.T, s *store.Store, settings store.Settings, asks []recovery.Recovery) (ended []chan error) {
	t.Helper()
	before := newAsks(1)
	unblock := blockAsks(t, s, settings)
	beforeEnded := addInParallel(t.Context(), s, before)
	awaitTaken(s)
	ended = addInParallel(t.Context(), s, asks)
	awaitWaiting(s, len(asks))
	unblock()
	wantNoErrors(t, beforeEnded, before)
	return ended
}

func wantNoErrors(t *testing.T, ended []chan error, asks []recovery.Recovery) {
	t.Helper()
	for i := range asks {
		must(t, <-ended[i])
	}
}

// awaitTaken waits until the only writer has taken the first ask.
func awaitTaken(s *store.Store) {
	for !s.IsWritingAsks() || s.WaitingAsks() > 0 {
		runtime.Gosched()
	}
}

func awaitWaiting(s *store.Store, asks int) {
	for s.WaitingAsks() < asks {
		runtime.Gosched()
	}
}
