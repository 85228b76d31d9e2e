package recovery_test

import (
	"context"
	"errors"
	"testing"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// meanwhile is a database in which something happens before the member is read, or in which the member cannot be read.
type meanwhile struct {
	recovery.Store
	happens func()
	fails   error
}

func (m meanwhile) Member(ctx context.Context, id member.ID) (member.Member, error) {
	if m.fails != nil {
		return member.Member{}, m.fails
	}
	m.happens()
	return m.Store.Member(ctx, id)
}

// A browser whose answer was lost asks for the state just when its password is being set.
func TestAPasswordThatIsSetWhileItsStateIsReadIsShownAsCompleted(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, oldPassword)
	walk := ask(t, w, taro, taroAddress)
	grant := walk.mustRedeem(temporaryPassword(t, w.Work(t)))
	whole := w.Service.Store
	w.Service.Store = meanwhile{Store: whole, happens: func() {
		w.Service.Store = whole
		if err := walk.reset(grant, newPassword); err != nil {
			t.Fatal(err)
		}
	}}
	if got := walk.look(grant).State; got != recovery.Completed {
		t.Errorf("got %s, want completed", got)
	}
}

func TestAStateThatCannotBeReadIsAnError(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, oldPassword)
	walk := ask(t, w, taro, taroAddress)
	grant := walk.mustRedeem(temporaryPassword(t, w.Work(t)))
	w.Service.Store = meanwhile{Store: w.Service.Store, fails: errAway}
	if got, err := w.Service.Look(t.Context(), walk.id, grant); !errors.Is(err, errAway) {
		t.Errorf("got %+v, %v; want the database's fault", got, err)
	}
}
