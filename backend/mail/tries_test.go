package mail_test

import (
	"errors"
	netmail "net/mail"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/sink"
)

func TestARefusedLetterIsTriedForADayAndThenFails(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		tried := respondWith(w, errRefused)
		ask(t, w, taro, taroAddress)
		begun := w.Clock.Now()
		w.Postman.Drain(t.Context())
		var waits []time.Duration
		for latestLetter(t, w).State == mail.Waiting {
			kept := latestLetter(t, w)
			if kept.Answer != "451 4.3.0" || len(*tried) != kept.Tries || len(*tried) != len(waits)+1 {
				t.Fatalf("after %d waits: %d tries, got %+v", len(waits), len(*tried), kept)
			}
			wantExpiry(t, (*tried)[len(*tried)-1], w.Clock.Now().Add(time.Hour))
			wait := kept.DueAt.Sub(w.Clock.Now())
			waits = append(waits, wait)
			w.Clock.Move(wait - time.Microsecond)
			w.Postman.Drain(t.Context())
			w.Clock.Move(time.Microsecond)
			w.Postman.Drain(t.Context())
		}
		if waits[0] <= 0 || waits[0] > 15*time.Second {
			t.Errorf("the first wait is %s, want at most 15 s", waits[0])
		}
		for i, wait := range waits {
			if wait > 10*time.Minute || i >= 7 && wait < 5*time.Minute {
				t.Errorf("the %d. wait is %s, want it to grow to 10 minutes and no further", i+1, wait)
			}
		}
		if lasted := w.Clock.Now().Sub(begun); lasted < 24*time.Hour || lasted > 24*time.Hour+10*time.Minute {
			t.Errorf("it was tried for %s, want a day", lasted)
		}
		if kept := latestLetter(t, w); kept.State != mail.Failed || kept.Answer != "451 4.3.0" || kept.EndedAt == nil {
			t.Errorf("in the end: got %+v, want it failed", kept)
		}
		wantSame(t, *tried)
		if got := len(w.Out.Messages()); got != 0 {
			t.Errorf("%d letters were accepted", got)
		}
	})
}

func TestALetterThatWasRefusedIsTheSameWhenItGoes(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		tried := respondWith(w, errRefused)
		id := ask(t, w, taro, taroAddress)
		for range 30 { // some hours
			w.Postman.Drain(t.Context())
			w.Clock.Move(10 * time.Minute)
		}
		w.Out.Answer = nil
		w.Postman.Drain(t.Context())
		sent := w.Out.Messages()
		if len(sent) != 1 {
			t.Fatalf("accepted: got %d, want 1", len(sent))
		}
		wantSame(t, append(*tried, sent[0]))
		wantExpiry(t, sent[0], w.Clock.Now().Add(time.Hour))
		if kept := latestLetter(t, w); kept.State != mail.Accepted || kept.Answer != "250" {
			t.Errorf("got %+v, want it accepted", kept)
		}
		own := testkit.RecoveryIn(t, sent[0])
		w.Clock.Move(59 * time.Minute)
		if err := redeem(t, w, own, testkit.TemporaryPasswordIn(t, sent[0])); err != nil {
			t.Errorf("through the letter: %v", err)
		}
		w.Clock.Move(23*time.Hour + time.Minute - time.Microsecond)
		if _, err := w.Service.Look(t.Context(), own, recovery.Grant{}); err != nil {
			t.Errorf("a day after the hand-over: %v; the letter's recovery lasts from then", err)
		}
		if _, err := w.Service.Look(t.Context(), id, recovery.Grant{}); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("the ask's: got %v, want ErrNotFound", err)
		}
	})
}

func TestALostAnswerIsTriedAgainAtMostTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		tried := respondWith(w, &mail.LostError{Err: errors.New("connection reset")})
		id := ask(t, w, taro, taroAddress)
		for range 20 {
			w.Postman.Drain(t.Context())
			w.Clock.Move(30 * time.Second)
		}
		if len(*tried) != 3 {
			t.Errorf("tried %d times, want 3", len(*tried))
		}
		wantSame(t, *tried)
		if kept := latestLetter(t, w); kept.State != mail.Failed || kept.Answer != "lost" || kept.LostTries != 2 {
			t.Errorf("got %+v, want it failed", kept)
		}
		// The mail server may have accepted the letter, so its temporary password works.
		if err := redeem(t, w, id, testkit.TemporaryPasswordIn(t, (*tried)[0])); err != nil {
			t.Errorf("redeem: %v", err)
		}
	})
}

