package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// errNoLongerHolds is why a letter is not sent.
var errNoLongerHolds = errors.New("what it tells no longer holds")

// beginning is what becomes of a letter that is about to be sent.
type beginning struct {
	letter  Letter
	content Content // of a letter that goes
	// dropped is why the letter does not go: errNoLongerHolds or recovery.ErrNotFound.
	dropped error
	reopens bool // its ask goes back to the resolver
}

// present is what the database holds for a set of letters at the moment at which they are begun.
type present struct {
	held      map[string]bool // the letters that the claim holds
	own       map[recovery.ID]bool
	issuances map[string]recovery.Issuance
	members   map[member.ID]member.Member
	// paused says that the operator has paused the notices of the kind recovery.PasswordVoidedNotice.
	paused bool
}

// mayGo says that the claim holds a letter and that the operator has not paused letters of its kind.
func (has present) mayGo(letter Letter) bool {
	return has.held[letter.ID] && !(has.paused && letter.Kind == recovery.PasswordVoidedNotice)
}

// begin checks once more that letters may go, and commits their new expiries before anything leaves: all in one
// transaction, whose statements do not grow with the letters. It drops letters that may not go. It returns those that it
// left as they were: the claim does not hold them any more, the operator has paused their kind, or, with
// recovery.SkipLocked, another transaction has locked them. After an error none is begun.
func (p *Postman) begin(ctx context.Context, letters []Letter, when recovery.WhenLocked) (begun []beginning, left []Letter, err error) {
	ctx, cancel := context.WithTimeout(ctx, beginLasts)
	defer cancel()
	now := p.Now()
	err = p.inTx(ctx, BeginSet, len(letters), func(ctx context.Context, tx Store) error {
		begun, left = nil, nil
		has, err := p.lock(ctx, tx, letters, when)
		if err != nil {
			return err
		}
		for _, letter := range letters {
			if has.mayGo(letter) {
				begun = append(begun, p.decide(letter, has, now))
			} else {
				left = append(left, letter)
			}
		}
		return p.writeBegun(ctx, tx, begun, now)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("begin: %w", err)
	}
	for _, b := range begun {
		p.tellDropped(ctx, b, now)
	}
	return begun, left, nil
}

// lock locks the rows that the letters depend on, in the order in which the resolver and Redeem do, and reads them.
func (p *Postman) lock(ctx context.Context, tx Store, letters []Letter, when recovery.WhenLocked) (has present, err error) {
	var ids, issuanceIDs []string
	var ownIDs []recovery.ID
	var memberIDs []member.ID
	for _, letter := range letters {
		ids, memberIDs = append(ids, letter.ID), append(memberIDs, letter.MemberID)
		if letter.Kind == recovery.TemporaryPasswordLetter {
			ownIDs, issuanceIDs = append(ownIDs, letter.RecoveryID), append(issuanceIDs, letter.IssuanceID)
		}
	}
	own, err := tx.LockOwn(ctx, ownIDs, when)
	if err != nil {
		return has, fmt.Errorf("lock the letters' recoveries: %w", err)
	}
	issuances, err := tx.LockIssuances(ctx, issuanceIDs, when)
	if err != nil {
		return has, fmt.Errorf("lock the issuances: %w", err)
	}
	held, err := tx.LockHeld(ctx, p.claim, ids, when)
	if err != nil {
		return has, fmt.Errorf("lock the letters: %w", err)
	}
	members, err := tx.Members(ctx, memberIDs)
	if err != nil {
		return has, fmt.Errorf("read the members: %w", err)
	}
	has = present{
		held: make(map[string]bool), own: make(map[recovery.ID]bool),
		issuances: make(map[string]recovery.Issuance), members: make(map[member.ID]member.Member),
	}
	if slices.ContainsFunc(letters, func(l Letter) bool { return l.Kind == recovery.PasswordVoidedNotice }) {
		if has.paused, err = tx.HoldsNotices(ctx); err != nil {
			return has, fmt.Errorf("read whether notices are paused: %w", err)
		}
	}
	for _, id := range held {
		has.held[id] = true
	}
	for _, id := range own {
		has.own[id] = true
	}
	for _, issuance := range issuances {
		has.issuances[issuance.ID] = issuance
	}
	for _, m := range members {
		has.members[m.ID] = m
	}
	return has, nil
}

// decide says what becomes of a letter.
func (p *Postman) decide(letter Letter, has present, now time.Time) beginning {
	b := beginning{letter: letter}
	b.content = Content{LetterID: letter.ID, Kind: letter.Kind, Language: letter.Language, At: now, ChangedAt: letter.CreatedAt}
	if letter.GivenUp {
		b.dropped = errNoLongerHolds
		return b
	}
	m, known := has.members[letter.MemberID]
	if !known {
		b.dropped = fmt.Errorf("read the member: %w", recovery.ErrNotFound)
		return b
	}
	b.content.To = m.MailAddress
	switch letter.Kind {
	case recovery.TemporaryPasswordLetter:
		p.decideTemporaryPassword(&b, m, has)
		return b
	case recovery.PasswordVoidedNotice:
		return b
	case recovery.FormerAddressNotice:
		b.content.To = letter.FormerAddress
	}
	b.content.Disavowal = p.Keys.DisavowalToken(m.ID, letter.PasswordVersion, letter.CreatedAt)
	return b
}

// decideTemporaryPassword renews the expiry and derives what the letter carries. The letter no longer holds when the
// member is not active, or the temporary password lives no more. If that one ran out or was swept while the letter
// waited, the ask goes back to the resolver, so that it still gets its letter; an ask older than a day stays as it is.
func (p *Postman) decideTemporaryPassword(b *beginning, m member.Member, has present) {
	letter, now := b.letter, b.content.At
	issuance, known := has.issuances[letter.IssuanceID]
	ended := m.Status != member.Active || issuance.UsedAt != nil || issuance.PasswordVersion != m.PasswordVersion
	switch {
	case !known:
		b.dropped, b.reopens = fmt.Errorf("read the issuance: %w", recovery.ErrNotFound), true
	case ended && (m.Status != member.Active || m.VoidedAt == nil):
		b.dropped = errNoLongerHolds
	case ended || !issuance.Lives(m.PasswordVersion, now) || !p.Keys.Knows(issuance.KeyName):
		b.dropped, b.reopens = errNoLongerHolds, true
	case !has.own[letter.RecoveryID]:
		b.dropped, b.reopens = fmt.Errorf("keep the letter's recovery: %w", recovery.ErrNotFound), true
	}
	if b.dropped != nil {
		return
	}
	b.content.ExpiresAt = issuance.ExpiryIfMailed(now, p.Lifetime)
	b.content.TemporaryPassword = p.Keys.TemporaryPassword(issuance.KeyName, m.ID, issuance.ID)
	b.content.RecoveryID, b.content.AskedAt, b.content.Receipt = letter.RecoveryID, letter.AskedAt, letter.Receipt
}

// writeBegun writes what was decided, with a statement for each kind of change.
func (p *Postman) writeBegun(ctx context.Context, tx Store, all []beginning, now time.Time) error {
	var own, reopened []recovery.ID
	var expiries []IssuanceTime
	var dropped, going []string
	for _, b := range all {
		switch {
		case b.dropped != nil:
			dropped = append(dropped, b.letter.ID)
		case b.letter.Kind == recovery.TemporaryPasswordLetter:
			own = append(own, b.letter.RecoveryID)
			expiries = append(expiries, IssuanceTime{b.letter.IssuanceID, b.content.ExpiresAt})
			fallthrough
		default:
			going = append(going, b.letter.ID)
		}
		if b.reopens {
			reopened = append(reopened, b.letter.AskID)
		}
	}
	if err := tx.Reopen(ctx, reopened, now); err != nil {
		return err
	}
	if err := tx.KeepOwn(ctx, own, now.Add(recovery.Lifetime)); err != nil {
		return err
	}
	if renewed, err := tx.SetExpiries(ctx, expiries); err != nil || renewed != len(expiries) {
		return errors.Join(err, fewer("issuances renewed", renewed, len(expiries)))
	}
	if err := tx.Finish(ctx, p.claim, dropped, Dropped, "", now); err != nil {
		return err
	}
	counted, err := tx.BeginTries(ctx, p.claim, going, now)
	return errors.Join(err, fewer("tries counted", counted, len(going)))
}

// fewer is the error of a statement that changed fewer rows than were locked for it.
func fewer(what string, changed, locked int) error {
	if changed == locked {
		return nil
	}
	return fmt.Errorf("%s: %d of %d", what, changed, locked)
}

// tellDropped tells of a letter that was dropped, if it was.
func (p *Postman) tellDropped(ctx context.Context, b beginning, now time.Time) {
	if b.dropped == nil {
		return
	}
	p.tellEnd(b.letter, Dropped, now)
	if errors.Is(b.dropped, recovery.ErrNotFound) {
		p.logOf(b.letter).WarnContext(ctx, "letter dropped: a row that it needs is gone", "error", b.dropped)
	}
}
