package login

import (
	"context"
	"errors"
	"testing"

	"aikagi/backend/password"
)

// With the only place taken, a sign-in that needs no hash, or takes it in the other lane, would not say that it
// is busy.
func TestEveryRefusalWaitsInTheLaneOfSignIns(t *testing.T) {
	h := newHouse(t)
	free := h.takeTheOnlyPlace(t)
	for _, r := range refused {
		if _, err := h.signIn(t, r.id, r.text); !errors.Is(err, password.ErrBusy) {
			t.Errorf("%s: got %v, want password.ErrBusy", r.name, err)
		}
	}
	select {
	case <-free:
		t.Error("the place became free before all were asked, so this test says nothing")
	default:
	}
	<-free
}

// A flood of sign-ins must not keep those out who are signed in.
func TestAChangeDoesNotWaitInTheLaneOfSignIns(t *testing.T) {
	h := newHouse(t)
	free := h.takeTheOnlyPlace(t)
	if _, err := h.change(t.Context(), rightPassword, newPassword); err != nil {
		t.Errorf("got %v, want a change after a wait", err)
	}
	<-free
}

// takeTheOnlyPlace gives the house a hasher with one place, which no sign-in waits for, and returns when that
// place is taken, for some hundred milliseconds of work. The channel closes when it is free again.
func (h *house) takeTheOnlyPlace(t *testing.T) (free <-chan struct{}) {
	t.Helper()
	const slow = "$pbkdf2-sha256$i=1000000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$Snq2HTmGZArte5TQkNB5HKVJeglm/0FTnh2EjqoGRz4"
	h.Hasher = password.NewHasher(cheap, 1, 0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := h.Hasher.Verify(context.WithoutCancel(t.Context()), password.MemberLane, password.NewPlain("x"), slow); err != nil {
			t.Error(err)
		}
	}()
	for {
		if _, err := h.signIn(t, nobody, "x"); errors.Is(err, password.ErrBusy) {
			return done
		}
		select {
		case <-done:
			t.Fatal("the place was never seen taken")
		default:
		}
	}
}
