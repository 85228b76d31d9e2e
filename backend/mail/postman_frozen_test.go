package mail_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/testkit"
)

// frozenStore is a database whose node does not answer for a while. A call ends only with its own context.
type frozenStore struct {
	mail.Store
	mu     sync.Mutex
	until  time.Time
	frozen map[string]bool // by the name of the call
}

func (s *frozenStore) freeze(lasts time.Duration, calls ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until, s.frozen = time.Now().Add(lasts), make(map[string]bool)
	for _, call := range calls {
		s.frozen[call] = true
	}
}

func (s *frozenStore) meet(ctx context.Context, call string) error {
	s.mu.Lock()
	frozen := s.frozen[call] && time.Now().Before(s.until)
	s.mu.Unlock()
	if !frozen {
		return nil
	}
	<-ctx.Done() // a connection to a frozen node never answers, not even after the node goes on
	return ctx.Err()
}

func (s *frozenStore) ClaimDue(ctx context.Context, claim string, now, until time.Time, limit int, of ...mail.Priority) ([]mail.Letter, error) {
	if err := s.meet(ctx, "claim"); err != nil {
		return nil, err
	}
	return s.Store.ClaimDue(ctx, claim, now, until, limit, of...)
}

func (s *frozenStore) RenewClaims(ctx context.Context, claim string, ids []string, until time.Time) error {
	if err := s.meet(ctx, "renew"); err != nil {
		return err
	}
	return s.Store.RenewClaims(ctx, claim, ids, until)
}

func (s *frozenStore) ReleaseClaims(ctx context.Context, claim string, ids []string) error {
	if err := s.meet(ctx, "give back"); err != nil {
		return err
	}
	return s.Store.ReleaseClaims(ctx, claim, ids)
}

func (s *frozenStore) InTx(ctx context.Context, do func(mail.Store) error) error {
	if err := s.meet(ctx, "transaction"); err != nil {
		return err
	}
	return s.Store.InTx(ctx, do)
}

func TestAFrozenDatabaseDelaysLettersOnlyWhileItIsFrozen(t *testing.T) {
	for _, call := range []string{"claim", "transaction", "renew"} {
		t.Run(call, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *testkit.World) {
				enrolMany(t, w, 3)
				db := &frozenStore{Store: w.Store.Letters()}
				db.freeze(10*time.Minute, call)
				w.Postman.Store = db
				stop := startPostman(t, w.Postman)
				defer stop()
				time.Sleep(10*time.Minute + 25*time.Second) // the call that hangs at the end, and the claim's 10 s
				synctest.Wait()
				if got := len(w.Out.Messages()); got != 3 {
					t.Errorf("%d letters, want 3", got)
				}
			})
		})
	}
}

func TestDrainReturnsWhileTheDatabaseIsFrozen(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 3)
		db := &frozenStore{Store: w.Store.Letters()}
		w.Postman.Store = db
		db.freeze(time.Hour, "claim")
		w.Postman.Drain(context.Background())
		if got := len(w.Out.Messages()); got != 0 {
			t.Errorf("%d letters left though none could be claimed", got)
		}
	})
}

// The first connection hangs, and the next one reaches another node.
func TestAnEndIsRecordedAfterItsFirstCallHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 3)
		db := &frozenStore{Store: w.Store.Letters()}
		w.Postman.Store = db
		var sent deliveryCounter
		w.Postman.Transport = transportFunc(func(_ context.Context, m mail.Message) error {
			sent.count(m)
			db.freeze(3*time.Second, "transaction", "renew", "claim")
			return nil
		})
		stop := startPostman(t, w.Postman)
		defer stop()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		sent.wantOnce(t, 3)
		if got := len(lettersIn(t, w, mail.Accepted)); got != 3 {
			t.Errorf("%d letters accepted, want 3", got)
		}
	})
}

func TestAClaimThatHangsLetsNoOtherClaimExpire(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 2)
		db := &frozenStore{Store: w.Store.Letters()}
		w.Postman.Store = db
		var sent deliveryCounter
		w.Postman.Transport = transportFunc(func(_ context.Context, m mail.Message) error {
			sent.count(m)
			<-time.After(time.Minute)
			return nil
		})
		other := secondPostman(w, w.Store.Letters())
		stop := startPostman(t, w.Postman)
		synctest.Wait()
		db.freeze(time.Minute, "claim")
		stopOther := startPostman(t, other)
		time.Sleep(2 * time.Minute)
		stop()
		stopOther()
		sent.wantOnce(t, 2)
	})
}

func TestAStopIsBoundedWhileDatabaseAndMailServerAreFrozen(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 5)
		db := &frozenStore{Store: w.Store.Letters()}
		w.Postman.Store = db
		w.Postman.Transport = transportFunc(func(ctx context.Context, _ mail.Message) error {
			<-ctx.Done()
			return ctx.Err()
		})
		stop := startPostman(t, w.Postman)
		synctest.Wait()
		db.freeze(time.Hour, "claim", "renew", "transaction", "give back")
		begun := time.Now()
		stop()
		if took := time.Since(begun); took > 8*time.Second {
			t.Errorf("stopped after %s, want 8 s at most", took)
		}
	})
}
