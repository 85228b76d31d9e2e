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
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// transport is a mail server that does what it is told with each letter.
type transport func(ctx context.Context, m mail.Message) error

func (f transport) Send(ctx context.Context, m mail.Message) error { return f(ctx, m) }
func (transport) Check(context.Context) error                      { return nil }
func (transport) Close() error                                     { return nil }

// counted keeps how often each letter was handed over.
type counted struct {
	mu    sync.Mutex
	times map[string]int
}

func (c *counted) take(m mail.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = make(map[string]int)
	}
	c.times[m.ID]++
}

// wantOnce checks that so many letters were handed over, each once.
func (c *counted) wantOnce(t *testing.T, letters int) {
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

// inBubble runs a test on SQLite in a time of its own, which passes at once when all wait for it.
func inBubble(t *testing.T, run func(t *testing.T, w *testkit.World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := testkit.NewWorld(t, testkit.SQLite(t))
		w.Clock.Move(time.Since(w.Clock.Now()))
		w.Postman.Now = time.Now
		run(t, w)
	})
}

// another is a Postman like the first, over the same store or another handle on it.
func another(w *testkit.World, letters mail.Store) *mail.Postman {
	p := mail.NewPostman()
	p.Store, p.Writer, p.Transport, p.Keys = letters, w.Postman.Writer, w.Postman.Transport, w.Postman.Keys
	p.Lifetime, p.Now, p.Log, p.Senders = w.Postman.Lifetime, w.Postman.Now, w.Postman.Log, w.Postman.Senders
	return p
}

// start runs a Postman; stop ends it, and returns when it has ended.
func start(t *testing.T, p *mail.Postman) (stop func()) {
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

// enrolMany makes letters due, one to each of so many members.
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

func inState(t *testing.T, w *testkit.World, state mail.State) []store.KeptLetter {
	t.Helper()
	letters, err := w.Store.Members().LettersIn(t.Context(), state, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

func TestAPostmanThatIsWokenDeliversAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		began := time.Now()
		stop := start(t, w.Postman)
		defer stop()
		synctest.Wait()
		enrolMany(t, w, 5)
		w.Postman.Wake()
		synctest.Wait()
		if got := len(w.Out.Messages()); got != 5 || time.Since(began) != 0 {
			t.Errorf("%d letters after %s, want 5 at once", got, time.Since(began))
		}
	})
}

func TestAPostmanFindsWhatOthersLeftWithinASecond(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		stop := start(t, w.Postman)
		defer stop()
		enrolMany(t, w, 100) // more than are claimed at once
		time.Sleep(time.Second)
		synctest.Wait()
		if got := len(w.Out.Messages()); got != 100 {
			t.Errorf("%d letters, want all 100", got)
		}
	})
}

func TestALetterOfACrashedPostmanGoesOutWithinFifteenSeconds(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 1)
		now := time.Now()
		if _, err := w.Store.Letters().ClaimDue(t.Context(), "crashed", now, now.Add(10*time.Second), 10); err != nil {
			t.Fatal(err)
		}
		stop := start(t, w.Postman)
		defer stop()
		time.Sleep(15 * time.Second)
		synctest.Wait()
		if got := len(w.Out.Messages()); got != 1 {
			t.Errorf("%d letters, want 1", got)
		}
	})
}

