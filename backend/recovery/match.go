package recovery

import (
	"cmp"
	"crypto/rand"
	"slices"
	"time"

	"aikagi/backend/member"
)

// match is an ask whose login ID and address belong to one active member. It has all random values that the transaction may
// need: they are chosen once, before its first try.
type match struct {
	ask      Recovery
	memberID member.ID
	issuance Issuance
	letter   DueLetter
	own      Recovery // the recovery to which the letter links
}

func (s *Service) newMatch(ask Recovery, m member.Member, now time.Time) match {
	own := newDecoy(m.LoginID, s.Keys.Issuing(), now)
	own.Origin = FromLetter
	own.MemberID = m.ID
	own.Receipt = ask.Receipt
	own.Language = ask.Language
	own.MailAddressMAC = s.Keys.addressMAC(own.KeyName, own.ID, m.MailAddress)
	return match{
		ask:      ask,
		memberID: m.ID,
		issuance: Issuance{ID: rand.Text(), MemberID: m.ID, KeyName: s.Keys.Issuing(), CreatedAt: now},
		letter: DueLetter{
			ID: rand.Text(), Kind: TemporaryPasswordLetter, MemberID: m.ID, Language: ask.Language,
			CreatedAt: now, RecoveryID: own.ID, AskID: ask.ID, Receipt: ask.Receipt,
		},
		own: own,
	}
}

// decoyOutcome returns the outcome of an ask that matches no active member, and "" for a match. m is the member with the ask's
// login ID. The addresses are compared here, byte by byte, because a database's collation may treat different texts as equal
// (CVE-2024-27295).
func (s *Service) decoyOutcome(ask Recovery, m member.Member, isKnown bool) Outcome {
	switch {
	case !isKnown:
		return UnknownLoginID
	case !s.Keys.addressMatches(ask, m.MailAddress):
		return AddressDiffers
	case m.Status != member.Active:
		return NotActive
	}
	return ""
}

// sortByMember puts the matches into the order in which every resolver locks members. Without one order two resolvers could
// wait for each other.
func sortByMember(matches []match) {
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(a.memberID, b.memberID) })
}

// transactionSets splits matches into sets, one for each transaction. An ask that was set aside before has a transaction of its
// own, because a row that it needs may still be locked or impossible to write.
func transactionSets(matches []match) [][]match {
	var fresh []match
	var sets [][]match
	for _, one := range matches {
		if one.ask.SetAside > 0 {
			sets = append(sets, []match{one})
		} else {
			fresh = append(fresh, one)
		}
	}
	return append(slices.Collect(slices.Chunk(fresh, transactionSize)), sets...)
}

// memberIDs returns the members of matches that are sorted by member, each once.
func memberIDs(matches []match) []member.ID {
	ids := make([]member.ID, len(matches))
	for i, match := range matches {
		ids[i] = match.memberID
	}
	return slices.Compact(ids)
}

func asksOf(matches []match) []Recovery {
	asks := make([]Recovery, len(matches))
	for i, match := range matches {
		asks[i] = match.ask
	}
	return asks
}

func idsOf(asks []Recovery) []ID {
	ids := make([]ID, len(asks))
	for i, ask := range asks {
		ids[i] = ask.ID
	}
	return ids
}
