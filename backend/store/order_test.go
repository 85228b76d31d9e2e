package store_test

import (
	"slices"
	"testing"

	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// Asks that lie wherever their random ids fall use up the buffer pool in a flood, and then each is read from the disk
// again to be resolved: members' letters took half a minute after 300,000 (npm run check:overload).
func TestAsksLieInTheOrderInWhichTheyCame(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		var came, lie []recovery.ID
		for range 50 {
			came = append(came, addAsk(t, s, "taro", now).ID)
		}
		rows, err := raw(t, settings).QueryContext(t.Context(), "SELECT id, mail_address_mac FROM recoveries") // as the table lies: no index holds both
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			var id, mac string
			must(t, rows.Scan(&id, &mac))
			lie = append(lie, recovery.ID(id))
		}
		must(t, rows.Err())
		if !slices.Equal(lie, came) {
			t.Errorf("they lie in another order: %v, came %v", lie, came)
		}
	})
}
