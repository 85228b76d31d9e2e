package recovery

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"aikagi/backend/member"
)

// match is an ask that named an active member by both login ID and address, with everything random that
// answering it may need, chosen before the transaction's first try.
type match struct {
	ask      Recovery
	memberID member.ID
	issuance Issuance
	letter   DueLetter
	own      Recovery // the letter's
}

// resolveBatch claims asks, finds out whom they name, closes the decoys, and makes the letters due. It returns
// how many asks it claimed.
func (s *Service) resolveBatch(ctx context.Context, rested time.Duration) (int, error) {
	now, claim := s.Now(), rand.Text()
	asks, err := s.Store.ClaimUnresolved(ctx, claim, now.Add(-rested), now, now.Add(claimLasts), resolveAtOnce)
	if err != nil || len(asks) == 0 {
		return 0, err
	}
	decoys, matches, err := s.sort(ctx, asks, now)
	if err != nil {
		return 0, err
	}
	for outcome, ids := range decoys {
		if err := s.Store.CloseDecoys(ctx, claim, ids, outcome); err != nil {
			return 0, err
		}
	}
	for some := range slices.Chunk(matches, answerAtOnce) {
		err = errors.Join(err, s.answer(ctx, claim, some, now))
		s.WakePostman()
	}
	if err != nil {
		return 0, err
	}
	return len(asks), nil
}

// sort tells decoys from matches. Both login ID and address must be the same active member's; the address is
// compared here, byte by byte, whatever the database's collation thinks is alike (CVE-2024-27295).
func (s *Service) sort(ctx context.Context, asks []Recovery, now time.Time) (map[Outcome][]ID, []match, error) {
	ids := make([]member.LoginID, len(asks))
	for i, ask := range asks {
		ids[i] = ask.LoginID
	}
	slices.Sort(ids)
	found, err := s.Store.MembersNamed(ctx, slices.Compact(ids))
	if err != nil {
		return nil, nil, err
	}
	named := make(map[member.LoginID]member.Member, len(found))
	for _, m := range found {
		named[m.LoginID] = m
	}
	decoys := make(map[Outcome][]ID)
	var matches []match
	for _, ask := range asks {
		m, known := named[ask.LoginID]
		if outcome := s.whyDecoy(ask, m, known); outcome != "" {
			decoys[outcome] = append(decoys[outcome], ask.ID)
			continue
		}
		matches = append(matches, s.newMatch(ask, m, now))
	}
	// One order everywhere, so that two resolvers do not wait for each other's members in a circle.
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(a.memberID, b.memberID) })
	return decoys, matches, nil
}

func (s *Service) whyDecoy(ask Recovery, m member.Member, known bool) Outcome {
	switch {
	case !known:
		return UnknownLoginID
	case !s.Keys.addressMatches(ask, m.MailAddress):
		return AddressDiffers
	case m.Status != member.Active:
		return NotActive
	}
	return ""
}

func (s *Service) newMatch(ask Recovery, m member.Member, now time.Time) match {
	own := newDecoy(m.LoginID, s.Keys.Issuing(), now)
	own.Origin, own.MemberID, own.Receipt, own.Language = FromLetter, m.ID, ask.Receipt, ask.Language
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

// answer answers all matches in one transaction. If that fails, it answers them one by one, so that one row
// which cannot be written does not hold up the others.
func (s *Service) answer(ctx context.Context, claim string, matches []match, now time.Time) error {
	err := s.Store.InTx(ctx, func(tx Store) error {
		for _, match := range matches {
			if err := s.answerOne(ctx, tx, claim, match, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil || len(matches) == 1 {
		return err
	}
	var failed []error
	for _, match := range matches {
		failed = append(failed, s.Store.InTx(ctx, func(tx Store) error {
			return s.answerOne(ctx, tx, claim, match, now)
		}))
	}
	return errors.Join(failed...)
}

// answerOne leads an ask to the member's live temporary password, or to a new one when none lives, and makes a
// letter due unless the limits say that one has gone out lately.
func (s *Service) answerOne(ctx context.Context, tx Store, claim string, match match, now time.Time) error {
	m, err := tx.LockMember(ctx, match.memberID)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	old, err := tx.LiveIssuance(ctx, m.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("answer: %w", err)
	}
	stale := err == nil && !s.canMail(old, m, now)
	lives := err == nil && !stale
	sent, err := tx.LettersOf(ctx, m.ID, now)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	present, err := tx.Recovery(ctx, match.ask.ID)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}

	issuance, letter := match.issuance, match.letter
	issuance.PasswordVersion = m.PasswordVersion
	if lives {
		issuance = old
	}
	outcome, dueAt := limitLetters(lives, sent, now)
	switch {
	case m.Status != member.Active:
		outcome, issuance = NotActive, present.leadsTo() // suspended since it was sorted
	case present.RedeemedAt != nil && present.LetterAskedAt.Before(*present.RedeemedAt):
		// Redeemed since the mail was asked for: nobody waits for it any more. A new temporary password in the place of
		// the redeemed one would let that one become the new password.
		outcome, issuance = TooSoon, present.leadsTo()
	}
	won, err := tx.CloseMatched(ctx, claim, match.ask.ID, outcome, issuance)
	if err != nil || !won {
		return err // not won: asked again meanwhile, or committed by an earlier try whose answer was lost
	}
	if outcome != LetterSent {
		return nil
	}
	if stale {
		if err := tx.EndIssuance(ctx, old.ID, now); err != nil {
			return err
		}
	}
	if sent.Due { // then none lives, or this ask would be too soon
		if err := tx.DropLetters(ctx, m.ID); err != nil {
			return err
		}
	}
	if !lives {
		if err := tx.AddIssuance(ctx, issuance); err != nil {
			return err
		}
	}
	letter.IssuanceID, letter.DueAt, letter.Remail = issuance.ID, dueAt, lives
	own := match.own
	own.IssuanceID, own.KeyName, own.GoneAt = issuance.ID, issuance.KeyName, dueAt.Add(Waits)
	if err := tx.AddRecovery(ctx, own); err != nil {
		return err
	}
	return tx.AddLetter(ctx, letter)
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
