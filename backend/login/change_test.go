package login

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

const newPassword = "Kumquat-tree7"

func (h *house) change(ctx context.Context, current, wanted string) (int64, error) {
	return h.ChangePassword(ctx, h.member(active), password.NewPlain(current), password.NewPlain(wanted), recovery.English, member.Android)
}

// wantUnchanged asks that nothing at all happened.
func (h *house) wantUnchanged(t *testing.T, before tables) {
	t.Helper()
	if !reflect.DeepEqual(h.store.tables, before) || h.woken.Load() != 0 {
		t.Errorf("got %+v, %d wakings, want %+v and none", h.store.tables, h.woken.Load(), before)
	}
}

func TestAChangeTakesTheNewPasswordAndEndsTheOld(t *testing.T) {
	h := newHouse(t)
	version, err := h.change(t.Context(), rightPassword, newPassword)
	if err != nil || version != 4 {
		t.Fatalf("got version %d, %v, want 4", version, err)
	}
	if _, err := h.signIn(t, active, rightPassword); !errors.Is(err, ErrRejected) {
		t.Errorf("the old password: got %v, want ErrRejected", err)
	}
	m, err := h.signIn(t, active, newPassword)
	if err != nil || m.PasswordVersion != version || m.PasswordChangedAt == nil || !m.PasswordChangedAt.Equal(h.now) {
		t.Errorf("the new password: got %+v, %v", m, err)
	}
	if _, err := h.Present(t.Context(), 1, 3); !errors.Is(err, ErrSessionOver) {
		t.Errorf("a session of the old one: got %v, want ErrSessionOver", err)
	}
	if _, err := h.Present(t.Context(), 1, version); err != nil {
		t.Errorf("the session that moved along: %v", err)
	}
}

func TestAChangeLeavesALineAndANotice(t *testing.T) {
	h := newHouse(t)
	if _, err := h.change(t.Context(), rightPassword, newPassword); err != nil {
		t.Fatal(err)
	}
	h.wantOneChange(t)
}

func (h *house) wantOneChange(t *testing.T) {
	t.Helper()
	line := member.Activity{MemberID: 1, At: h.now, Kind: member.PasswordChanged, By: member.ByMember, Device: member.Android}
	if got := h.store.tables.activities; len(got) != 1 || len(got[0].ID) < 26 || withoutID(got[0]) != line {
		t.Errorf("got the activities %+v, want one %+v with a random ID", got, line)
	}
	notice := recovery.DueLetter{
		Kind: recovery.PasswordChangedNotice, MemberID: 1, Language: recovery.English, DueAt: h.now, CreatedAt: h.now, PasswordVersion: 4,
	}
	letters := slices.Clone(h.store.tables.letters)
	if len(letters) == 1 && len(letters[0].ID) >= 26 {
		letters[0].ID = ""
	}
	if !reflect.DeepEqual(letters, []recovery.DueLetter{notice}) {
		t.Errorf("got the letters %+v, want one %+v with a random ID", letters, notice)
	}
	if got, want := h.member(active).PasswordVersion, int64(4); got != want {
		t.Errorf("got version %d, want %d", got, want)
	}
	if got := h.woken.Load(); got != 1 {
		t.Errorf("the postman was woken %d times, want once", got)
	}
}

func TestATransactionWhoseAnswerWasLostChangesOnce(t *testing.T) {
	h := newHouse(t)
	h.store.lostAnswers = 2
	if version, err := h.change(t.Context(), rightPassword, newPassword); err != nil || version != 4 {
		t.Fatalf("got version %d, %v, want 4", version, err)
	}
	h.wantOneChange(t)
}

func TestAChangeIsWholeOrNotAtAll(t *testing.T) {
	for _, call := range []string{"HasActivity", "SetPassword", "AddActivity", "AddLetter"} {
		h := newHouse(t)
		before := h.store.tables.clone()
		h.store.fail = map[string]error{call: errLost}
		if _, err := h.change(t.Context(), rightPassword, newPassword); !errors.Is(err, errLost) {
			t.Errorf("%s: got %v, want the store's error", call, err)
		}
		h.wantUnchanged(t, before)
		if got, want := h.store.calls, []string{"InTx"}; !slices.Equal(got, want) {
			t.Errorf("%s: got %v outside the transaction, want %v", call, got, want)
		}
	}
}

