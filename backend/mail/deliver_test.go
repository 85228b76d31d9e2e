package mail_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

const (
	taro        = member.LoginID("taro1234")
	taroAddress = member.MailAddress("taro@xxx.mm-m.ne.jp")
)

var errRefused = &mail.RefusedError{Code: 451, Enhanced: "4.3.0"}

func onBoth(t *testing.T, run func(t *testing.T, w *testkit.World)) {
	t.Helper()
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		w := testkit.NewWorld(t, settings)
		w.Enrol(t, taro, taroAddress, "Old-pass99")
		run(t, w)
	})
}

// ask makes an ask and resolves it. Then a letter is due, at once or after the interval between two letters.
func ask(t *testing.T, w *testkit.World, id member.LoginID, address member.MailAddress) recovery.ID {
	t.Helper()
	view, err := w.Service.Request(t.Context(), recovery.Ask{LoginID: id, MailAddress: address, Language: recovery.Japanese})
	if err != nil {
		t.Fatal(err)
	}
	resolve(t, w)
	return view.ID
}

func resolve(t *testing.T, w *testkit.World) {
	t.Helper()
	if err := w.Resolver.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// respondWith makes the mail server answer with err, and collects the message of each try.
func respondWith(w *testkit.World, err error) *[]mail.Message {
	tried := new([]mail.Message)
	w.Out.Answer = func(m mail.Message) error {
		*tried = append(*tried, m)
		return err
	}
	return tried
}

// latestLetter returns the member's newest letter as operators see it.
func latestLetter(t *testing.T, w *testkit.World) store.KeptLetter {
	t.Helper()
	letters, err := w.Store.Members().LettersOf(t.Context(), w.Member(t, taro).ID, 1)
	if err != nil || len(letters) != 1 {
		t.Fatalf("letters: got %d, %v; want 1", len(letters), err)
	}
	return letters[0]
}

func wantSame(t *testing.T, tried []mail.Message) {
	t.Helper()
	for _, m := range tried {
		if m.ID != tried[0].ID || m.To != taroAddress ||
			testkit.TemporaryPasswordIn(t, m).Reveal() != testkit.TemporaryPasswordIn(t, tried[0]).Reveal() {
			t.Fatalf("a try differs: %s to %s, first %s", m.ID, m.To, tried[0].ID)
		}
	}
}

func wantExpiry(t *testing.T, m mail.Message, want time.Time) {
	t.Helper()
	stamp := want.In(time.FixedZone("JST", 9*60*60)).Format("20060102 15:04")
	if got := testkit.LineAfter(t, m, "【有効期限】"); got != stamp {
		t.Errorf("the letter states %s, want %s", got, stamp)
	}
}

func redeem(t *testing.T, w *testkit.World, id recovery.ID, typed recovery.TemporaryPassword) error {
	t.Helper()
	_, _, err := w.Service.Redeem(t.Context(), id, typed, member.UnknownDevice)
	return err
}

func TestTheNewExpiryIsCommittedBeforeTheLetterLeaves(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		m := w.Member(t, taro)
		w.Out.Answer = func(message mail.Message) error {
			issuance, err := w.Store.Recoveries().LiveIssuance(t.Context(), m.ID)
			if err != nil || issuance.ExpiresAt == nil || !issuance.ExpiresAt.Equal(w.Clock.Now().Add(time.Hour)) {
				t.Errorf("when the letter leaves: got %+v, %v; want it to expire in an hour", issuance, err)
				return nil
			}
			wantExpiry(t, message, *issuance.ExpiresAt)
			if issuance.FirstMailedAt != nil {
				t.Error("noted as mailed before the mail server took it")
			}
			return nil
		}
		ask(t, w, taro, taroAddress)
		w.Postman.Drain(t.Context())
		if len(w.Out.Messages()) != 1 {
			t.Error("no letter left")
		}
	})
}

func TestALetterWhoseContentNoLongerHoldsIsDropped(t *testing.T) {
	apply := func(change store.MemberChange) func(t *testing.T, w *testkit.World) {
		return func(t *testing.T, w *testkit.World) {
			if done, err := w.Store.Members().Do(t.Context(), w.Member(t, taro).ID, change, w.Clock.Now()); err != nil || !done {
				t.Fatalf("%s: %v, %v", change.Kind, done, err)
			}
		}
	}
	happens := map[string]func(t *testing.T, w *testkit.World){
		"suspended":   apply(store.MemberChange{Kind: member.WasSuspended}),
		"new address": apply(store.MemberChange{Kind: member.AddressChanged, Address: "new@xxx.mm-m.ne.jp"}),
		"voided":      apply(store.MemberChange{Kind: member.Voided}),
		"used": func(t *testing.T, w *testkit.World) {
			first := w.Out.Messages()[0]
			if err := redeem(t, w, testkit.RecoveryIn(t, first), testkit.TemporaryPasswordIn(t, first)); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, happen := range happens {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *testkit.World) {
				ask(t, w, taro, taroAddress)
				w.Postman.Drain(t.Context())
				w.Clock.Move(time.Minute)
				ask(t, w, taro, taroAddress) // a re-mail is due
				happen(t, w)
				w.Postman.Drain(t.Context())
				carried := 0
				for _, m := range w.Out.Messages() {
					if strings.Contains(m.Text, "【仮パスワード】") {
						carried++
					}
				}
				if carried != 1 {
					t.Errorf("%d letters with a temporary password left, want the first alone", carried)
				}
				if dropped := lettersIn(t, w, mail.Dropped); len(dropped) != 1 || dropped[0].Tries != 0 {
					t.Errorf("got %+v, want the second dropped untried", dropped)
				}
			})
		})
	}
}

