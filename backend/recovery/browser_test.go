package recovery_test

import (
	"errors"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

const (
	taro        = member.LoginID("taro1234")
	taroAddress = member.MailAddress("taro@xxx.mm-m.ne.jp")
	oldPassword = "Old-pass99"
	newPassword = "New-pass77"
)

// browser is a browser with one recovery.
type browser struct {
	*testkit.World
	t  *testing.T
	id recovery.ID
}

func onBoth(t *testing.T, run func(t *testing.T, w *testkit.World)) {
	t.Helper()
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		w.Enrol(t, taro, taroAddress, oldPassword)
		run(t, w)
	})
}

func ask(t *testing.T, w *testkit.World, id member.LoginID, address member.MailAddress) browser {
	t.Helper()
	view, err := w.Service.Request(t.Context(), recovery.Ask{LoginID: id, MailAddress: address, Language: recovery.Japanese})
	if err != nil {
		t.Fatal(err)
	}
	return browser{w, t, view.ID}
}

// temporaryPassword reads the temporary password in the only letter, as a member does.
func temporaryPassword(t *testing.T, letters []mail.Message) recovery.TemporaryPassword {
	t.Helper()
	if len(letters) != 1 {
		t.Fatalf("letters: got %d, want 1", len(letters))
	}
	return testkit.TemporaryPasswordIn(t, letters[0])
}

func (b browser) redeem(typed recovery.TemporaryPassword) (recovery.Grant, error) {
	_, grant, err := b.Service.Redeem(b.t.Context(), b.id, typed, member.UnknownDevice)
	return grant, err
}

func (b browser) mustRedeem(typed recovery.TemporaryPassword) recovery.Grant {
	b.t.Helper()
	grant, err := b.redeem(typed)
	if err != nil {
		b.t.Fatal(err)
	}
	return grant
}

func (b browser) reset(grant recovery.Grant, wanted string) error {
	return b.Service.Reset(b.t.Context(), b.id, grant, password.NewPlain(wanted), member.UnknownDevice)
}

func (b browser) look(grant recovery.Grant) recovery.View {
	b.t.Helper()
	view, err := b.Service.Look(b.t.Context(), b.id, grant)
	if err != nil {
		b.t.Fatal(err)
	}
	return view
}

func wantEnded(t *testing.T, err error, want recovery.EndReason) {
	t.Helper()
	var ended *recovery.EndedError
	if !errors.As(err, &ended) || ended.Reason != want {
		t.Fatalf("got %v, want an end by %s", err, want)
	}
}

func wantWrong(t *testing.T, err error, wantLeft int) {
	t.Helper()
	var wrong *recovery.WrongError
	if !errors.As(err, &wrong) || wrong.GuessesLeft != wantLeft {
		t.Fatalf("got %v, want a wrong guess with %d left", err, wantLeft)
	}
}

func isPassword(t *testing.T, w *testkit.World, plain string) bool {
	t.Helper()
	return hasPassword(t, w, w.Member(t, taro), plain)
}

func hasPassword(t *testing.T, w *testkit.World, m member.Member, plain string) bool {
	t.Helper()
	right, err := w.Hasher.Verify(t.Context(), password.MemberLane, password.NewPlain(plain), m.PasswordHash)
	if err != nil {
		t.Fatal(err)
	}
	return right
}

// outcome returns the outcome that operators see.
func (b browser) outcome() recovery.Outcome {
	b.t.Helper()
	return b.row().Outcome
}

func (b browser) row() recovery.Recovery {
	b.t.Helper()
	r, err := b.Store.Recoveries().Recovery(b.t.Context(), b.id)
	if err != nil {
		b.t.Fatal(err)
	}
	asks, err := b.Store.Members().Asks(b.t.Context(), r.LoginID, "", 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, ask := range asks {
		if ask.ID == b.id {
			return ask
		}
	}
	b.t.Fatal("the operators do not see the ask")
	return r
}

func (b browser) askAgain() {
	b.t.Helper()
	if err := b.Service.AskAgain(b.t.Context(), b.id); err != nil {
		b.t.Fatal(err)
	}
}

// openLink returns a browser with the recovery to which the letter links.
func openLink(t *testing.T, w *testkit.World, letter mail.Message) browser {
	t.Helper()
	return browser{w, t, testkit.RecoveryIn(t, letter)}
}

// statedExpiry returns the expiry that the letter states, in Japan time.
func statedExpiry(t *testing.T, letter mail.Message) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("20060102 15:04", testkit.LineAfter(t, letter, "【有効期限】"), time.FixedZone("JST", 9*60*60))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func onlyOne(t *testing.T, letters []mail.Message) mail.Message {
	t.Helper()
	if len(letters) != 1 {
		t.Fatalf("letters: got %d, want 1", len(letters))
	}
	return letters[0]
}

// wantAsk asks, runs the workers, and compares the number of letters and the outcome.
func wantAsk(t *testing.T, w *testkit.World, wantLetters int, want recovery.Outcome) []mail.Message {
	t.Helper()
	browser := ask(t, w, taro, taroAddress)
	letters := w.Work(t)
	if got := browser.outcome(); got != want || len(letters) != wantLetters {
		t.Fatalf("at %s: got %s and %d letters, want %s and %d", w.Clock.Now().Format(time.TimeOnly), got, len(letters), want, wantLetters)
	}
	return letters
}

func enrolAs(t *testing.T, w *testkit.World, id member.LoginID, status member.Status) {
	t.Helper()
	m := member.Member{
		LoginID: id, MailAddress: member.MailAddress(id) + "@xxx.mm-m.ne.jp", Status: status, PasswordVersion: 1, CreatedAt: w.Clock.Now(),
	}
	if err := w.Store.Members().AddMembers(t.Context(), []member.Member{m}); err != nil {
		t.Fatal(err)
	}
}

func changeMember(t *testing.T, w *testkit.World, id member.LoginID, change store.MemberChange) {
	t.Helper()
	if changed, err := w.Store.Members().Do(t.Context(), w.Member(t, id).ID, change, w.Clock.Now()); err != nil || !changed {
		t.Fatalf("%s: %v, %v", change.Kind, changed, err)
	}
}
