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

func (f *fixture) change(ctx context.Context, current, wanted string) (int64, error) {
	return f.ChangePassword(ctx, f.member(active), password.NewPlain(current), password.NewPlain(wanted), recovery.English, member.Android)
}

// wantUnchanged checks that no row changed and that the Postman was not woken.
func (f *fixture) wantUnchanged(t *testing.T, before tables) {
	t.Helper()
	if !reflect.DeepEqual(f.store.tables, before) || f.woken.Load() != 0 {
		t.Errorf("got %+v, woken %d times, want %+v and never", f.store.tables, f.woken.Load(), before)
	}
}

func TestAChangeSetsTheNewPasswordAndEndsOldSessions(t *testing.T) {
	f := newFixture(t)
	version, err := f.change(t.Context(), rightPassword, newPassword)
	if err != nil || version != 4 {
		t.Fatalf("got version %d, %v, want 4", version, err)
	}
	if _, err := f.signIn(t, active, rightPassword); !errors.Is(err, ErrRejected) {
		t.Errorf("the old password: got %v, want ErrRejected", err)
	}
	m, err := f.signIn(t, active, newPassword)
	if err != nil || m.PasswordVersion != version || m.PasswordChangedAt == nil || !m.PasswordChangedAt.Equal(f.now) {
		t.Errorf("the new password: got %+v, %v", m, err)
	}
	if _, err := f.SessionMember(t.Context(), 1, 3); !errors.Is(err, ErrSessionOver) {
		t.Errorf("an old session: got %v, want ErrSessionOver", err)
	}
	if _, err := f.SessionMember(t.Context(), 1, version); err != nil {
		t.Errorf("the session with the new version: %v", err)
	}
}

func TestAChangeAddsAnActivityAndANotice(t *testing.T) {
	f := newFixture(t)
	if _, err := f.change(t.Context(), rightPassword, newPassword); err != nil {
		t.Fatal(err)
	}
	f.wantOneChange(t)
}

// wantOneChange checks the rows after one change.
func (f *fixture) wantOneChange(t *testing.T) {
	t.Helper()
	activity := member.Activity{MemberID: 1, At: f.now, Kind: member.PasswordChanged, By: member.ByMember, Device: member.Android}
	if got := f.store.tables.activities; len(got) != 1 || len(got[0].ID) < 26 || withoutID(got[0]) != activity {
		t.Errorf("got the activities %+v, want one %+v with a random ID", got, activity)
	}
	notice := recovery.DueLetter{
		Kind: recovery.PasswordChangedNotice, MemberID: 1, Language: recovery.English, DueAt: f.now, CreatedAt: f.now, PasswordVersion: 4,
	}
	letters := slices.Clone(f.store.tables.letters)
	if len(letters) == 1 && len(letters[0].ID) >= 26 {
		letters[0].ID = ""
	}
	if !reflect.DeepEqual(letters, []recovery.DueLetter{notice}) {
		t.Errorf("got the letters %+v, want one %+v with a random ID", letters, notice)
	}
	if got, want := f.member(active).PasswordVersion, int64(4); got != want {
		t.Errorf("got version %d, want %d", got, want)
	}
	if got := f.woken.Load(); got != 1 {
		t.Errorf("the Postman was woken %d times, want once", got)
	}
}

func TestATransactionWhoseCommitAnswerWasLostChangesOnce(t *testing.T) {
	f := newFixture(t)
	f.store.lostAnswers = 2
	if version, err := f.change(t.Context(), rightPassword, newPassword); err != nil || version != 4 {
		t.Fatalf("got version %d, %v, want 4", version, err)
	}
	f.wantOneChange(t)
}

func TestAChangeIsAtomic(t *testing.T) {
	for _, call := range []string{"HasActivity", "SetPassword", "AddActivity", "AddLetter"} {
		f := newFixture(t)
		before := f.store.tables.clone()
		f.store.fail = map[string]error{call: errLost}
		if _, err := f.change(t.Context(), rightPassword, newPassword); !errors.Is(err, errLost) {
			t.Errorf("%s: got %v, want the store's error", call, err)
		}
		f.wantUnchanged(t, before)
		if got, want := f.store.calls, []string{"InTx"}; !slices.Equal(got, want) {
			t.Errorf("%s: got %v outside the transaction, want %v", call, got, want)
		}
	}
}

