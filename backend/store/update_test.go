package store_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

func update(asOf time.Time) store.Update {
	return store.Update{Author: operator, AsOf: asOf, Now: now.Add(24 * time.Hour)}
}

// updateMembers changes members, and checks how many were changed and how many were held back.
func updateMembers(t *testing.T, s *store.Store, by store.Update, changed, heldBack int, wanted ...store.Wanted) {
	t.Helper()
	planned, err := s.Members().Plan(t.Context(), wanted, by.AsOf)
	if gotChanged, gotHeld := store.CountPlanned(planned); err != nil || gotChanged != changed || gotHeld != heldBack {
		t.Errorf("plan: got %d changed and %d held back, %v; want %d and %d", gotChanged, gotHeld, err, changed, heldBack)
	}
	done, err := s.Members().Change(t.Context(), wanted, by, changed)
	if gotChanged, gotHeld := store.CountPlanned(done); err != nil || gotChanged != changed || gotHeld != heldBack {
		t.Errorf("change: got %d changed and %d held back, %v; want %d and %d", gotChanged, gotHeld, err, changed, heldBack)
	}
}

func memberNow(t *testing.T, s *store.Store, id member.ID) member.Member {
	t.Helper()
	m, err := s.Recoveries().Member(t.Context(), id)
	must(t, err)
	return m
}

// An update has the same effects as commands: an activity for each change, a higher version, and notices to the former
// and the new address.
func TestAnUpdateHasTheEndsAndNoticesOfCommands(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		for i, language := range []recovery.Language{recovery.Japanese, recovery.English, recovery.Japanese} {
			letter := newLetter(m, recovery.PasswordChangedNotice, now)
			letter.Language, letter.CreatedAt = language, now.Add(-time.Duration((i-1)*(i-1))*time.Hour) // the English letter is the latest
			must(t, s.Recoveries().AddLetter(t.Context(), letter))
		}
		updateMembers(t, s, update(now), 1, 0, store.Wanted{ID: m.ID, Address: "new@xxx.mm-m.ne.jp", Status: member.Suspended})
		after := memberNow(t, s, m.ID)
		if after.MailAddress != "new@xxx.mm-m.ne.jp" || after.Status != member.Suspended || after.PasswordVersion != m.PasswordVersion+1 ||
			after.PasswordHash != m.PasswordHash || after.VoidedAt != nil {
			t.Errorf("got %+v", after)
		}
		kinds := make(map[member.ActivityKind]bool)
		activities, err := s.Logins().Activities(t.Context(), m.ID, 10)
		must(t, err)
		for _, a := range activities {
			kinds[a.Kind] = true
			if a.By != member.ByOperator || a.Author != operator || a.AsOf == nil || !a.AsOf.Equal(now) || !a.At.Equal(now.Add(24*time.Hour)) {
				t.Errorf("got the activity %+v", a)
			}
		}
		if len(activities) != 2 || !kinds[member.AddressChanged] || !kinds[member.WasSuspended] {
			t.Errorf("got the activities %+v", activities)
		}
		letters, err := s.Members().LettersOf(t.Context(), m.ID, 10)
		must(t, err)
		found := make(map[recovery.LetterKind]store.KeptLetter)
		for _, letter := range letters {
			found[letter.Kind] = letter
		}
		former, present := found[recovery.FormerAddressNotice], found[recovery.NewAddressNotice]
		if len(letters) != 5 || former.FormerAddress != m.MailAddress || former.PasswordVersion != after.PasswordVersion ||
			present.PasswordVersion != after.PasswordVersion || present.FormerAddress != "" || former.Language != recovery.English || present.Language != recovery.English {
			t.Errorf("got the letters %+v", letters)
		}
	})
}

// A set of members is changed at once, each of them to its own values. Values that do not differ change nothing.
func TestAnUpdateChangesWhatDiffersAndNothingElse(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ids := enrolMany(t, s, 600) // more than one INSERT adds
		wanted := make([]store.Wanted, len(ids))
		for i, id := range ids {
			wanted[i] = store.Wanted{ID: id, Address: member.MailAddress(fmt.Sprintf("m%d@xxx.mm-m.ne.jp", i)), Status: member.Active}
			if i%3 == 0 {
				wanted[i] = store.Wanted{ID: id, Status: member.Cancelled}
			}
		}
		updateMembers(t, s, update(now), len(ids), 0, wanted...)
		updateMembers(t, s, update(now), 0, 0, wanted...)
		updateMembers(t, s, update(now), 0, 0, store.Wanted{ID: ids[0]}, store.Wanted{ID: ids[len(ids)-1] + 1, Status: member.Suspended})
		for i, id := range ids {
			m := memberNow(t, s, id)
			address := member.MailAddress(fmt.Sprintf("m%d@xxx.mm-m.ne.jp", i))
			if i%3 == 0 && m.Status != member.Cancelled || i%3 != 0 && (m.Status != member.Active || m.MailAddress != address) || m.PasswordVersion != 2 {
				t.Fatalf("member %d: got %+v", i, m)
			}
		}
	})
}

