package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

func onlyLetter(t *testing.T, s *store.Store, id member.ID) store.KeptLetter {
	t.Helper()
	letters, err := s.Members().LettersOf(t.Context(), id, 10)
	if err != nil || len(letters) != 1 {
		t.Fatalf("letters: got %d, %v; want 1", len(letters), err)
	}
	return letters[0]
}

// operator has characters that only Unicode columns store.
var operator = member.Author{Name: "花子 (help desk)", Reason: "電話で本人確認済み 🔑"}

func TestAnOperatorsChangeRaisesThePasswordVersionOnceAndIsRecorded(t *testing.T) {
	changes := []store.MemberChange{
		{Kind: member.WasSuspended, Author: operator},
		{Kind: member.Resumed, Author: operator},
		{Kind: member.Voided, Author: operator},
		{Kind: member.WasCancelled, Author: operator},
		{Kind: member.Resumed, Author: operator},
		{Kind: member.WasSuspended, Author: operator},
		{Kind: member.WasCancelled, Author: operator},
		{Kind: member.Resumed, Author: operator},
		{Kind: member.AddressChanged, Address: "new@xxx.mm-m.ne.jp", Author: operator},
	}
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		for i, change := range changes {
			done := countWinners(t, func(int) (bool, error) {
				return s.Members().Do(t.Context(), m.ID, change, now.Add(time.Duration(i)*time.Second))
			})
			after, err := s.Recoveries().Member(t.Context(), m.ID)
			if err != nil {
				t.Fatal(err)
			}
			if done != 1 || after.PasswordVersion != int64(i+2) {
				t.Errorf("%s: done %d times, version %d; want once, %d", change.Kind, done, after.PasswordVersion, i+2)
			}
			latest, err := s.Logins().Activities(t.Context(), m.ID, 1)
			if err != nil || len(latest) != 1 || latest[0].Kind != change.Kind || latest[0].By != member.ByOperator || latest[0].Author != operator {
				t.Errorf("%s: latest activity %+v, %v", change.Kind, latest, err)
			}
		}
		after, err := s.Recoveries().Member(t.Context(), m.ID)
		if err != nil || after.Status != member.Active || after.VoidedAt == nil || after.MailAddress != "new@xxx.mm-m.ne.jp" || after.PasswordHash != m.PasswordHash {
			t.Errorf("got %+v, %v; want active, voided with its hash kept, the new address", after, err)
		}
		all, err := s.Logins().Activities(t.Context(), m.ID, 100)
		if err != nil || len(all) != len(changes) {
			t.Errorf("activities: got %d, %v; want %d", len(all), err, len(changes))
		}
	})
}

func TestAnOperatorsChangeThatChangesNothingRaisesNoVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		for _, change := range []store.MemberChange{{Kind: member.Resumed}, {Kind: member.AddressChanged, Address: m.MailAddress}} {
			changed, err := s.Members().Do(t.Context(), m.ID, change, now)
			wantNone(t, string(change.Kind), changed, err)
		}
		changed, err := s.Members().Do(t.Context(), m.ID+1, store.MemberChange{Kind: member.Voided}, now)
		wantNone(t, "a change of nobody", changed, err)
		if found, err := s.Logins().Activities(t.Context(), m.ID, 10); err != nil || len(found) != 0 {
			t.Errorf("activities: got %v, %v; want none", found, err)
		}
		wantStates(t, s, m, nil) // no notice either
	})
}

func TestABatchWithADuplicateAddsNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		enrol(t, s, "taro")
		batch := make([]member.Member, 0, 700)
		for i := range 700 { // more than one statement inserts
			batch = append(batch, member.Member{
				LoginID: member.LoginID(fmt.Sprintf("m%04d", i)), MailAddress: "m@xxx.mm-m.ne.jp", Status: member.Active, PasswordVersion: 1, CreatedAt: now,
			})
		}
		withTwin := append(batch[:len(batch):len(batch)], member.Member{LoginID: "taro", Status: member.Active, CreatedAt: now})
		if err := s.Members().AddMembers(t.Context(), withTwin); !errors.Is(err, store.ErrTaken) || strings.Contains(err.Error(), "taro") {
			t.Errorf("got %v, want ErrTaken without the login ID", err)
		}
		if ids, err := s.Members().NotVoid(t.Context(), 0, 10); err != nil || len(ids) != 1 {
			t.Errorf("members: got %v, %v; want taro alone", ids, err)
		}
		must(t, s.Members().AddMembers(t.Context(), batch))
		ids, err := s.Members().NotVoid(t.Context(), 0, 1000)
		if err != nil || len(ids) != 701 {
			t.Fatalf("members: got %d, %v; want 701", len(ids), err)
		}
		if rest, err := s.Members().NotVoid(t.Context(), ids[698], 1000); err != nil || len(rest) != 2 || rest[0] != ids[699] || rest[1] != ids[700] {
			t.Errorf("the last two: got %v, %v; want %v", rest, err, ids[699:])
		}
	})
}

