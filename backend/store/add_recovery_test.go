package store_test

import (
	"reflect"
	"testing"

	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

// Both ways to add a recovery must write each column, and one of them lists the columns by hand.
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

func TestARecoveryThatIsAddedTwiceIsStoredOnce(t *testing.T) {
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
