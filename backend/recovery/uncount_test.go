package recovery_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

var errAway = errors.New("the database is away")

// brokenStore commits nothing, and may fail to subtract a try too.
type brokenStore struct {
	recovery.Store
	giveBack error
}

func (brokenStore) InTx(context.Context, func(recovery.Store) error) error { return errAway }

func (b brokenStore) UncountTry(ctx context.Context, id recovery.ID, grantHash string) error {
	if b.giveBack != nil {
		return b.giveBack
	}
	return b.Store.UncountTry(ctx, id, grantHash)
}

func TestARightGuessThatOpensNoGrantIsUncountedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		browser := ask(t, w, taro, taroAddress)
		mailed := temporaryPassword(t, w.Work(t))
		browser.mustRedeem(mailed)
		_, err := browser.redeem(recovery.NewTemporaryPassword("wrong"))
		wantWrong(t, err, 4)
		w.Service.Store = lostAnswerStore{w.Service.Store}
		_, err = browser.redeem(mailed)
		wantEnded(t, err, recovery.ByUse)
		if got := browser.row().Guesses; got != 1 {
			t.Errorf("got %d guesses, want the wrong one", got)
		}
	})
}

func TestAResetThatFailsByAFaultOfTheServiceUsesNoTry(t *testing.T) {
	for _, each := range []struct {
		giveBack  error
		wantTries int
		logs      bool
	}{
		{nil, 0, false}, {errAway, 1, true},
	} {
		w := testkit.NewWorld(t, testkit.SQLite(t))
		w.Enrol(t, taro, taroAddress, oldPassword)
		browser := ask(t, w, taro, taroAddress)
		grant := browser.mustRedeem(temporaryPassword(t, w.Work(t)))
		var log strings.Builder
		w.Service.Log = slog.New(slog.NewTextHandler(&log, nil))
		whole := w.Service.Store
		w.Service.Store = brokenStore{whole, each.giveBack}
		if err := browser.reset(grant, newPassword); !errors.Is(err, errAway) {
			t.Errorf("got %v, want the error of the database", err)
		}
		row := browser.row()
		if row.GrantTries != each.wantTries {
			t.Errorf("subtracting returns %v: got %d tries, want %d", each.giveBack, row.GrantTries, each.wantTries)
		}
		if got := strings.Contains(log.String(), "level=WARN") && strings.Contains(log.String(), row.Receipt); got != each.logs {
			t.Errorf("got the log %q, want a warning: %v", log.String(), each.logs)
		}
		w.Service.Store = whole
		if err := browser.reset(grant, newPassword); err != nil {
			t.Error(err)
		}
		if got := browser.row().GrantTries; got != each.wantTries+1 {
			t.Errorf("got %d tries after the change, want %d", got, each.wantTries+1)
		}
	}
}
