package mail_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

func TestAPostmanThatIsWokenDeliversAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		began := time.Now()
		stop := startPostman(t, w.Postman)
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

func TestAPostmanFindsLettersThatOthersLeftWithinASecond(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		stop := startPostman(t, w.Postman)
		defer stop()
		enrolMany(t, w, 100) // more than one claim takes
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
		stop := startPostman(t, w.Postman)
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
		stop := startPostman(t, w.Postman)
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

func TestAStoppedPostmanReleasesTheLettersThatItHasNotBegun(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 5)
		w.Postman.Senders = 1
		var sent deliveryCounter
		w.Postman.Transport = transportFunc(func(_ context.Context, m mail.Message) error {
			<-time.After(5 * time.Second)
			sent.count(m)
			return nil
		})
		stop := startPostman(t, w.Postman)
		w.Postman.Wake()
		synctest.Wait()
		began := time.Now()
		stop()
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("stopped after %s, want the letter under way finished", took)
		}
		sent.wantOnce(t, 1)
		if got := len(lettersIn(t, w, mail.Accepted)); got != 1 {
			t.Errorf("%d letters accepted, want 1", got)
		}
		next := secondPostman(w, w.Store.Letters())
		next.Transport = w.Out
		next.Drain(t.Context()) // at the same time, so no claim has expired
		if got := len(w.Out.Messages()); got != 4 {
			t.Errorf("%d letters were given back, want 4", got)
		}
	})
}

func TestALetterThatHangsIsCutOffWhenThePostmanStops(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 2)
		w.Postman.Transport = transportFunc(func(ctx context.Context, _ mail.Message) error {
			<-ctx.Done()
			return ctx.Err()
		})
		stop := startPostman(t, w.Postman)
		w.Postman.Wake()
		synctest.Wait()
		began := time.Now()
		stop()
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("stopped after %s", took)
		}
		for _, kept := range lettersIn(t, w, mail.Waiting) {
			if kept.Tries != 1 || kept.Answer != "unreachable" {
				t.Errorf("got %+v, want its try recorded", kept)
			}
		}
		time.Sleep(15 * time.Second)
		next := secondPostman(w, w.Store.Letters())
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
		w.Postman.Transport = transportFunc(func(ctx context.Context, m mail.Message) error {
			if !hung {
				hung = true
				<-ctx.Done()
				return &mail.LostError{Err: ctx.Err()}
			}
			return w.Out.Send(ctx, m)
		})
		stop := startPostman(t, w.Postman)
		defer stop()
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if got := lettersIn(t, w, mail.Accepted); len(got) != 1 || got[0].Tries != 2 || got[0].LostTries != 1 {
			t.Errorf("got %+v, want it accepted at the second try", got)
		}
	})
}

func TestALetterThatTakesLongIsNotSentByAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 6)
		var sent deliveryCounter
		w.Postman.Transport = transportFunc(func(_ context.Context, m mail.Message) error {
			sent.count(m)
			<-time.After(25 * time.Second) // longer than a claim lasts
			return nil
		})
		stop := startPostman(t, w.Postman)
		stopOther := startPostman(t, secondPostman(w, w.Store.Letters()))
		time.Sleep(3 * time.Minute)
		stop()
		stopOther()
		sent.wantOnce(t, 6)
		if got := len(lettersIn(t, w, mail.Accepted)); got != 6 {
			t.Errorf("%d letters accepted, want 6", got)
		}
	})
}

func TestTwoPostmenNeverSendOneLetterTwice(t *testing.T) {
	settings := testkit.MySQL(t)
	w := testkit.NewWorld(t, settings)
	const letters = 60
	enrolMany(t, w, letters)
	var sent deliveryCounter
	all := make(chan struct{}, 10*letters)
	w.Postman.Transport = transportFunc(func(_ context.Context, m mail.Message) error {
		sent.count(m)
		all <- struct{}{}
		return nil
	})
	other := secondPostman(w, testkit.Open(t, settings).Letters())
	stops := []func(){startPostman(t, w.Postman), startPostman(t, other)}
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
	if got := len(lettersIn(t, w, mail.Accepted)); got != letters {
		t.Errorf("%d letters accepted, want %d", got, letters)
	}
}
