package store_test

import (
	"context"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"

	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// Both ways to write a recovery must write each column: one of them names the columns by hand.
func TestARecoveryAddedAloneIsAsOneAddedInASet(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		for _, origin := range []recovery.Origin{recovery.FromAsk, recovery.FromLetter} {
			alone := newAsk("taro", now)
			alone.Origin = origin
			inSet := alone
			inSet.ID += "2"
			inSet.ID = inSet.ID[1:]
			must(t, s.Recoveries().AddRecovery(t.Context(), alone))
			must(t, s.Recoveries().AddRecoveries(t.Context(), []recovery.Recovery{inSet}))
			got, want := readRecovery(t, s, alone.ID), readRecovery(t, s, inSet.ID)
			want.ID = alone.ID
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %+v, want %+v", origin, got, want)
			}
			found, err := s.Recoveries().Unresolved(t.Context(), 10)
			if err != nil || len(found) != 2 {
				t.Errorf("%s: %d wait, want both asks: %v", origin, len(found), err)
			}
		}
	})
}

func TestARecoveryIsAddedOnceHoweverOftenItIsSent(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		r := newAsk("taro", now)
		for range 2 {
			must(t, s.Recoveries().AddRecovery(t.Context(), r))
		}
		if found, err := s.Members().Asks(t.Context(), "taro", "", 10); err != nil || len(found) != 1 {
			t.Errorf("%d rows: %v", len(found), err)
		}
	})
}

// In a rush everybody else would wait for a connection behind all asks.
func TestAsksLeaveHalfOfTheConnectionsToOthers(t *testing.T) {
	settings := testkit.MySQL(t)
	settings.Connections = 4
	s := testkit.Open(t, settings)
	m := enrol(t, s, "taro")
	blocked, err := raw(t, settings).Conn(t.Context())
	must(t, err)
	defer blocked.Close()
	_, err = blocked.ExecContext(t.Context(), "LOCK TABLES recoveries WRITE")
	must(t, err)
	var asking sync.WaitGroup
	for range 16 {
		asking.Go(func() {
			if err := s.Recoveries().AddRecovery(t.Context(), newAsk("taro", now)); err != nil {
				t.Error(err)
			}
		})
	}
	pools, err := s.Pools()
	must(t, err)
	for pools["database"].Stats().InUse < 2 { // the asks have the connections that they get
		runtime.Gosched()
	}
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, err = s.Logins().Member(ctx, m.ID)
		cancel()
		must(t, err)
	}
	_, err = blocked.ExecContext(t.Context(), "UNLOCK TABLES")
	must(t, err)
	asking.Wait()
}
