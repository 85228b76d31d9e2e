package mail_test

import (
	"errors"
	"testing"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// breachMailing begins a breach that has voided some members and has made their notices due.
func breachMailing(t *testing.T, w *testkit.World, notices int) breach.Breach {
	t.Helper()
	for _, id := range []member.LoginID{"saburo", "shiro", "goro"}[:notices] {
		w.Enrol(t, id, member.MailAddress(id)+"@xxx.mm-m.ne.jp", "Old-pass99")
	}
	breaches, now := w.Store.Breaches(), w.Clock.Now()
	b := breach.Breach{Selection: breach.Selection{Kind: breach.All, Before: now, Last: 1 << 20}, PerHour: breach.MostPerHour, BegunAt: now, ListedAt: &now}
	b, err := breaches.Begin(t.Context(), b)
	for err == nil && b.VoidedAt == nil {
		b, err = breaches.VoidSet(t.Context(), b.ID, now)
	}
	for made := 0; err == nil && made < notices; {
		n := 0
		n, err = breaches.MakeNotices(t.Context(), b.ID, w.Clock.Now())
		made += n
		w.Clock.Move(time.Second)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The Postman has already claimed all notices.
func TestAPauseHoldsEachNoticeThatIsNotBeingSent(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		b := breachMailing(t, w, 3)
		w.Out.Answer = func(mail.Message) error {
			w.Out.Answer = nil
			paused, err := w.Store.Breaches().Pause(t.Context(), b.ID, member.Author{Name: "hanako"}, w.Clock.Now())
			if err != nil || !paused {
				t.Error(paused, err)
			}
			return nil
		}
		if left := len(w.Work(t)); left != 1 {
			t.Errorf("%d left, want the one that was being sent", left)
		}
		w.Clock.Move(time.Minute) // the claims expire
		if left := len(w.Work(t)); left != 0 {
			t.Errorf("%d left while paused", left)
		}
		if err := w.Store.Breaches().Resume(t.Context(), b, 0, member.Author{Name: "hanako"}, w.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		if left := len(w.Work(t)); left != 2 {
			t.Errorf("%d left after it went on, want 2", left)
		}
	})
}

// endsMeanwhile makes the mail server end the breach in the middle of the next conversation, before it answers.
func endsMeanwhile(t *testing.T, w *testkit.World, b breach.Breach, answer error) {
	w.Out.Answer = func(mail.Message) error {
		w.Out.Answer = nil
		endBreach(t, w, b)
		return answer
	}
}

func endBreach(t *testing.T, w *testkit.World, b breach.Breach) {
	t.Helper()
	if ended, err := w.Store.Breaches().End(t.Context(), b, member.Author{Name: "hanako"}, w.Clock.Now()); err != nil || !ended {
		t.Error(ended, err)
	}
}

// beginElsewhere begins the last due letter on another server, which is then killed.
func beginElsewhere(t *testing.T, w *testkit.World) {
	t.Helper()
	const claim = "a server that is killed"
	now := w.Clock.Now()
	letters, err := w.Store.Letters().ClaimDue(t.Context(), claim, now, now.Add(10*time.Second), 8)
	if err != nil || len(letters) == 0 {
		t.Fatal(letters, err)
	}
	last := len(letters) - 1
	if begun, err := w.Store.Letters().BeginTries(t.Context(), claim, []string{letters[last].ID}, now); err != nil || begun != 1 {
		t.Fatal(begun, err)
	}
	for _, letter := range letters[:last] {
		if err := w.Store.Letters().ReleaseClaims(t.Context(), claim, []string{letter.ID}); err != nil {
			t.Fatal(err)
		}
	}
}

// The row of such a notice looks as if the notice were being sent.
func TestANoticeThatAServerTookOverAndHasNotBegunEndsWithTheBreach(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		b := breachMailing(t, w, 2)
		beginElsewhere(t, w)
		w.Clock.Move(time.Minute)
		endsMeanwhile(t, w, b, nil)
		for hour, want := range []int{1, 0, 0} {
			if left := len(w.Work(t)); left != want {
				t.Errorf("hour %d: %d left, want %d", hour, left, want)
			}
			w.Clock.Move(time.Hour)
		}
		if mailed, err := w.Store.Breaches().Mailed(t.Context(), b); err != nil || mailed[mail.Dropped] != 1 || mailed[mail.Accepted] != 1 {
			t.Errorf("got %v, %v", mailed, err)
		}
	})
}

