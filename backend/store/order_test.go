package store_test

import (
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// If rows lay in the order of their random ids, a flood would fill the buffer pool, and each row would be read from the
// disk again: members' letters took half a minute after 300,000 asks (npm run check:overload).
func TestAsksIssuancesAndLettersLieInTheOrderInWhichTheyCame(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		var asks, issuances, letters []string
		for range 50 {
			asks = append(asks, string(addAsk(t, s, "taro", now).ID))
			issuance, letter := rand.Text(), rand.Text()
			must(t, s.Recoveries().AddIssuances(t.Context(), []recovery.Issuance{{ID: issuance, MemberID: member.ID(len(asks)), CreatedAt: now}}))
			must(t, s.Recoveries().AddLetter(t.Context(), recovery.DueLetter{
				ID: letter, Kind: recovery.PasswordChangedNotice, MemberID: 1, DueAt: now, CreatedAt: now,
			}))
			issuances, letters = append(issuances, issuance), append(letters, letter)
		}
		for query, came := range map[string][]string{
			// No index has both columns, so the rows are returned in the order of the table.
			"SELECT id, mail_address_mac FROM recoveries": asks,
			"SELECT id, password_version FROM issuances":  issuances,
			"SELECT id, password_version FROM letters":    letters,
		} {
			if lie := firstColumn(t, settings, query); !slices.Equal(lie, came) {
				t.Errorf("%s gives %v, came %v", query, lie, came)
			}
		}
	})
}

// The member page then reads one page of the table, whatever number of activities other members have.
func TestAMembersActivitiesLieTogetherInTheOrderOfTime(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) {
		s := testkit.Open(t, settings)
		var want []string
		byMember := make(map[member.ID][]string)
		for n := range 60 {
			a := member.Activity{ID: rand.Text(), MemberID: member.ID(1 + n%3), At: now.Add(time.Duration(n) * time.Second), Kind: member.SignedIn}
			must(t, s.Logins().AddActivity(t.Context(), a))
			byMember[a.MemberID] = append(byMember[a.MemberID], a.ID)
		}
		for id := range member.ID(3) {
			want = append(want, byMember[id+1]...)
		}
		if lie := firstColumn(t, settings, "SELECT id, device FROM activities"); !slices.Equal(lie, want) {
			t.Errorf("they lie in another order: %v, want %v", lie, want)
		}
	})
}

func firstColumn(t *testing.T, settings store.Settings, query string) (values []string) {
	t.Helper()
	rows, err := raw(t, settings).QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var first, second string
		must(t, rows.Scan(&first, &second))
		values = append(values, first)
	}
	must(t, rows.Err())
	return values
}
