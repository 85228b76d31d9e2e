package mail_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/testkit"
)

func TestADatabaseThatIsAwayLosesNoLetter(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 3)
		away := &brokenStore{Store: w.Store.Letters(), broken: true}
		w.Postman.Store = away
		stop := startPostman(t, w.Postman)
		defer stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := len(w.Out.Messages()); got != 0 {
			t.Errorf("%d letters left though nothing could be recorded", got)
		}
		away.mend()
		time.Sleep(15 * time.Second)
		synctest.Wait()
		if got := len(w.Out.Messages()); got != 3 {
			t.Errorf("%d letters after the database came back, want 3", got)
		}
	})
}

// brokenStore claims letters, but its transactions fail to start.
type brokenStore struct {
	mail.Store
	mu     sync.Mutex
	broken bool
}

func (s *brokenStore) InTx(ctx context.Context, do func(mail.Store) error) error {
	s.mu.Lock()
	broken := s.broken
	s.mu.Unlock()
	if broken {
		return errors.New("the database is away")
	}
	return s.Store.InTx(ctx, do)
}

func (s *brokenStore) mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = false
}

// stalled is a database in which something happens before the first transaction starts.
type stalled struct {
	mail.Store
	meanwhile func()
}

func (s *stalled) InTx(ctx context.Context, do func(mail.Store) error) error {
	meanwhile := s.meanwhile
	s.meanwhile = func() {}
	meanwhile()
	return s.Store.InTx(ctx, do)
}

func TestALetterThatAnotherTookOverIsLeftToIt(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	enrolMany(t, w, 2)
	other := secondPostman(w, w.Store.Letters())
	w.Postman.Store = &stalled{w.Store.Letters(), func() {
		w.Clock.Move(10 * time.Second) // the claims expire
		other.Drain(t.Context())
	}}
	w.Postman.Drain(t.Context())
	var sent deliveryCounter
	for _, m := range w.Out.Messages() {
		sent.count(m)
	}
	sent.wantOnce(t, 2)
}

// A new ask may drop a letter that a Postman is about to begin.
func TestALetterThatTheResolverGaveUpIsNotBegun(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	m := w.Enrol(t, taro, taroAddress, "Old-pass99")
	ask(t, w, taro, taroAddress)
	w.Postman.Store = &stalled{w.Store.Letters(), func() {
		if err := w.Store.Recoveries().DropLetters(t.Context(), m.ID); err != nil {
			t.Error(err)
		}
	}}
	w.Postman.Drain(t.Context())
	if kept := latestLetter(t, w); kept.State != mail.Dropped || kept.Tries != 0 || len(w.Out.Messages()) != 0 {
		t.Errorf("got %+v and %d letters, want it dropped untried", kept, len(w.Out.Messages()))
	}
}
