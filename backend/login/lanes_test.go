package login

import (
	"context"
	"errors"
	"testing"

	"aikagi/backend/password"
)

// While the only slot is taken, a sign-in without a hash, or one that waits in the other lane, would not return ErrBusy.
func TestEveryRefusalWaitsInTheSignInLane(t *testing.T) {
	f := newFixture(t)
	free := f.takeTheOnlySlot(t)
	for _, r := range refused {
		if _, err := f.signIn(t, r.id, r.text); !errors.Is(err, password.ErrBusy) {
			t.Errorf("%s: got %v, want password.ErrBusy", r.name, err)
		}
	}
	select {
	case <-free:
		t.Error("the slot was released before all sign-ins were tried, so this test shows nothing")
	default:
	}
	<-free
}

// A flood of sign-ins must not delay members who are signed in.
func TestAChangeDoesNotWaitInTheSignInLane(t *testing.T) {
	f := newFixture(t)
	free := f.takeTheOnlySlot(t)
	if _, err := f.change(t.Context(), rightPassword, newPassword); err != nil {
		t.Errorf("got %v, want a change after a wait", err)
	}
	<-free
}

// takeTheOnlySlot replaces the hasher with one that has a single slot and whose sign-ins do not wait. It returns when a
// slow hash, of some hundred milliseconds, has taken the slot. The channel closes when the slot is free again.
func (f *fixture) takeTheOnlySlot(t *testing.T) (free <-chan struct{}) {
	t.Helper()
	const slow = "$pbkdf2-sha256$i=1000000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$Snq2HTmGZArte5TQkNB5HKVJeglm/0FTnh2EjqoGRz4"
	f.Hasher = password.NewHasher(cheap, 1, 0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := f.Hasher.Verify(context.WithoutCancel(t.Context()), password.MemberLane, password.NewPlain("x"), slow); err != nil {
			t.Error(err)
		}
	}()
	for {
		if _, err := f.signIn(t, nobody, "x"); errors.Is(err, password.ErrBusy) {
			return done
		}
		select {
		case <-done:
			t.Fatal("the slot was never seen taken")
		default:
		}
	}
}
