package mail_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// transportFunc is a Transport that calls the function for each letter.
type transportFunc func(ctx context.Context, m mail.Message) error

func (f transportFunc) Send(ctx context.Context, m mail.Message) error { return f(ctx, m) }
func (transportFunc) Check(context.Context) error                      { return nil }
func (transportFunc) Close() error                                     { return nil }

// deliveryCounter counts how often each letter was sent.
type deliveryCounter struct {
	mu    sync.Mutex
	times map[string]int
}

func (c *deliveryCounter) count(m mail.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = make(map[string]int)
	}
	c.times[m.ID]++
}

// wantOnce checks that so many letters were sent, each of them once.
func (c *deliveryCounter) wantOnce(t *testing.T, letters int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.times) != letters {
		t.Errorf("%d letters were handed over, want %d", len(c.times), letters)
	}
	for id, n := range c.times {
		if n != 1 {
			t.Errorf("%s was handed over %d times", id, n)
		}
	}
}

// inBubble runs a test on SQLite in a synctest bubble, whose time passes at once when all goroutines wait.
func inBubble(t *testing.T, run func(t *testing.T, w *testkit.World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := testkit.NewWorld(t, testkit.SQLite(t))
		w.Clock.Move(time.Since(w.Clock.Now()))
		w.Postman.Now = time.Now
		run(t, w)
	})
}

// secondPostman makes a Postman with the same settings, over the same store or another handle on it.
func secondPostman(w *testkit.World, letters mail.Store) *mail.Postman {
	p := mail.NewPostman()
	p.Store, p.Writer, p.Transport, p.Keys = letters, w.Postman.Writer, w.Postman.Transport, w.Postman.Keys
	p.Lifetime, p.Now, p.Log, p.Senders = w.Postman.Lifetime, w.Postman.Now, w.Postman.Log, w.Postman.Senders
	return p
}

// startPostman runs a Postman. stop ends it and waits for its end.
func startPostman(t *testing.T, p *mail.Postman) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Run(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// enrolMany adds members and makes a letter to each of them due.
func enrolMany(t *testing.T, w *testkit.World, members int) {
	t.Helper()
	for i := range members {
		id := member.LoginID(fmt.Sprintf("member%d", i))
		address := member.MailAddress(id) + "@xxx.mm-m.ne.jp"
		m := member.Member{LoginID: id, MailAddress: address, Status: member.Active, PasswordVersion: 1, CreatedAt: w.Clock.Now()}
		if err := w.Store.Members().AddMembers(t.Context(), []member.Member{m}); err != nil {
			t.Fatal(err)
		}
		ask(t, w, id, address)
	}
}

func lettersIn(t *testing.T, w *testkit.World, state mail.State) []store.KeptLetter {
	t.Helper()
	letters, err := w.Store.Members().LettersIn(t.Context(), state, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return letters
}