// The end of a breach does not stop a conversation with the mail server, but there is no further try.
func TestANoticeThatIsBeingSentWhenItsBreachEndsIsNotTriedAgain(t *testing.T) {
	for name, try := range map[string]func(t *testing.T, w *testkit.World, b breach.Breach){
		"refused": func(t *testing.T, w *testkit.World, b breach.Breach) { endsMeanwhile(t, w, b, errRefused) },
		"its answer lost": func(t *testing.T, w *testkit.World, b breach.Breach) {
			endsMeanwhile(t, w, b, &mail.LostError{Err: errors.New("EOF")})
		},
		"the mail server away": func(t *testing.T, w *testkit.World, b breach.Breach) {
			endsMeanwhile(t, w, b, &mail.UnreachedError{Err: errors.New("connect: no route")})
		},
		"its server killed": func(t *testing.T, w *testkit.World, b breach.Breach) {
			beginElsewhere(t, w)
			endBreach(t, w, b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
				w := testkit.NewWorld(t, settings)
				b := breachMailing(t, w, 2)
				try(t, w, b)
				for hour := range 3 {
					if left := len(w.Work(t)); left != 0 {
						t.Errorf("%d left after the end", left)
					}
					isKnown := hour > 0 || name != "its server killed" // the claim of the killed server must expire first
					if mailed, err := w.Store.Breaches().Mailed(t.Context(), b); err != nil || isKnown && mailed[mail.Dropped] != 2 {
						t.Errorf("hour %d: got %v, %v; want both dropped", hour, mailed, err)
					}
					w.Clock.Move(time.Hour)
				}
				if err := w.Store.Breaches().Resume(t.Context(), b, 0, member.Author{Name: "hanako"}, w.Clock.Now()); err != nil {
					t.Fatal(err)
				}
				if left := len(w.Work(t)); left != 2 {
					t.Errorf("%d left after it went on, want 2", left)
				}
			})
		})
	}
}

// A server was killed while it sent the notice, and the breach ended. Another server claims the notice, and the operator
// continues the breach before that server begins it.
func TestANoticeOfABreachThatGoesOnAfterItWasClaimedIsSent(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		m := w.Enrol(t, "rokuro", "rokuro@xxx.mm-m.ne.jp", "Old-pass99")
		first := recovery.NoticeOfChange(m, 2, recovery.English, w.Clock.Now())
		b := breachMailing(t, w, 1)
		beginElsewhere(t, w)
		endBreach(t, w, b)
		w.Clock.Move(time.Minute) // the claim of the killed server expires
		if err := w.Store.Recoveries().AddLetter(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		w.Out.Answer = func(mail.Message) error { // the notice of the breach is claimed, and not begun
			w.Out.Answer = nil
			return w.Store.Breaches().Resume(t.Context(), b, 0, member.Author{Name: "hanako"}, w.Clock.Now())
		}
		if left := len(w.Work(t)); left != 2 {
			t.Errorf("%d letters left, want 2", left)
		}
		if mailed, err := w.Store.Breaches().Mailed(t.Context(), b); err != nil || mailed[mail.Accepted] != 1 {
			t.Errorf("got %v, %v; want the notice accepted", mailed, err)
		}
	})
}

func TestALetterWithATemporaryPasswordGoesBeforeTheNoticesOfABreach(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		breachMailing(t, w, 3)
		if _, err := w.Service.Request(t.Context(), recovery.Ask{LoginID: "goro", MailAddress: "goro@xxx.mm-m.ne.jp", Language: recovery.Japanese}); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(time.Second)
		letters := w.Work(t)
		if len(letters) != 4 || letters[0].To != "goro@xxx.mm-m.ne.jp" || letters[0].Subject != "【】仮パスワードのお知らせ" {
			t.Errorf("got %d letters, the first %+v", len(letters), letters[0].Subject)
		}
	})
}
