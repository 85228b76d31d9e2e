package recovery_test

import (
	"cmp"
	"context"
	"errors"
	"testing"
	"time"

	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// wantAskResult fails the test unless Request and AskAgain return this error, for a login ID that nobody has and for these
// recoveries. It also asks again through a recovery that does not exist. That must give the same error, or ErrNotFound if want
// is nil.
func wantAskResult(t *testing.T, w *testkit.World, when string, want error, again ...browser) {
	t.Helper()
	_, err := w.Service.Request(t.Context(), recovery.Ask{LoginID: "nobody", MailAddress: "nobody@xxx.mm-m.ne.jp", Language: recovery.Japanese})
	if !errors.Is(err, want) {
		t.Errorf("%s: asking: got %v, want %v", when, err, want)
	}
	for _, browser := range again {
		if err := w.Service.AskAgain(t.Context(), browser.id); !errors.Is(err, want) {
			t.Errorf("%s: asking again: got %v, want %v", when, err, want)
		}
	}
	unknown := w.Service.AskAgain(t.Context(), "AAAAAAAAAAAAAAAAAAAAAAAAAA")
	if wantUnknown := cmp.Or(want, recovery.ErrNotFound); !errors.Is(unknown, wantUnknown) {
		t.Errorf("%s: asking again at no recovery: got %v, want %v", when, unknown, wantUnknown)
	}
}

func TestAHundredLockedRequestsDoNotCloseRecoveryButMoreDo(t *testing.T) {
	locks := map[string]string{"their member is locked": "members", "they are locked themselves": "recoveries"}
	for name, table := range locks {
		t.Run(name, func(t *testing.T) {
			settings := testkit.MySQL(t)
			w, db := testkit.NewWorld(t, settings), otherConnection(t, settings)
			w.Enrol(t, taro, taroAddress, oldPassword)
			decoy := ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
			resolve(t, w)
			for range recovery.MaxSetAside {
				ask(t, w, taro, taroAddress)
			}
			release := lockRows(t, db, table+" WHERE login_id = ?", string(taro))
			resolve(t, w)
			w.Clock.Move(recovery.MaxBacklog + time.Second)
			resolve(t, w)
			wantAskResult(t, w, "a hundred", nil, decoy)

			release()
			w.Clock.Move(2 * time.Minute)
			wantNothingWaits(t, w)
			var last browser
			for range recovery.MaxSetAside + 1 {
				last = ask(t, w, taro, taroAddress)
			}
			release = lockRows(t, db, table+" WHERE login_id = ?", string(taro))
			resolve(t, w)
			wantAskResult(t, w, "a hundred and one, young", nil, decoy)
			w.Clock.Move(recovery.MaxBacklog + time.Second)
			resolve(t, w)
			wantAskResult(t, w, "a hundred and one", recovery.ErrBusy, decoy, last)
			other := secondServer(t, w, settings) // and so after a restart
			resolve(t, other)
			wantAskResult(t, other, "a hundred and one, on another server", recovery.ErrBusy, decoy, last)
			release()
			w.Clock.Move(2 * time.Minute)
			wantNothingWaits(t, w)
			wantAskResult(t, w, "unlocked", nil, decoy, last)
		})
	}
}

func wantNothingWaits(t *testing.T, w *testkit.World) {
	t.Helper()
	resolve(t, w)
	if waiting, err := w.Store.Recoveries().Unresolved(t.Context(), 1000); err != nil || len(waiting) > 0 {
		t.Fatalf("%d asks wait, %v; want none", len(waiting), err)
	}
}

// Asks can be stored while the resolver fails.
func TestABacklogClosesAskingAndAskingAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		works := w.Service.Store
		known, decoy := ask(t, w, taro, taroAddress), ask(t, w, "nobody", "nobody@xxx.mm-m.ne.jp")
		w.Service.Store = &brokenResolverStore{works}
		for _, c := range []struct {
			after time.Duration
			want  error
		}{{0, nil}, {recovery.MaxBacklog, nil}, {time.Microsecond, recovery.ErrBusy}, {time.Hour, recovery.ErrBusy}} {
			w.Clock.Move(c.after)
			if err := w.Resolver.DrainUnlocked(t.Context()); err == nil {
				t.Fatal("the resolver worked")
			}
			wantAskResult(t, w, "the resolver fails, "+c.after.String()+" later", c.want, known, decoy)
		}
		w.Service.Store = works
		resolve(t, w)
		wantAskResult(t, w, "the resolver works again", nil, known, decoy)
	})
}

type brokenResolverStore struct{ recovery.Store }

func (*brokenResolverStore) ClaimUnresolved(context.Context, string, time.Time, time.Time, time.Time, int) ([]recovery.Recovery, error) {
	return nil, errors.New("no claim")
}
