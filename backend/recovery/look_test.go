package recovery_test

import (
	"context"
	"errors"
	"testing"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// interruptedStore calls happens before it reads the member, or fails to read the member.
type interruptedStore struct {
	recovery.Store
	happens func()
	fails   error
}

func (m interruptedStore) Member(ctx context.Context, id member.ID) (member.Member, error) {
	if m.fails != nil {
		return member.Member{}, m.fails
	}
	m.happens()
	return m.Store.Member(ctx, id)
}

// A browser that has lost the answer to its change looks at the state while the change is made.
func TestAPasswordThatIsSetWhileItsStateIsReadIsShownAsCompleted(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, oldPassword)
	browser := ask(t, w, taro, taroAddress)
	grant := browser.mustRedeem(temporaryPassword(t, w.Work(t)))
	whole := w.Service.Store
	w.Service.Store = interruptedStore{Store: whole, happens: func() {
		w.Service.Store = whole
		if err := browser.reset(grant, newPassword); err != nil {
			t.Fatal(err)
		}
	}}
	if got := browser.look(grant).State; got != recovery.Completed {
		t.Errorf("got %s, want completed", got)
	}
}

func TestAStateThatCannotBeReadIsAnError(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, oldPassword)
	browser := ask(t, w, taro, taroAddress)
	grant := browser.mustRedeem(temporaryPassword(t, w.Work(t)))
	w.Service.Store = interruptedStore{Store: w.Service.Store, fails: errAway}
	if got, err := w.Service.Look(t.Context(), browser.id, grant); !errors.Is(err, errAway) {
		t.Errorf("got %+v, %v; want the error of the database", got, err)
	}
}
