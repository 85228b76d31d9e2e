package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// disavowalIn reads the token in the link of the notice.
func disavowalIn(t *testing.T, text string) recovery.DisavowalToken {
	t.Helper()
	found := regexp.MustCompile(`https://support\.example\.jp/disavow\?lang=ja#([A-Za-z0-9_-]+)\n`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no link to disavow in the notice:\n%s", text)
	}
	return recovery.NewDisavowalToken(found[1])
}

// changeByRecovery sets a new password by a recovery, and returns the token of the notice.
func changeByRecovery(t *testing.T, w *testkit.World, wanted string) recovery.DisavowalToken {
	t.Helper()
	at := ask(t, w, taro, taroAddress)
	grant := at.mustRedeem(temporaryPassword(t, w.Work(t)))
	if err := at.reset(grant, wanted); err != nil {
		t.Fatal(err)
	}
	letters := w.Work(t)
	if len(letters) != 1 {
		t.Fatalf("got %d letters, want the notice", len(letters))
	}
	return disavowalIn(t, letters[0].Text)
}

func disavow(t *testing.T, w *testkit.World, token recovery.DisavowalToken) error {
	t.Helper()
	return w.Service.Disavow(t.Context(), token, member.IPhone)
}

// wantRefused fails the test unless the token is refused and the member stays as before.
func wantRefused(t *testing.T, w *testkit.World, what string, token recovery.DisavowalToken) {
	t.Helper()
	before := w.Member(t, taro)
	if err := disavow(t, w, token); !errors.Is(err, recovery.ErrDisavowalEnded) {
		t.Errorf("%s: got %v, want ErrDisavowalEnded", what, err)
	}
	if after := w.Member(t, taro); !reflect.DeepEqual(after, before) {
		t.Errorf("%s: got %+v, want %+v", what, after, before)
	}
}

func TestADisavowedPasswordIsVoid(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		token := changeByRecovery(t, w, newPassword)
		w.Clock.Move(recovery.DisavowalLifetime - time.Second)
		if err := disavow(t, w, token); err != nil {
			t.Fatal(err)
		}
		m := w.Member(t, taro)
		if m.PasswordVersion != 3 || m.VoidedAt == nil || !m.VoidedAt.Equal(w.Clock.Now()) || m.PasswordHash == "" {
			t.Errorf("got %+v; want version 3, void since now, the hash kept", m)
		}
		activities, err := w.Store.Members().Activities(t.Context(), m.ID, 1)
		if err != nil || len(activities) != 1 {
			t.Fatalf("got %d activities, %v", len(activities), err)
		}
		if got := activities[0]; got.Kind != member.Disavowed || got.By != member.ByMember || got.Device != member.IPhone {
			t.Errorf("got %+v, want the disavowal by the member", got)
		}
		wantRefused(t, w, "used twice", token)
	})
}

// lostAnswerStore loses the answer to each first commit, so that the transaction runs again.
type lostAnswerStore struct{ recovery.Store }

func (f lostAnswerStore) InTx(ctx context.Context, do func(recovery.Store) error) error {
	if err := f.Store.InTx(ctx, do); err != nil {
		return err
	}
	return f.Store.InTx(ctx, do)
}

func TestADisavowalWhoseAnswerWasLostChangesThePasswordOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		m := w.Member(t, taro)
		w.Service.Store = lostAnswerStore{w.Service.Store}
		if err := disavow(t, w, w.Keys.DisavowalToken(m.ID, m.PasswordVersion, w.Clock.Now())); err != nil {
			t.Errorf("got %v, want none", err)
		}
		if got, want := w.Member(t, taro).PasswordVersion, m.PasswordVersion+1; got != want {
			t.Errorf("got password version %d, want %d", got, want)
		}
	})
}

func TestADisavowalEndsGrantsAndTemporaryPasswords(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		token := changeByRecovery(t, w, newPassword)
		w.Clock.Move(time.Hour)
		thief := ask(t, w, taro, taroAddress)
		grant := thief.mustRedeem(temporaryPassword(t, w.Work(t)))
		w.Clock.Move(2 * time.Minute)
		second := ask(t, w, taro, taroAddress)
		secret := temporaryPassword(t, w.Work(t))
		if err := disavow(t, w, token); err != nil {
			t.Fatal(err)
		}
		if err := thief.reset(grant, "Thief-pass5"); !errors.Is(err, recovery.ErrGrantMissing) {
			t.Errorf("with an earlier grant: got %v, want ErrGrantMissing", err)
		}
		var ended *recovery.EndedError
		if _, err := second.redeem(secret); !errors.As(err, &ended) || ended.Reason != recovery.ByExpiry {
			t.Errorf("with an earlier temporary password: got %v, want that it has ended", err)
		}
	})
}