func TestAFailedLetterIsTriedAgainOnDemand(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		l := addLetter(t, s, m, recovery.TemporaryPasswordLetter, now)
		again, err := s.Members().RetryLetter(ctx, l.ID, now)
		wantNone(t, "retrying one that waits", again, err)
		begin(ctx, t, s, l.ID, now)
		must(t, s.Letters().Postpone(ctx, claimOf(l.ID), []mail.Try{{Letter: mail.Letter{ID: l.ID}, Verdict: mail.Verdict{DueAt: now, Answer: "lost", Lost: true}}}))
		finish(ctx, t, s, l.ID, mail.Failed, now)

		later := now.Add(72 * time.Hour)
		if again, err := s.Members().RetryLetter(ctx, l.ID, later); err != nil || !again {
			t.Fatalf("retry: %v, %v", again, err)
		}
		kept := onlyLetter(t, s, m.ID)
		if kept.State != mail.Waiting || !kept.DueAt.Equal(later) || !kept.CreatedAt.Equal(later) || kept.LostTries != 0 || kept.EndedAt != nil {
			t.Errorf("got %+v; want it waiting as if new", kept)
		}
		if count, err := letterCount(s, m, later); err != nil || !count.Due {
			t.Errorf("got %+v, %v; want it due", count, err)
		}
		if ids, err := claimLetters(t, s)("next", later, 10); err != nil || len(ids) != 1 {
			t.Errorf("claim: got %v, %v; want it", ids, err)
		}
		must(t, s.Recoveries().DropLetters(ctx, m.ID))
		wantStates(t, s, m, map[mail.State]int{mail.Dropped: 1})
		again, err = s.Members().RetryLetter(ctx, "nothing", later)
		wantNone(t, "retrying what is not there", again, err)
	})
}

func TestAFailedLetterIsNotTriedAgainWhileAnotherOneIsDue(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		l := addLetter(t, s, m, recovery.TemporaryPasswordLetter, now)
		finish(ctx, t, s, l.ID, mail.Failed, now)
		addLetter(t, s, m, recovery.TemporaryPasswordLetter, now.Add(time.Hour))
		again, err := s.Members().RetryLetter(ctx, l.ID, now.Add(time.Hour))
		wantNone(t, "a second due letter", again, err)
		wantStates(t, s, m, map[mail.State]int{mail.Failed: 1, mail.Waiting: 1})
	})
}

// A notice states when the password was changed, which is its creation time.
func TestANoticeThatIsTriedAgainKeepsItsTime(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		l := addLetter(t, s, m, recovery.PasswordChangedNotice, now)
		finish(ctx, t, s, l.ID, mail.Failed, now)
		if again, err := s.Members().RetryLetter(ctx, l.ID, now.Add(time.Hour)); err != nil || !again {
			t.Fatalf("retry: %v, %v", again, err)
		}
		if kept := onlyLetter(t, s, m.ID); kept.State != mail.Waiting || !kept.CreatedAt.Equal(now) {
			t.Errorf("got %+v; want it waiting, created at %s", kept, now)
		}
		addLetter(t, s, m, recovery.TemporaryPasswordLetter, now) // a waiting notice does not count as a due temporary password
	})
}

func TestTheOperatorSeesAsksAndLetters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		var asks []recovery.Recovery
		for i := range 3 {
			asks = append(asks, addAsk(t, s, "taro", now.Add(time.Duration(i)*time.Minute)))
		}
		addAsk(t, s, "hanako", now)
		got, err := s.Members().Asks(ctx, "taro", "", 2)
		if err != nil || len(got) != 2 || got[0].ID != asks[2].ID || got[1].ID != asks[1].ID {
			t.Errorf("by login ID: got %+v, %v; want the two newest, newest first", got, err)
		}
		if got, err := s.Members().Asks(ctx, "", "12345678", 10); err != nil || len(got) != 4 {
			t.Errorf("by receipt: got %d, %v; want all 4", len(got), err)
		}
		failed := addLetter(t, s, m, recovery.PasswordChangedNotice, now)
		finish(ctx, t, s, failed.ID, mail.Failed, now)
		addLetter(t, s, m, recovery.PasswordChangedNotice, now.Add(time.Minute))
		if got, err := s.Members().LettersIn(ctx, mail.Failed, 10); err != nil || len(got) != 1 || got[0].ID != failed.ID {
			t.Errorf("failed letters: got %+v, %v", got, err)
		}
		if got, err := s.Members().LettersOf(ctx, m.ID, 10); err != nil || len(got) != 2 || got[1].ID != failed.ID {
			t.Errorf("letters: got %+v, %v; want two, newest first", got, err)
		}
	})
}