func TestOfConcurrentChangesOneWins(t *testing.T) {
	h := newHouse(t)
	var won, over atomic.Int32
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			m := member.Member{ID: 1, LoginID: active, PasswordHash: h.hashOfRight(t), PasswordVersion: 3}
			_, err := h.ChangePassword(t.Context(), m, password.NewPlain(rightPassword), password.NewPlain(newPassword), recovery.English, member.Android)
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, ErrSessionOver):
				over.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if got, want := [2]int32{won.Load(), over.Load()}, [2]int32{1, 7}; got != want {
		t.Errorf("got won and over %v, want %v", got, want)
	}
	h.wantOneChange(t)
}

func (h *house) hashOfRight(t *testing.T) string {
	hash, err := h.Hasher.Hash(t.Context(), password.MemberLane, password.NewPlain(rightPassword))
	if err != nil {
		t.Error(err)
	}
	return hash
}

func TestAChangeLosesAgainstWhateverRaisedTheVersion(t *testing.T) {
	for name, deed := range map[string]func(*member.Member){
		"a recovery":   func(m *member.Member) { m.PasswordVersion++ },
		"a suspension": func(m *member.Member) { m.Status = member.Suspended },
	} {
		h := newHouse(t)
		m := h.member(active)
		moved := m
		deed(&moved)
		h.store.tables.members[m.ID] = moved
		before := h.store.tables.clone()
		_, err := h.ChangePassword(t.Context(), m, password.NewPlain(rightPassword), password.NewPlain(newPassword), recovery.Japanese, member.Mac)
		if !errors.Is(err, ErrSessionOver) {
			t.Errorf("%s: got %v, want ErrSessionOver", name, err)
		}
		h.wantUnchanged(t, before)
	}
}

func TestAWrongCurrentPasswordIsSaidBeforeAnyRule(t *testing.T) {
	for _, current := range []string{"Wrong-pass9", "", rightPassword + " "} {
		for _, wanted := range []string{newPassword, "x", current} {
			h := newHouse(t)
			before := h.store.tables.clone()
			if _, err := h.change(t.Context(), current, wanted); !errors.Is(err, ErrCurrentWrong) {
				t.Errorf("%q to %q: got %v, want ErrCurrentWrong", current, wanted, err)
			}
			h.wantUnchanged(t, before)
		}
	}
}

func TestABrokenRuleChangesNothing(t *testing.T) {
	for wanted, codes := range map[string][]string{
		"x":              {password.TooShort, password.UpperCaseMissing, password.DigitOrSymbolMissing},
		rightPassword:    {password.SameAsCurrent},
		"My-active-1day": {password.ContainsLoginID, password.ContainsMailAddress},
	} {
		h := newHouse(t)
		m := h.member(active)
		m.MailAddress = "active@xxx.mm-m.ne.jp"
		before := h.store.tables.clone()
		_, err := h.ChangePassword(t.Context(), m, password.NewPlain(rightPassword), password.NewPlain(wanted), recovery.Japanese, member.Mac)
		var rejected *recovery.RejectedError
		if !errors.As(err, &rejected) {
			t.Errorf("%q: got %v, want a RejectedError", wanted, err)
			continue
		}
		var got []string
		for _, v := range rejected.Violations {
			got = append(got, v.Code)
		}
		if !slices.Equal(got, codes) {
			t.Errorf("%q: got %v, want %v", wanted, got, codes)
		}
		h.wantUnchanged(t, before)
	}
}

func TestAChangeOfWhoHasGoneChangesNothing(t *testing.T) {
	h := newHouse(t)
	before := h.store.tables.clone()
	gone, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if _, err := h.change(gone, rightPassword, newPassword); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
	h.wantUnchanged(t, before)
}

func TestNoCurrentPasswordIsRightForAHashThatCannotBeChecked(t *testing.T) {
	h := newHouse(t)
	before := h.store.tables.clone()
	for _, current := range []string{rightPassword, unreadableHash, ""} {
		_, err := h.ChangePassword(t.Context(), h.member(unreadable), password.NewPlain(current), password.NewPlain(newPassword), recovery.Japanese, member.Mac)
		if !errors.Is(err, ErrCurrentWrong) {
			t.Errorf("%q: got %v, want ErrCurrentWrong", current, err)
		}
	}
	h.wantUnchanged(t, before)
	if log := h.log.String(); strings.Contains(log, "rot13") {
		t.Errorf("the log quotes the hash: %s", log)
	}
}