func TestOneOfConcurrentChangesSucceeds(t *testing.T) {
	f := newFixture(t)
	var succeeded, over atomic.Int32
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			m := member.Member{ID: 1, LoginID: active, PasswordHash: f.hashOfRight(t), PasswordVersion: 3}
			_, err := f.ChangePassword(t.Context(), m, password.NewPlain(rightPassword), password.NewPlain(newPassword), recovery.English, member.Android)
			switch {
			case err == nil:
				succeeded.Add(1)
			case errors.Is(err, ErrSessionOver):
				over.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if got, want := [2]int32{succeeded.Load(), over.Load()}, [2]int32{1, 7}; got != want {
		t.Errorf("got %v successes and ErrSessionOver, want %v", got, want)
	}
	f.wantOneChange(t)
}

func (f *fixture) hashOfRight(t *testing.T) string {
	hash, err := f.Hasher.Hash(t.Context(), password.MemberLane, password.NewPlain(rightPassword))
	if err != nil {
		t.Error(err)
	}
	return hash
}

func TestAChangeFailsIfTheMemberChangedMeanwhile(t *testing.T) {
	for name, change := range map[string]func(*member.Member){
		"a recovery":   func(m *member.Member) { m.PasswordVersion++ },
		"a suspension": func(m *member.Member) { m.Status = member.Suspended },
	} {
		f := newFixture(t)
		m := f.member(active)
		changed := m
		change(&changed)
		f.store.tables.members[m.ID] = changed
		before := f.store.tables.clone()
		_, err := f.ChangePassword(t.Context(), m, password.NewPlain(rightPassword), password.NewPlain(newPassword), recovery.Japanese, member.Mac)
		if !errors.Is(err, ErrSessionOver) {
			t.Errorf("%s: got %v, want ErrSessionOver", name, err)
		}
		f.wantUnchanged(t, before)
	}
}

func TestAWrongCurrentPasswordIsReportedBeforeAnyRule(t *testing.T) {
	for _, current := range []string{"Wrong-pass9", "", rightPassword + " "} {
		for _, wanted := range []string{newPassword, "x", current} {
			f := newFixture(t)
			before := f.store.tables.clone()
			if _, err := f.change(t.Context(), current, wanted); !errors.Is(err, ErrCurrentWrong) {
				t.Errorf("%q to %q: got %v, want ErrCurrentWrong", current, wanted, err)
			}
			f.wantUnchanged(t, before)
		}
	}
}

func TestABrokenRuleChangesNothing(t *testing.T) {
	for wanted, codes := range map[string][]string{
		"x":              {password.TooShort, password.UpperCaseMissing, password.DigitOrSymbolMissing},
		rightPassword:    {password.SameAsCurrent},
		"My-active-1day": {password.ContainsLoginID, password.ContainsMailAddress},
	} {
		f := newFixture(t)
		m := f.member(active)
		m.MailAddress = "active@xxx.mm-m.ne.jp"
		before := f.store.tables.clone()
		_, err := f.ChangePassword(t.Context(), m, password.NewPlain(rightPassword), password.NewPlain(wanted), recovery.Japanese, member.Mac)
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
		f.wantUnchanged(t, before)
	}
}

func TestAChangeAfterTheDeadlineChangesNothing(t *testing.T) {
	f := newFixture(t)
	before := f.store.tables.clone()
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if _, err := f.change(expired, rightPassword, newPassword); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
	f.wantUnchanged(t, before)
}

func TestNoCurrentPasswordIsRightForAnUnusableHash(t *testing.T) {
	f := newFixture(t)
	before := f.store.tables.clone()
	for _, current := range []string{rightPassword, unreadableHash, ""} {
		_, err := f.ChangePassword(t.Context(), f.member(unreadable), password.NewPlain(current), password.NewPlain(newPassword), recovery.Japanese, member.Mac)
		if !errors.Is(err, ErrCurrentWrong) {
			t.Errorf("%q: got %v, want ErrCurrentWrong", current, err)
		}
	}
	f.wantUnchanged(t, before)
	if log := f.log.String(); strings.Contains(log, "rot13") {
		t.Errorf("the log quotes the hash: %s", log)
	}
}