func TestARecoveryEndsTheVoidOfADisavowal(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		first := changeByRecovery(t, w, newPassword)
		if err := disavow(t, w, first); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(2 * time.Minute)
		at := ask(t, w, taro, taroAddress)
		grant := at.mustRedeem(temporaryPassword(t, w.Work(t)))
		var rejected *recovery.RejectedError
		if err := at.reset(grant, newPassword); !errors.As(err, &rejected) || rejected.Violations[0].Code != password.SameAsCurrent {
			t.Errorf("the disavowed password again: got %v, want that it is refused", err)
		}
		if err := at.reset(grant, "Third-pass5"); err != nil {
			t.Fatal(err)
		}
		if m := w.Member(t, taro); m.VoidedAt != nil {
			t.Errorf("got %+v, want no void", m)
		}
		wantRefused(t, w, "of the earlier password", first)
	})
}

func TestADisavowalIsValidForSevenDaysAndOneVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		m, now := w.Member(t, taro), w.Clock.Now()
		made := func(version int64, age time.Duration) recovery.DisavowalToken {
			return w.Keys.DisavowalToken(m.ID, version, now.Add(-age))
		}
		wantRefused(t, w, "at the end of its 7 days", made(1, recovery.DisavowalLifetime))
		wantRefused(t, w, "of a former version", made(0, 0))
		wantRefused(t, w, "of a later version", made(2, 0))
		wantRefused(t, w, "of nobody", w.Keys.DisavowalToken(m.ID+1, 1, now))
		if err := disavow(t, w, made(1, recovery.DisavowalLifetime-time.Second)); err != nil {
			t.Errorf("in its last second: %v", err)
		}
	})
}

func TestATokenThatWasChangedDisavowsNothing(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	m := w.Enrol(t, taro, taroAddress, oldPassword)
	text := w.Keys.DisavowalToken(m.ID, m.PasswordVersion, w.Clock.Now()).Reveal()
	for i := range text {
		other := "A"
		if text[i] == 'A' {
			other = "B"
		}
		wantRefused(t, w, fmt.Sprintf("another character %d", i), recovery.NewDisavowalToken(text[:i]+other+text[i+1:]))
	}
	for _, changed := range []string{"", "A", text[:len(text)-1], text[:32], text + "A", text + "=", text + "\n", "\n" + text, " " + text, strings.Repeat("A", 8000), "#" + text} {
		wantRefused(t, w, fmt.Sprintf("%.80q", changed), recovery.NewDisavowalToken(changed))
	}
	stranger := testkit.NewWorld(t, testkit.SQLite(t))
	wantRefused(t, w, "by a key of the same name", stranger.Keys.DisavowalToken(m.ID, m.PasswordVersion, w.Clock.Now()))
	if err := disavow(t, w, recovery.NewDisavowalToken(text)); err != nil {
		t.Errorf("the token itself: %v", err)
	}
}

func TestAKeyThatNoLongerIssuesStillDisavows(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	m := w.Enrol(t, taro, taroAddress, oldPassword)
	old, err := recovery.GenerateKey("old")
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := recovery.GenerateKey("fresh")
	if err != nil {
		t.Fatal(err)
	}
	ring := func(keys ...recovery.Key) *recovery.Ring {
		found, err := recovery.NewRing(keys...)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	token := ring(old).DisavowalToken(m.ID, m.PasswordVersion, w.Clock.Now())
	w.Service.Keys = ring(fresh)
	wantRefused(t, w, "its key was removed", token)
	w.Service.Keys = ring(fresh, old)
	if err := disavow(t, w, token); err != nil {
		t.Errorf("its key is still there: %v", err)
	}
}

func TestADisavowalTokenDoesNotPrint(t *testing.T) {
	testkit.WantUnprintable(t, recovery.NewDisavowalToken("TOKENTOKEN"), "TOKENTOKEN")
	if got := (recovery.DisavowalToken{}).Reveal(); got != "" {
		t.Errorf("the zero value reveals %q", got)
	}
}