func TestATemporaryPasswordThatExpiresInAWaitingLetterIsReplaced(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		ask(t, w, taro, taroAddress)
		w.Postman.Drain(t.Context())
		w.Clock.Move(time.Minute)
		id := ask(t, w, taro, taroAddress) // a re-mail is due
		w.Clock.Move(time.Hour)
		w.Postman.Drain(t.Context())
		if kept := latestLetter(t, w); kept.State != mail.Dropped || len(w.Out.Messages()) != 1 {
			t.Errorf("got %+v and %d letters, want it dropped", kept, len(w.Out.Messages()))
		}
		letters := w.Work(t)
		if len(letters) != 1 {
			t.Fatalf("%d letters after it was resolved again, want 1", len(letters))
		}
		fresh := testkit.TemporaryPasswordIn(t, letters[0])
		if fresh.Equals(testkit.TemporaryPasswordIn(t, w.Out.Messages()[0])) {
			t.Error("one that ran out was mailed again")
		}
		if err := redeem(t, w, id, fresh); err != nil {
			t.Errorf("through the ask that waited: %v", err)
		}
	})
}

func TestALetterOfARemovedKeyIsDropped(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite(t))
	w.Enrol(t, taro, taroAddress, "Old-pass99")
	ask(t, w, taro, taroAddress)
	key, err := recovery.GenerateKey("next")
	if err != nil {
		t.Fatal(err)
	}
	if w.Postman.Keys, err = recovery.NewRing(key); err != nil {
		t.Fatal(err)
	}
	w.Postman.Drain(t.Context())
	if kept := latestLetter(t, w); kept.State != mail.Dropped || len(w.Out.Messages()) != 0 {
		t.Errorf("got %+v and %d letters, want it dropped", kept, len(w.Out.Messages()))
	}
}

func TestANoticeThatWaitedStatesWhenThePasswordWasChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		m, changed := w.Member(t, taro), w.Clock.Now()
		notice := recovery.NoticeOfChange(m, 2, recovery.English, changed)
		if err := w.Store.Recoveries().AddLetter(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
		w.Clock.Move(3 * time.Hour)
		w.Postman.Drain(t.Context())
		sent := w.Out.Messages()
		if len(sent) != 1 || sent[0].To != taroAddress || strings.Contains(sent[0].Text, "【仮パスワード】") {
			t.Fatalf("got %d letters, want the notice alone", len(sent))
		}
		want := changed.In(time.FixedZone("JST", 9*60*60)).Format("Monday, 2 January 2006, 15:04 Japan time")
		if got := testkit.LineAfter(t, sent[0], "【変更日時】"); got != want {
			t.Errorf("the notice says %s, want %s: when it was changed", got, want)
		}
	})
}

func TestANoticeCarriesTheDisavowalOfItsChangeAtEachTry(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		m, changed := w.Member(t, taro), w.Clock.Now()
		if err := w.Store.Recoveries().AddLetter(t.Context(), recovery.NoticeOfChange(m, 2, recovery.English, changed)); err != nil {
			t.Fatal(err)
		}
		tried := respondWith(w, errRefused)
		for range 2 {
			w.Postman.Drain(t.Context())
			w.Clock.Move(time.Hour)
		}
		want := "\nhttps://support.example.jp/disavow?lang=en#" + w.Keys.DisavowalToken(m.ID, 2, changed).Reveal() + "\n"
		if len(*tried) != 2 {
			t.Fatalf("tried %d times, want twice", len(*tried))
		}
		for _, notice := range *tried {
			if !strings.Contains(notice.Text, want) || strings.Count(notice.HTML, strings.TrimSpace(want)) != 3 {
				t.Errorf("got %s, want the button and the link%s", notice.Text, want)
			}
		}
	})
}

func TestALetterThatWaitedStatesWhenItWasRequested(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		respondWith(w, &mail.UnreachedError{Err: errors.New("connect: no route")})
		ask(t, w, taro, taroAddress) // at 16:30 in Japan
		w.Postman.Drain(t.Context())
		w.Clock.Move(10 * time.Minute)
		w.Out.Answer = nil
		letters := w.Work(t)
		if len(letters) != 1 || !strings.Contains(letters[0].Text, "\n11月22日16:30に") || testkit.LineAfter(t, letters[0], "【有効期限】") != "20261122 17:40" {
			t.Errorf("got %+v, want one letter that tells of 16:30 and expires at 17:40", letters)
		}
	})
}
