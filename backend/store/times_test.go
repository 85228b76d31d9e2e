package store_test

import (
	"crypto/rand"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

// moments are times with and without a fraction and in several zones, in order.
var moments = []time.Time{
	now.Add(-time.Microsecond),
	now,
	now.Add(time.Microsecond).In(time.FixedZone("JST", 9*60*60)),
	now.Add(49 * time.Millisecond),
	now.Add(50 * time.Millisecond),
	now.Add(490 * time.Millisecond),
	now.Add(500 * time.Millisecond).In(time.FixedZone("NST", -3*60*60-30*60)),
	now.Add(999999 * time.Microsecond),
	now.Add(time.Second),
	now.Add(16*time.Hour + 30*time.Minute), // midnight
	time.Date(2028, 2, 29, 23, 59, 59, 100000, time.UTC),
}

// never is later than all of them.
var never = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func TestTimesComeBackExactly(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		for _, want := range moments {
			r := addAsk(t, s, "taro", want)
			must(t, s.Recoveries().OpenGrant(ctx, r.ID, recovery.OpenedGrant{PasswordVersion: 1, ExpiresAt: want}, want))
			a := member.Activity{ID: rand.Text(), MemberID: m.ID, At: want, Kind: member.SignedIn, By: member.ByMember}
			must(t, s.Recoveries().AddActivity(ctx, a))
			found, err := s.Logins().Activities(ctx, m.ID, 1)
			must(t, err)
			stored := readRecovery(t, s, r.ID)
			for what, got := range map[string]time.Time{
				"of an activity": found[0].At, "of an ask": stored.AskedAt, "of a grant's end": stored.GrantExpiresAt,
				"of redeeming": *stored.RedeemedAt, "of the end": stored.GoneAt.Add(-recovery.Lifetime),
			} {
				if got != want.UTC() {
					t.Errorf("time %s: got %#v, want %#v", what, got, want.UTC())
				}
			}
		}
	})
}

func TestTimesAreOrderedAndComparedAsTimes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, m := t.Context(), enrol(t, s, "taro")
		var want []string
		for _, at := range moments {
			want = append(want, addLetter(t, s, m, recovery.PasswordChangedNotice, at).ID)
		}
		for i, at := range moments {
			due, err := s.Letters().ClaimDue(ctx, rand.Text(), at, never, 10)
			if err != nil || len(due) != 1 || due[0].ID != want[i] {
				t.Errorf("due at %s: got %v, %v; want the %d. alone", at, due, err, i)
			}
		}

		due, err := s.Letters().ClaimDue(ctx, "all", never, never, 100)
		if err != nil || len(due) != len(want) {
			t.Fatalf("got %d, %v; want all", len(due), err)
		}
		for i, l := range due {
			if l.ID != want[i] {
				t.Errorf("the %d. by time: got the letter of %s", i, l.CreatedAt)
			}
		}
	})
}

func TestAGuardComparesToTheMicrosecond(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		for _, expiry := range moments {
			i := newIssuance(enrol(t, s, member.LoginID("m"+rand.Text()[:8])))
			must(t, s.Recoveries().AddIssuances(t.Context(), []recovery.Issuance{i}))
			if set, err := setExpiry(t, s, i, expiry); err != nil || !set {
				t.Fatalf("set expiry: %v, %v", set, err)
			}
			used, err := s.Recoveries().UseIssuance(t.Context(), i.ID, 1, expiry.UTC())
			wantNone(t, "used at its expiry", used, err)
			if used, err := s.Recoveries().UseIssuance(t.Context(), i.ID, 1, expiry.UTC().Add(-time.Microsecond)); err != nil || !used {
				t.Errorf("just before its expiry %s: got %v, %v", expiry, used, err)
			}
		}
	})
}
