package store_test

import (
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

const newAddress = member.MailAddress("new@xxx.mm-m.ne.jp")

// changeAddress gives the member the new address, and returns the notices to the former and the new address.
func changeAddress(t *testing.T, s *store.Store, m member.Member, at time.Time) (former, present store.KeptLetter) {
	t.Helper()
	change := store.MemberChange{Kind: member.AddressChanged, Address: newAddress}
	if done := countWinners(t, func(int) (bool, error) { return s.Members().Do(t.Context(), m.ID, change, at) }); done != 1 {
		t.Fatalf("done %d times, want once", done)
	}
	letters, err := s.Members().LettersOf(t.Context(), m.ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	notices := 0
	for _, letter := range letters {
		switch letter.Kind {
		case recovery.FormerAddressNotice:
			former = letter
			notices++
		case recovery.NewAddressNotice:
			present = letter
			notices++
		}
	}
	if notices != 2 || former.ID == "" || present.ID == "" {
		t.Fatalf("got %+v; want a notice to the former address and one to the new one", letters)
	}
	return former, present
}

func TestANewAddressMakesANoticeDueToTheFormerAndToTheNewOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m, at := enrol(t, s, "taro"), now.Add(time.Hour)
		former, present := changeAddress(t, s, m, at)
		for _, notice := range []store.KeptLetter{former, present} {
			if notice.State != mail.Waiting || !notice.DueAt.Equal(at) || !notice.CreatedAt.Equal(at) ||
				notice.PasswordVersion != m.PasswordVersion+1 || notice.Language != recovery.Japanese {
				t.Errorf("got %+v; want it due at once, for the version of the change, in Japanese", notice)
			}
		}
		if former.FormerAddress != m.MailAddress || present.FormerAddress != "" {
			t.Errorf("got %q and %q; want the former address in its own notice alone", former.FormerAddress, present.FormerAddress)
		}
		addLetter(t, s, m, recovery.TemporaryPasswordLetter, at) // waiting notices do not count as a due temporary password
	})
}

func TestANoticeOfANewAddressIsInTheLanguageOfTheLastLetter(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		addLetter(t, s, m, recovery.PasswordChangedNotice, now)
		english := newLetter(m, recovery.PasswordChangedNotice, now.Add(time.Minute))
		english.Language = recovery.English
		must(t, s.Recoveries().AddLetter(t.Context(), english))
		former, present := changeAddress(t, s, m, now.Add(time.Hour))
		if former.Language != recovery.English || present.Language != recovery.English {
			t.Errorf("got %s and %s, want English", former.Language, present.Language)
		}
	})
}

func TestAFormerAddressIsKeptNoLongerThanItsNoticeIsDue(t *testing.T) {
	for _, end := range []mail.State{mail.Accepted, mail.Failed, mail.Dropped} {
		t.Run(string(end), func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *store.Store) {
				ctx, m := t.Context(), enrol(t, s, "taro")
				notice, _ := changeAddress(t, s, m, now)
				begin(ctx, t, s, notice.ID, now)
				must(t, s.Letters().Postpone(ctx, claimOf(notice.ID), []mail.Try{{Letter: mail.Letter{ID: notice.ID}, Verdict: mail.Verdict{DueAt: now.Add(time.Minute), Answer: "451"}}}))
				letters, err := s.Letters().ClaimDue(ctx, "next", now.Add(time.Minute), now.Add(2*time.Minute), 10)
				if err != nil {
					t.Fatal(err)
				}
				addresses := 0
				for _, letter := range letters {
					if letter.FormerAddress == m.MailAddress {
						addresses++
					}
				}
				if addresses != 1 {
					t.Errorf("got the former address in %d due letters, want it in one that is tried again", addresses)
				}
				must(t, s.Letters().Finish(ctx, "next", []string{notice.ID}, end, "", now.Add(time.Minute)))
				kept, err := s.Members().LettersIn(ctx, end, 10)
				if err != nil || len(kept) != 1 || kept[0].FormerAddress != "" {
					t.Errorf("got %+v, %v; want the notice without an address", kept, err)
				}
				again, err := s.Members().RetryLetter(ctx, notice.ID, now.Add(time.Hour))
				wantNone(t, "retrying what has no address any more", again, err)
			})
		})
	}
}

// During an upgrade, servers of the former version write letters without the new column.
func TestALetterOfTheFormerVersionIsClaimed(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		m := enrol(t, s, "taro")
		_, err := raw(t, settings).ExecContext(t.Context(), `INSERT INTO letters (id, kind, member_id, language, state, created_at, due_at, claimed_until)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, "OLD", string(recovery.PasswordChangedNotice), int64(m.ID), "ja", string(mail.Waiting),
			"2026-11-22 07:30:00", "2026-11-22 07:30:00", "2000-01-01 00:00:00")
		if err != nil {
			t.Fatal(err)
		}
		letters, err := s.Letters().ClaimDue(t.Context(), "mine", now.Add(time.Hour), now.Add(2*time.Hour), 10)
		if err != nil || len(letters) != 1 || letters[0].ID != "OLD" || letters[0].FormerAddress != "" {
			t.Errorf("got %+v, %v; want the letter", letters, err)
		}
	})
}
