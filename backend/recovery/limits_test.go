package recovery_test

import (
	"testing"
	"time"

	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

func TestALetterGoesAtMostOnceAMinute(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		first := temporaryPassword(t, wantAsk(t, w, 1, recovery.LetterSent))
		wantAsk(t, w, 0, recovery.TooSoon)
		w.Clock.Move(time.Minute - time.Microsecond)
		wantAsk(t, w, 0, recovery.TooSoon)
		w.Clock.Move(time.Microsecond)
		again := temporaryPassword(t, wantAsk(t, w, 1, recovery.LetterSent))
		if again.Reveal() != first.Reveal() {
			t.Error("a live temporary password was not mailed again")
		}
		wantAsk(t, w, 0, recovery.TooSoon)
	})
}

func TestManyAsksAtOnceMakeOneLetterAndAllLeadToIt(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		browsers := make([]browser, 5)
		for i := range browsers {
			browsers[i] = ask(t, w, taro, taroAddress)
		}
		mailed := temporaryPassword(t, w.Work(t))
		sent := 0
		for _, browser := range browsers {
			if browser.outcome() == recovery.LetterSent {
				sent++
			}
			if got, want := browser.row().IssuanceID, browsers[0].row().IssuanceID; got != want {
				t.Errorf("an ask leads to %s, want %s", got, want)
			}
		}
		if sent != 1 {
			t.Errorf("%d asks have the outcome letter, want 1", sent)
		}
		browsers[4].mustRedeem(mailed)
	})
}

func TestAnExpiryIsRenewedForTwoHoursAndThenStays(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		begun := w.Clock.Now()
		want := func(after, wantExpiry time.Duration) recovery.TemporaryPassword {
			t.Helper()
			w.Clock.Move(begun.Add(after).Sub(w.Clock.Now()))
			letter := onlyOne(t, wantAsk(t, w, 1, recovery.LetterSent))
			if got := statedExpiry(t, letter); !got.Equal(begun.Add(wantExpiry)) {
				t.Errorf("mailed after %s: expires after %s, want %s", after, got.Sub(begun), wantExpiry)
			}
			return testkit.TemporaryPasswordIn(t, letter)
		}
		first := want(0, time.Hour)
		want(50*time.Minute, 110*time.Minute)
		want(100*time.Minute, 160*time.Minute)
		want(119*time.Minute, 179*time.Minute)
		want(2*time.Hour, 179*time.Minute)
		last := want(150*time.Minute, 179*time.Minute)
		if last.Reveal() != first.Reveal() {
			t.Error("a live temporary password was not mailed again")
		}
		fresh := want(179*time.Minute, 239*time.Minute)
		if fresh.Equals(first) {
			t.Error("an expired temporary password was mailed again")
		}
	})
}

func TestReMailsAreBoundedInAnHour(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		wantAsk(t, w, 1, recovery.LetterSent)
		for range recovery.MaxRemailsAnHour {
			w.Clock.Move(2 * time.Minute)
			wantAsk(t, w, 1, recovery.LetterSent)
		}
		w.Clock.Move(2 * time.Minute)
		wantAsk(t, w, 0, recovery.TooMany)
		w.Clock.Move(49 * time.Minute)
		wantAsk(t, w, 0, recovery.TooMany) // 61 minutes after the first, 59 after the first re-mail
		w.Clock.Move(time.Minute)
		letter := onlyOne(t, wantAsk(t, w, 1, recovery.LetterSent))
		openLink(t, w, letter).mustRedeem(testkit.TemporaryPasswordIn(t, letter))
	})
}

func TestReMailsAreBoundedInADayButANewTemporaryPasswordIsAlwaysMailed(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		begun := w.Clock.Now()
		last := temporaryPassword(t, wantAsk(t, w, 1, recovery.LetterSent))
		remails := 0
		var browser browser
		for range 30 {
			w.Clock.Move(13 * time.Minute) // at most 5 an hour
			browser = ask(t, w, taro, taroAddress)
			letters := w.Work(t)
			if browser.outcome() == recovery.TooMany {
				break
			}
			mailed := temporaryPassword(t, letters)
			if mailed.Reveal() == last.Reveal() {
				remails++
			}
			last = mailed
		}
		if remails != recovery.MaxRemailsADay {
			t.Fatalf("%d re-mails in %s, want %d", remails, w.Clock.Now().Sub(begun), recovery.MaxRemailsADay)
		}
		browser.mustRedeem(last) // the recovery still leads to the live temporary password
		for range 2 {
			w.Clock.Move(time.Hour)
			fresh := temporaryPassword(t, wantAsk(t, w, 1, recovery.LetterSent))
			if fresh.Equals(last) {
				t.Error("a temporary password that is not live was mailed")
			}
			last = fresh
			w.Clock.Move(10 * time.Minute)
			wantAsk(t, w, 0, recovery.TooMany)
		}
		w.Clock.Move(begun.Add(24*time.Hour + 14*time.Minute).Sub(w.Clock.Now()))
		wantAsk(t, w, 1, recovery.LetterSent)
		w.Clock.Move(time.Minute)
		wantAsk(t, w, 1, recovery.LetterSent) // a day after the first re-mail
	})
}

func TestANewTemporaryPasswordWaitsUntilAMinuteAfterTheLastLetter(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		browser := ask(t, w, taro, taroAddress)
		used := temporaryPassword(t, w.Work(t))
		w.Clock.Move(10 * time.Second)
		browser.mustRedeem(used)

		w.Clock.Move(10 * time.Second)
		wantAsk(t, w, 0, recovery.LetterSent)
		w.Clock.Move(10 * time.Second)
		wantAsk(t, w, 0, recovery.TooSoon) // one is due already
		w.Clock.Move(30*time.Second - time.Microsecond)
		if letters := w.Work(t); len(letters) != 0 {
			t.Errorf("%d letters before the minute was over", len(letters))
		}
		w.Clock.Move(time.Microsecond)
		letter := onlyOne(t, w.Work(t))
		if got, want := statedExpiry(t, letter), w.Clock.Now().Add(time.Hour).Truncate(time.Minute); !got.Equal(want) {
			t.Errorf("expires at %s, want %s: counted from the sending", got, want)
		}
		fresh := testkit.TemporaryPasswordIn(t, letter)
		if fresh.Equals(used) {
			t.Error("a used temporary password was mailed again")
		}
		openLink(t, w, letter).mustRedeem(fresh)
	})
}

func TestALetterSentWhileTheClockWasAheadDelaysNoOther(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		w.Clock.Move(2 * time.Hour)
		browser := ask(t, w, taro, taroAddress)
		first := temporaryPassword(t, w.Work(t))
		w.Clock.Move(-2 * time.Hour)
		if again := temporaryPassword(t, wantAsk(t, w, 1, recovery.LetterSent)); again.Reveal() != first.Reveal() {
			t.Error("a live temporary password was not mailed again")
		}
		browser.mustRedeem(first)
		w.Clock.Move(time.Minute)
		temporaryPassword(t, wantAsk(t, w, 1, recovery.LetterSent))
	})
}
