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

// breaks is a database that commits nothing, and may not give a try back either.
type breaks struct {
	recovery.Store
	giveBack error
}

func (breaks) InTx(context.Context, func(recovery.Store) error) error { return errAway }

func (b breaks) GiveBackTry(ctx context.Context, id recovery.ID, grantHash string) error {
	if b.giveBack != nil {
		return b.giveBack
	}
	return b.Store.GiveBackTry(ctx, id, grantHash)
}

func TestAResetThatFailsThroughOurFaultSpendsNoTry(t *testing.T) {
	for _, each := range []struct {
		giveBack  error
		wantTries int
		logs      bool
	}{
		{nil, 0, false}, {errAway, 1, true},
	} {
		w := testkit.NewWorld(t, testkit.SQLite(t))
		w.Enrol(t, taro, taroAddress, oldPassword)
		walk := ask(t, w, taro, taroAddress)
		grant := walk.mustRedeem(temporaryPassword(t, w.Work(t)))
		var log strings.Builder
		w.Service.Log = slog.New(slog.NewTextHandler(&log, nil))
		whole := w.Service.Store
		w.Service.Store = breaks{whole, each.giveBack}
		if err := walk.reset(grant, newPassword); !errors.Is(err, errAway) {
			t.Errorf("got %v, want the fault of the database", err)
		}
		row := walk.row()
		if row.GrantTries != each.wantTries {
			t.Errorf("giving back gives %v: got %d tries, want %d", each.giveBack, row.GrantTries, each.wantTries)
		}
		if got := strings.Contains(log.String(), "level=WARN") && strings.Contains(log.String(), row.Receipt); got != each.logs {
			t.Errorf("got the log %q, want a warning: %v", log.String(), each.logs)
		}
		w.Service.Store = whole
		if err := walk.reset(grant, newPassword); err != nil {
			t.Error(err)
		}
		if got := walk.row().GrantTries; got != each.wantTries+1 {
			t.Errorf("got %d tries after the change, want %d", got, each.wantTries+1)
		}
	}
}