func TestAnUpdateUndoesNoLaterCommand(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
		command := func(at time.Time, change store.MemberChange) {
			t.Helper()
			if changed, err := s.Members().Do(t.Context(), m.ID, change, at); err != nil || !changed {
				t.Fatalf("%s: %v, %v", change.Kind, changed, err)
			}
		}
		command(hour(1), store.MemberChange{Kind: member.WasSuspended})
		updateMembers(t, s, update(hour(0)), 0, 1, store.Wanted{ID: m.ID, Status: member.Active})
		// It changes values that no command has set, also of the same member.
		updateMembers(t, s, update(hour(0)), 1, 1, store.Wanted{ID: m.ID, Status: member.Active, Address: "a@xxx.mm-m.ne.jp"})
		command(hour(2), store.MemberChange{Kind: member.AddressChanged, Address: "b@xxx.mm-m.ne.jp"})
		updateMembers(t, s, update(hour(1)), 1, 1, store.Wanted{ID: m.ID, Status: member.Active, Address: "a@xxx.mm-m.ne.jp"})
		command(hour(3), store.MemberChange{Kind: member.WasCancelled})
		updateMembers(t, s, update(hour(2)), 1, 1, store.Wanted{ID: m.ID, Status: member.Active, Address: "c@xxx.mm-m.ne.jp"})
		// A void of the password holds nothing back.
		command(hour(4), store.MemberChange{Kind: member.Voided})
		updateMembers(t, s, update(hour(3)), 1, 0, store.Wanted{ID: m.ID, Status: member.Active})
		if after := memberNow(t, s, m.ID); after.MailAddress != "c@xxx.mm-m.ne.jp" || after.Status != member.Active || after.VoidedAt == nil {
			t.Errorf("got %+v", after)
		}
		// Of two imports the one with the newer data wins, in any order.
		newer, older := update(hour(6)), update(hour(5))
		updateMembers(t, s, newer, 1, 0, store.Wanted{ID: m.ID, Address: "newer@xxx.mm-m.ne.jp"})
		updateMembers(t, s, older, 0, 1, store.Wanted{ID: m.ID, Address: "older@xxx.mm-m.ne.jp"})
		newer.AsOf = hour(7)
		updateMembers(t, s, newer, 1, 0, store.Wanted{ID: m.ID, Address: "newest@xxx.mm-m.ne.jp"})
	})
}

func TestAnUpdateOverItsLimitChangesNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ids := enrolMany(t, s, 3)
		wanted := make([]store.Wanted, len(ids))
		for i, id := range ids {
			wanted[i] = store.Wanted{ID: id, Status: member.Suspended}
		}
		if _, err := s.Members().Change(t.Context(), wanted, update(now), 2); !errors.Is(err, store.ErrOverLimit) {
			t.Errorf("got %v, want ErrOverLimit", err)
		}
		for _, id := range ids {
			if m := memberNow(t, s, id); m.Status != member.Active || m.PasswordVersion != 1 {
				t.Errorf("got %+v", m)
			}
		}
	})
}

func TestAnUpdateWhoseAnswerWasLostIsNotMadeTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		must(t, s.LoseNextCommit())
		updateMembers(t, s, update(now), 1, 0, store.Wanted{ID: m.ID, Address: "new@xxx.mm-m.ne.jp"})
		if after := memberNow(t, s, m.ID); after.PasswordVersion != m.PasswordVersion+1 {
			t.Errorf("got %+v", after)
		}
		wantStates(t, s, m, map[mail.State]int{mail.Waiting: 2})
	})
}

// Of concurrent updates and commands each makes its change once, and the command's change stays.
func TestUpdatesAndCommandsAtOnceComeOneAfterTheOther(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		var changes atomic.Int64
		countWinners(t, func(n int) (bool, error) {
			if n%2 == 0 {
				did, err := s.Members().Do(t.Context(), m.ID, store.MemberChange{Kind: member.WasCancelled}, now.Add(time.Hour))
				changes.Add(int64(map[bool]int{true: 1}[did]))
				return did, err
			}
			done, err := s.Members().Change(t.Context(), []store.Wanted{{ID: m.ID, Status: member.Suspended}}, update(now), 1)
			changed, _ := store.CountPlanned(done)
			changes.Add(int64(changed))
			return changed > 0, err
		})
		if after := memberNow(t, s, m.ID); after.Status != member.Cancelled || after.PasswordVersion != m.PasswordVersion+changes.Load() {
			t.Errorf("after %d changes: got %+v; want it cancelled", changes.Load(), after)
		}
	})
}

// The update waits for a command that holds the locks, and sees its change.
func TestAnUpdateSeesTheCommandThatItWaitedFor(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "taro")
		updated := make(chan error, 1)
		must(t, s.Recoveries().InTx(t.Context(), func(tx recovery.Store) error {
			if _, err := tx.LockMember(t.Context(), m.ID); err != nil {
				return err
			}
			go func() {
				done, err := s.Members().Change(t.Context(), []store.Wanted{{ID: m.ID, Status: member.Suspended}}, update(now), 1)
				if changed, heldBack := store.CountPlanned(done); err == nil && (changed != 0 || heldBack != 1) {
					err = fmt.Errorf("got %d changed and %d held back, want 0 and 1", changed, heldBack)
				}
				updated <- err
			}()
			if err := s.AwaitStatement(t.Context(), "members"); err != nil {
				return err
			}
			return tx.AddActivity(t.Context(), member.Activity{
				ID: "ACTIVITY-OF-ANOTHER-CMD-01", MemberID: m.ID, At: now.Add(time.Hour), Kind: member.Resumed, By: member.ByOperator,
			})
		}))
		must(t, <-updated)
	})
}