func TestAMailServerThatIsAwayLosesNoTry(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		tried := respondWith(w, &mail.UnreachedError{Err: errors.New("dial tcp 192.0.2.1:25: connection refused")})
		id := ask(t, w, taro, taroAddress)
		for range 10 {
			w.Postman.Drain(t.Context())
			w.Clock.Move(10 * time.Minute)
		}
		if kept := latestLetter(t, w); len(*tried) != 10 || kept.State != mail.Waiting || kept.Answer != "unreachable" || kept.Tries != 0 || kept.LostTries != 0 || kept.BegunAt != nil {
			t.Errorf("after %d tries: got %+v, want it waiting as if it had never been tried", len(*tried), kept)
		}
		w.Clock.Move(50 * time.Minute) // an hour after the last try
		var ended *recovery.EndedError
		if err := redeem(t, w, id, testkit.TemporaryPasswordIn(t, (*tried)[0])); !errors.As(err, &ended) {
			t.Errorf("redeem: got %v, want it expired", err)
		}
		w.Out.Answer = nil
		w.Postman.Drain(t.Context())
		if err := redeem(t, w, id, testkit.TemporaryPasswordIn(t, w.Out.Messages()[0])); err != nil {
			t.Errorf("redeem once it was mailed: %v", err)
		}
	})
}

func TestATryThatReachesNoMailServerLeavesEarlierTriesUnchanged(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		respondWith(w, errRefused)
		ask(t, w, taro, taroAddress)
		begun := w.Clock.Now()
		w.Postman.Drain(t.Context())
		before := latestLetter(t, w)
		respondWith(w, &mail.UnreachedError{Code: 535, Enhanced: "5.7.8", Err: errors.New("AUTH")})
		for range 20 {
			w.Clock.Move(time.Minute)
			w.Postman.Drain(t.Context())
		}
		kept := latestLetter(t, w)
		if kept.Tries != 1 || !kept.BegunAt.Equal(begun) || !kept.AnsweredAt.Equal(*before.AnsweredAt) || kept.Answer != "535 5.7.8" {
			t.Errorf("got %+v, want it as it was (%+v), with the answer 535 5.7.8", kept, before)
		}
		respondWith(w, errRefused)
		w.Postman.Drain(t.Context())
		if wait := latestLetter(t, w).DueAt.Sub(w.Clock.Now()); wait > 10*time.Second {
			t.Errorf("the second wait is %s, want at most 10 s: what never reached the server makes no wait longer", wait)
		}
	})
}

// A letter that never reached the mail server does not delay its replacement.
func TestATryThatReachesNoMailServerDoesNotCountForTheLimits(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		respondWith(w, &mail.UnreachedError{Err: errors.New("connection refused")})
		ask(t, w, taro, taroAddress)
		w.Postman.Drain(t.Context())
		m := w.Member(t, taro)
		if done, err := w.Store.Members().Do(t.Context(), m.ID, store.MemberChange{Kind: member.Voided}, w.Clock.Now()); err != nil || !done {
			t.Fatalf("void: %v, %v", done, err)
		}
		ask(t, w, taro, taroAddress)
		w.Out.Answer = nil
		w.Postman.Drain(t.Context())
		if got := len(w.Out.Messages()); got != 1 {
			t.Errorf("%d letters at once, want 1", got)
		}
	})
}

// Transport and Postman together: errors of real conversations are counted correctly.
func TestOnlyWhatTheMailServerAnswersToRcptOrLaterCountsAsATry(t *testing.T) {
	server, err := sink.Start(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, c := range map[string]struct {
		mode         sink.Mode
		tries, final int
		answer       string
	}{
		"MAIL refused for now":       {sink.Mode{Refuse: 451, At: "mail"}, 0, 0, "451 4.7.1"},
		"MAIL refused for good":      {sink.Mode{Refuse: 550, At: "mail"}, 0, 0, "550 5.7.1"},
		"RCPT refused for now":       {sink.Mode{Refuse: 450, At: "rcpt"}, 1, 0, "450 4.7.1"},
		"RCPT refused for good":      {sink.Mode{Refuse: 550, At: "rcpt"}, 1, 1, "550 5.7.1"},
		"the letter refused":         {sink.Mode{Refuse: 554, At: "data"}, 1, 0, "554 5.7.1"},
		"the answer lost after DATA": {sink.Mode{Drop: "answer"}, 1, 0, "lost"},
	} {
		t.Run(name, func(t *testing.T) {
			onSQLite(t, func(t *testing.T, w *testkit.World) {
				smtp := mail.NewSMTP(mail.SMTPSettings{Host: "127.0.0.1", Port: server.SMTPPort, From: netmail.Address{Address: "support@example.jp"}})
				defer smtp.Close()
				w.Postman.Transport = smtp
				server.SetMode(c.mode)
				ask(t, w, taro, taroAddress)
				w.Postman.Drain(t.Context())
				kept := latestLetter(t, w)
				if kept.State != mail.Waiting || kept.Tries != c.tries || kept.FinalRefusals != c.final || kept.Answer != c.answer || (kept.AnsweredAt != nil) != (c.tries > 0) {
					t.Errorf("got %+v, want it waiting after %d tries with the answer %s", kept, c.tries, c.answer)
				}
			})
		})
	}
}
