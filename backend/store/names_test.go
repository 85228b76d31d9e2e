package store_test

import (
	"errors"
	"testing"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

// lookAlikes are pairs of names that some collation treats as equal (CVE-2024-27295, CVE-2019-19844).
var lookAlikes = []struct{ stored, asked member.LoginID }{
	{"cure", "cüre"},
	{"cu\u0308re", "cüre"},
	{"mike", "mıke"},
	{"strasse", "straße"},
	{"kelvin", "\u212aelvin"},
	{"abcd", "ABCD"},
	{"abcd", "ａｂｃｄ"},
	{"abcd", "abcd "},
	{"abcd", " abcd"},
	{"abcd", "abcd\t"},
	{"abcd", "abcd\x00"},
	{"abcd", "ab%"},
	{"abcd", "abc_"},
	{"0", "00"},
	{"1e1", "10"},
}

func TestNamesAreComparedByteForByte(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		enrolled := make(map[member.LoginID]member.Member)
		for _, pair := range lookAlikes {
			if _, twice := enrolled[pair.stored]; !twice {
				enrolled[pair.stored] = enrol(t, s, pair.stored)
			}
		}
		for _, pair := range lookAlikes {
			m, err := s.Logins().MemberNamed(ctx, pair.asked, noID)
			if err == nil && m.LoginID == pair.asked || err != nil && !errors.Is(err, recovery.ErrNotFound) {
				t.Errorf("%q: got %q, %v; want nobody of this name", pair.asked, m.LoginID, err)
			}
			found, err := s.Recoveries().MembersNamed(ctx, []member.LoginID{pair.asked})
			if err != nil || len(found) != 0 {
				t.Errorf("%q: got %v, %v; want nobody", pair.asked, found, err)
			}
			found, err = s.Members().MembersNamed(ctx, []member.LoginID{pair.asked, pair.stored})
			if err != nil || len(found) != 1 || found[0].ID != enrolled[pair.stored].ID {
				t.Errorf("%q and %q: got %v, %v; want the second alone", pair.asked, pair.stored, found, err)
			}
		}
	})
}

func TestLookAlikesCanBothBeMembers(t *testing.T) {
	pairs := [][2]member.LoginID{{"cüre", "cure"}, {"mıke", "mike"}, {"straße", "strasse"}, {"ABCD", "abcd"}}
	onBoth(t, func(t *testing.T, s *store.Store) {
		for _, pair := range pairs {
			first, second := enrol(t, s, pair[0]), enrol(t, s, pair[1])
			if first.ID == second.ID || first.LoginID != pair[0] || second.LoginID != pair[1] || first.MailAddress == second.MailAddress {
				t.Errorf("got %+v and %+v, want two members", first, second)
			}
		}
	})
}

func TestANewAddressThatLooksLikeTheOldIsAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		m := enrol(t, s, "cure")
		for i, address := range []member.MailAddress{"cüre@xxx.mm-m.ne.jp", "Cüre@xxx.mm-m.ne.jp", "cure@xxx.mm-m.ne.jp"} {
			applyChange(t, s, m, store.MemberChange{Kind: member.AddressChanged, Address: address})
			after, err := s.Recoveries().Member(t.Context(), m.ID)
			if err != nil || after.MailAddress != address || after.PasswordVersion != int64(i+2) {
				t.Errorf("got %q, version %d, %v; want %q, %d", after.MailAddress, after.PasswordVersion, err, address, i+2)
			}
		}
	})
}

func TestOneRowIsReadForALoginIDThatNobodyHas(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, logins := t.Context(), s.Logins()
		if last, err := logins.LastMember(ctx); err != nil || last != 0 {
			t.Errorf("the last of no members: got %d, %v; want 0", last, err)
		}
		if _, err := logins.MemberNamed(ctx, "nobody", 0); !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("without members: got %v, want ErrNotFound", err)
		}
		first, second := enrol(t, s, "hanako"), enrol(t, s, "taro")
		if last, err := logins.LastMember(ctx); err != nil || last != second.ID {
			t.Errorf("the last: got %d, %v; want %d", last, err, second.ID)
		}
		for _, c := range []struct {
			id    member.LoginID
			dummy member.ID
			want  member.Member
		}{
			{"nobody", first.ID, first},
			{"nobody", second.ID, second},
			{"nobody", first.ID - 1, first},
			{"taro", first.ID, second},
			{"hanako", second.ID, first},
			{"hanako", noID, first},
		} {
			if got, err := logins.MemberNamed(ctx, c.id, c.dummy); err != nil || got != c.want {
				t.Errorf("%s with the dummy %d: got %+v, %v; want %+v", c.id, c.dummy, got, err, c.want)
			}
		}
	})
}
