package recovery

import (
	"time"

	"aikagi/backend/member"
)

// memberState is what the transaction knows of a member when it resolves one of the member's asks.
type memberState struct {
	member  member.Member
	live    *Issuance // neither used nor ended, but it may have expired; nil if there is none
	letters LetterCount
}

// resolution is the decision about one ask. A field that is nil, empty or false changes nothing.
type resolution struct {
	closing  Closing
	ended    string    // the ID of an issuance to end
	drops    bool      // drop the member's letter that is due
	issuance *Issuance // to add, and likewise letter and own
	letter   *DueLetter
	own      *Recovery // the recovery to which the letter links
}

// decide resolves one ask. row is the ask as it is now. The ask leads to the member's live temporary password, or to a new one if
// none is live. A letter becomes due, unless the limits forbid it.
func (s *Service) decide(match match, row Recovery, state memberState, now time.Time) resolution {
	switch {
	case state.member.Status != member.Active: // suspended after the ask was classified
		return resolution{closing: Closing{row.ID, NotActive, row.currentIssuance()}}
	case row.RedeemedAt != nil && row.LetterAskedAt.Before(*row.RedeemedAt): // the member does not need the mail any more
		return resolution{closing: Closing{row.ID, TooSoon, row.currentIssuance()}}
	}
	isLive := state.live != nil && s.canMail(*state.live, state.member, now)
	issuance := match.issuance
	issuance.PasswordVersion = state.member.PasswordVersion
	if isLive {
		issuance = *state.live
	}
	outcome, dueAt := limitLetters(isLive, state.letters, now)
	result := resolution{closing: Closing{row.ID, outcome, issuance}}
	if outcome != LetterSent {
		return result
	}
	if !isLive {
		result.issuance = &issuance
		if state.live != nil {
			result.ended = state.live.ID
		}
	}
	result.drops = state.letters.Due // its temporary password is not live: otherwise the outcome would be TooSoon
	letter, own := match.letter, match.own
	letter.IssuanceID = issuance.ID
	letter.DueAt = dueAt
	letter.Remail = isLive
	own.IssuanceID = issuance.ID
	own.KeyName = issuance.KeyName
	own.GoneAt = dueAt.Add(Lifetime)
	result.letter, result.own = &letter, &own
	return result
}

func (s *Service) canMail(i Issuance, m member.Member, now time.Time) bool {
	return i.Lives(m.PasswordVersion, now) && s.Keys.Knows(i.KeyName)
}

// limitLetters decides whether an ask makes a letter due, and when. A new temporary password is always mailed, but not before
// LetterInterval after the last letter. The limits on repeated letters are for a temporary password that is live.
func limitLetters(isLive bool, letters LetterCount, now time.Time) (Outcome, time.Time) {
	next := letters.Last.Add(LetterInterval)
	switch {
	case !isLive && next.After(now):
		return LetterSent, next
	case !isLive:
		return LetterSent, now
	case letters.Due || next.After(now):
		return TooSoon, time.Time{}
	case letters.RemailsAnHour >= MaxRemailsAnHour || letters.RemailsADay >= MaxRemailsADay:
		return TooMany, time.Time{}
	}
	return LetterSent, now
}
