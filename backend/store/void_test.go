package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/store"
)

// enrolMany adds members whose password is not void.
func enrolMany(t *testing.T, s *store.Store, many int) []member.ID {
	t.Helper()
	batch := make([]member.Member, many)
	for i := range batch {
		batch[i] = member.Member{
			LoginID: member.LoginID(fmt.Sprintf("m%05d", i)), MailAddress: "m@xxx.mm-m.ne.jp", Status: member.Active, PasswordVersion: 1, CreatedAt: now,
		}
	}
	must(t, s.Members().AddMembers(t.Context(), batch))
	ids, err := s.Members().NotVoid(t.Context(), 0, many+1)
	must(t, err)
	if len(ids) != many {
		t.Fatalf("got %d members, want %d", len(ids), many)
	}
	return ids
}

// If many void the same members concurrently, each member is voided once.
func TestASetOfMembersIsVoidedOnceAndRecorded(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ids := enrolMany(t, s, 60)
		if did, err := s.Members().Do(t.Context(), ids[7], store.MemberChange{Kind: member.Voided, Author: operator}, now); err != nil || !did {
			t.Fatalf("void one: %v, %v", did, err)
		}
		later := now.Add(time.Minute)
		var total atomic.Int64
		countWinners(t, func(int) (bool, error) {
			voided, err := s.Members().Void(t.Context(), ids, operator, later)
			total.Add(int64(voided))
			return voided > 0, err
		})
		if got, want := total.Load(), int64(len(ids)-1); got != want {
			t.Errorf("voided %d, want %d: one was void before", got, want)
		}
		for i, id := range ids {
			m, err := s.Recoveries().Member(t.Context(), id)
			must(t, err)
			if m.VoidedAt == nil || m.PasswordVersion != 2 || m.VoidedAt.Equal(later) == (i == 7) {
				t.Errorf("member %d: got %+v; want it voided once", i, m)
			}
			found, err := s.Logins().Activities(t.Context(), id, 10)
			if err != nil || len(found) != 1 || found[0].Kind != member.Voided || found[0].Author != operator || !found[0].At.Equal(*m.VoidedAt) {
				t.Errorf("member %d: got the activities %+v, %v; want one", i, found, err)
			}
		}
		if left, err := s.Members().CountNotVoid(t.Context()); err != nil || left != 0 {
			t.Errorf("%d are left, %v", left, err)
		}
	})
}

func TestASetWhoseAnswerWasLostIsNotVoidedTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ids := enrolMany(t, s, 3)
		must(t, s.LoseNextCommit())
		if voided, err := s.Members().Void(t.Context(), ids, operator, now); err != nil || voided != 3 {
			t.Errorf("voided %d, %v; want 3", voided, err)
		}
		for _, id := range ids {
			m, err := s.Recoveries().Member(t.Context(), id)
			must(t, err)
			if found, err := s.Logins().Activities(t.Context(), id, 10); err != nil || len(found) != 1 || m.PasswordVersion != 2 {
				t.Errorf("got %+v with %d activities, %v; want version 2 and one", m, len(found), err)
			}
		}
	})
}
