package recovery

import (
	"context"
	"fmt"
	"time"

	"aikagi/backend/member"
)

// Closing is what an ask that matched ends with: its outcome, and the issuance that its recovery leads to.
type Closing struct {
	ID      ID
	Outcome Outcome
	To      Issuance
}

// standing is what a member has at the moment at which one of the member's asks is resolved.
type standing struct {
	member member.Member
	live   *Issuance // the one that was neither used nor ended, or nil; it may have run out
	sent   LetterCount
}

// resolution is what becomes of one ask. What is nil or empty changes nothing.
type resolution struct {
	closing  Closing
	ended    string // the issuance that lives no more, to be ended
	drops    bool   // the member's waiting letter is given up
	issuance *Issuance
	letter   *DueLetter
	own      *Recovery // the letter's
}

// resolve leads an ask to the member's live temporary password, or to a new one when none lives, and makes a letter
// due unless the limits say that one has gone out lately. present is the ask's row as it is now.
func (s *Service) resolve(match match, present Recovery, has standing, now time.Time) resolution {
	lives := has.live != nil && s.canMail(*has.live, has.member, now)
	issuance := match.issuance
	issuance.PasswordVersion = has.member.PasswordVersion
	if lives {
		issuance = *has.live
	}
	outcome, dueAt := limitLetters(lives, has.sent, now)
	switch {
	case has.member.Status != member.Active:
		outcome, issuance = NotActive, present.leadsTo() // suspended since it was sorted
	case present.RedeemedAt != nil && present.LetterAskedAt.Before(*present.RedeemedAt):
		// Redeemed since the mail was asked for: nobody waits for it any more.
		outcome, issuance = TooSoon, present.leadsTo()
	}
	result := resolution{closing: Closing{match.ask.ID, outcome, issuance}}
	if outcome != LetterSent {
		return result
	}
	if !lives {
		result.issuance = &issuance
		if has.live != nil {
			result.ended = has.live.ID
		}
	}
	result.drops = has.sent.Due // then none lives, or this ask would be too soon
	letter, own := match.letter, match.own
	letter.IssuanceID, letter.DueAt, letter.Remail = issuance.ID, dueAt, lives
	own.IssuanceID, own.KeyName, own.GoneAt = issuance.ID, issuance.KeyName, dueAt.Add(Waits)
	result.letter, result.own = &letter, &own
	return result
}

// leadsTo is the issuance that the row names already: a decoy's leads nowhere.
func (r Recovery) leadsTo() Issuance {
	return Issuance{ID: r.IssuanceID, MemberID: r.MemberID, KeyName: r.KeyName}
}

func (s *Service) canMail(i Issuance, m member.Member, now time.Time) bool {
	return i.Lives(m.PasswordVersion, now) && s.Keys.Knows(i.KeyName)
}

// limitLetters says whether an ask makes a letter due, and when. A new temporary password is always mailed, at
// the earliest a minute after the last letter; one that lives is mailed again only so often. Beyond that the ask
// still leads to it.
func limitLetters(lives bool, sent LetterCount, now time.Time) (Outcome, time.Time) {
	next := sent.Last.Add(LetterEvery)
	switch {
	case !lives && next.After(now):
		return LetterSent, next
	case !lives:
		return LetterSent, now
	case sent.Due || next.After(now):
		return TooSoon, time.Time{}
	case sent.RemailsAnHour >= MaxRemailsAnHour || sent.RemailsADay >= MaxRemailsADay:
		return TooMany, time.Time{}
	}
	return LetterSent, now
}

// resolveIn resolves matches in one transaction. It reads and writes in sets: the number of statements does not grow
// with the matches. It returns those that it left out, since another transaction has locked their member or their own row,
// or the claim does not hold them any more, and what it wrote.
func (b *batch) resolveIn(ctx context.Context, tx Store, matches []match, when WhenLocked) (left []match, all changes, err error) {
	rows, members, err := b.lock(ctx, tx, matches, when)
	if err != nil {
		return nil, changes{}, fmt.Errorf("resolve: %w", err)
	}
	for _, match := range matches {
		row, holds := rows[match.ask.ID]
		has, free := members[match.memberID]
		if !holds || !free {
			left = append(left, match)
			continue
		}
		done := b.resolve(match, row, *has, b.now)
		all.add(done, match.memberID)
		if done.letter != nil { // the member's next ask in this transaction finds what this one makes
			has.live, has.sent.Due = &done.closing.To, true
		}
	}
	if err := all.write(ctx, tx, b.claim, b.now); err != nil {
		return nil, changes{}, fmt.Errorf("resolve: %w", err)
	}
	return left, all, nil
}

// lock locks the asks' rows and their members, in the order in which Redeem does, and reads what the members have.
func (b *batch) lock(ctx context.Context, tx Store, matches []match, when WhenLocked) (map[ID]Recovery, map[member.ID]*standing, error) {
	rows, err := tx.LockClaimed(ctx, b.claim, idsOf(asksOf(matches)), when)
	if err != nil {
		return nil, nil, err
	}
	found, err := tx.LockMembers(ctx, membersOf(matches), when)
	if err != nil {
		return nil, nil, err
	}
	byID, members, ids := make(map[ID]Recovery, len(rows)), make(map[member.ID]*standing, len(found)), make([]member.ID, len(found))
	for _, row := range rows {
		byID[row.ID] = row
	}
	for i, m := range found {
		members[m.ID], ids[i] = &standing{member: m}, m.ID
	}
	live, err := tx.LiveIssuances(ctx, ids, when)
	if err != nil {
		return nil, nil, err
	}
	for _, issuance := range live {
		members[issuance.MemberID].live = &issuance
	}
	sent, err := tx.LetterCounts(ctx, ids, b.now, when)
	if err != nil {
		return nil, nil, err
	}
	for id, count := range sent {
		members[id].sent = count
	}
	return byID, members, nil
}

func membersOf(matches []match) []member.ID {
	var ids []member.ID
	for _, match := range matches { // in order of their members
		if len(ids) == 0 || ids[len(ids)-1] != match.memberID {
			ids = append(ids, match.memberID)
		}
	}
	return ids
}

// changes are the resolutions of one transaction, as sets.
type changes struct {
	closings  []Closing
	ended     []string
	dropped   []member.ID
	issuances []Issuance
	own       []Recovery
	letters   []DueLetter
}

func (c *changes) add(r resolution, of member.ID) {
	c.closings = append(c.closings, r.closing)
	if r.ended != "" {
		c.ended = append(c.ended, r.ended)
	}
	if r.drops {
		c.dropped = append(c.dropped, of)
	}
	if r.issuance != nil {
		c.issuances = append(c.issuances, *r.issuance)
	}
	if r.letter != nil {
		c.own, c.letters = append(c.own, *r.own), append(c.letters, *r.letter)
	}
}

// write ends the old before it adds the new: a member has one live issuance and one due letter.
func (c *changes) write(ctx context.Context, tx Store, claim string, now time.Time) error {
	closed, err := tx.CloseMatched(ctx, claim, c.closings)
	if err != nil {
		return err
	}
	if closed != len(c.closings) {
		return fmt.Errorf("closed %d of %d locked asks", closed, len(c.closings))
	}
	if err := tx.EndIssuances(ctx, c.ended, now); err != nil {
		return err
	}
	if err := tx.DropLetters(ctx, c.dropped...); err != nil {
		return err
	}
	if err := tx.AddIssuances(ctx, c.issuances); err != nil {
		return err
	}
	if err := tx.AddRecoveries(ctx, c.own); err != nil {
		return err
	}
	return tx.AddLetters(ctx, c.letters)
}