func TestAHeldLetterGoesWhenItIsDue(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		m := w.Enrol(t, taro, taroAddress, "Old-pass99")
		notice := recovery.NoticeOfChange(m, 1, recovery.Japanese, time.Now().Add(time.Minute))
		if err := w.Store.Recoveries().AddLetter(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
		stop := start(t, w.Postman)
		defer stop()
		time.Sleep(time.Minute - time.Millisecond)
		if got := len(w.Out.Messages()); got != 0 {
			t.Errorf("%d letters before it was due", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := len(w.Out.Messages()); got != 1 {
			t.Errorf("%d letters, want 1", got)
		}
	})
}

func TestAStoppedPostmanGivesBackWhatItHasNotBegun(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 5)
		w.Postman.Senders = 1
		var sent counted
		w.Postman.Transport = transport(func(_ context.Context, m mail.Message) error {
			<-time.After(5 * time.Second)
			sent.take(m)
			return nil
		})
		stop := start(t, w.Postman)
		w.Postman.Wake()
		synctest.Wait()
		began := time.Now()
		stop()
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("stopped after %s, want the letter under way finished", took)
		}
		sent.wantOnce(t, 1)
		if got := len(inState(t, w, mail.Accepted)); got != 1 {
			t.Errorf("%d letters accepted, want 1", got)
		}
		next := another(w, w.Store.Letters())
		next.Transport = w.Out
		next.Drain(t.Context()) // at the same moment: no claim has run out
		if got := len(w.Out.Messages()); got != 4 {
			t.Errorf("%d letters were given back, want 4", got)
		}
	})
}

func TestALetterThatHangsIsCutOffWhenThePostmanStops(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 2)
		w.Postman.Transport = transport(func(ctx context.Context, _ mail.Message) error {
			<-ctx.Done()
			return ctx.Err()
		})
		stop := start(t, w.Postman)
		w.Postman.Wake()
		synctest.Wait()
		began := time.Now()
		stop()
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("stopped after %s", took)
		}
		for _, kept := range inState(t, w, mail.Waiting) {
			if kept.Tries != 1 || kept.Answer != "unreachable" {
				t.Errorf("got %+v, want its try recorded", kept)
			}
		}
		time.Sleep(15 * time.Second)
		next := another(w, w.Store.Letters())
		next.Transport = w.Out
		next.Drain(t.Context())
		if got := len(w.Out.Messages()); got != 2 {
			t.Errorf("%d letters went out 15 s after the stop, want 2", got)
		}
	})
}

func TestATryThatHangsEndsAndIsMadeAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 1)
		hung := false
		w.Postman.Transport = transport(func(ctx context.Context, m mail.Message) error {
			if !hung {
				hung = true
				<-ctx.Done()
				return &mail.LostError{Err: ctx.Err()}
			}
			return w.Out.Send(ctx, m)
		})
		stop := start(t, w.Postman)
		defer stop()
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if got := inState(t, w, mail.Accepted); len(got) != 1 || got[0].Tries != 2 || got[0].LostTries != 1 {
			t.Errorf("got %+v, want it accepted at the second try", got)
		}
	})
}

func TestALetterThatTakesLongIsNotSentByAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 6)
		var sent counted
		w.Postman.Transport = transport(func(_ context.Context, m mail.Message) error {
			sent.take(m)
			<-time.After(25 * time.Second) // longer than a claim lasts
			return nil
		})
		stop := start(t, w.Postman)
		stopOther := start(t, another(w, w.Store.Letters()))
		time.Sleep(3 * time.Minute)
		stop()
		stopOther()
		sent.wantOnce(t, 6)
		if got := len(inState(t, w, mail.Accepted)); got != 6 {
			t.Errorf("%d letters accepted, want 6", got)
		}
	})
}

func TestTwoPostmenNeverSendOneLetterTwice(t *testing.T) {
	settings := testkit.MySQL(t)
	w := testkit.NewWorld(t, settings)
	const letters = 60
	enrolMany(t, w, letters)
	var sent counted
	all := make(chan struct{}, 10*letters)
	w.Postman.Transport = transport(func(_ context.Context, m mail.Message) error {
		sent.take(m)
		all <- struct{}{}
		return nil
	})
	other := another(w, testkit.Open(t, settings).Letters())
	stops := []func(){start(t, w.Postman), start(t, other)}
	w.Postman.Wake()
	other.Wake()
	for range letters {
		<-all
	}
	for _, stop := range stops {
		stop()
	}
	w.Postman.Drain(t.Context())
	other.Drain(t.Context())
	sent.wantOnce(t, letters)
	if got := len(inState(t, w, mail.Accepted)); got != letters {
		t.Errorf("%d letters accepted, want %d", got, letters)
	}
}
