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

// errNoLongerHolds is why a letter is dropped instead of sent.
var errNoLongerHolds = errors.New("what it tells no longer holds")

// decision is whether a claimed letter is sent, and what it then says.
type decision struct {
	letter  Letter
	content Content // of a letter that is sent
	// dropped is why the letter is dropped: errNoLongerHolds or recovery.ErrNotFound. It is nil for a letter that is sent.
	dropped error
	reopens bool // the ask becomes unresolved again, so that the resolver makes a new letter
}

// snapshot is what the transaction has read about a set of letters.
type snapshot struct {
	claimed       map[string]Claimed   // the letters that this Postman still has a claim on
	ownRecoveries map[recovery.ID]bool // the letters' own recoveries that still exist
	issuances     map[string]recovery.Issuance
	members       map[member.ID]member.Member
	// paused is whether the operator has paused the notices of the kind recovery.PasswordVoidedNotice.
	paused bool
}

// maySend reports whether the letter is still claimed, and its kind is not paused.
func (rows snapshot) maySend(letter Letter) bool {
	_, claimed := rows.claimed[letter.ID]
	return claimed && !(rows.paused && letter.Kind == recovery.PasswordVoidedNotice)
}

// begin decides in one transaction which letters are sent, and commits the new expiries of their temporary passwords
// before any letter leaves. The number of statements does not depend on the number of letters.
//
// It drops letters whose content no longer holds. It returns in left the letters that it did not change: their claims are
// lost, the operator has paused their kind, or, with recovery.SkipLocked, another transaction has locked their rows. After
// an error no letter is begun.
func (p *Postman) begin(ctx context.Context, letters []Letter, when recovery.WhenLocked) (begun []decision, left []Letter, err error) {
	ctx, cancel := context.WithTimeout(ctx, beginTimeout)
	defer cancel()
	now := p.Now()
	err = p.inTx(ctx, BeginSet, len(letters), func(ctx context.Context, tx Store) error {
		begun, left = nil, nil
		rows, err := p.lockRows(ctx, tx, letters, when)
		if err != nil {
			return err
		}
		for _, letter := range letters {
			if rows.maySend(letter) {
				begun = append(begun, p.decide(letter, rows, now))
			} else {
				left = append(left, letter)
			}
		}
		return p.writeBegun(ctx, tx, begun, now)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("begin: %w", err)
	}
	for _, d := range begun {
		p.reportDropped(ctx, d, now)
	}
	return begun, left, nil
}

// lockRows locks and reads the rows that the letters depend on. It locks the tables in the same order as the resolver and
// Redeem, so that they cannot deadlock.
func (p *Postman) lockRows(ctx context.Context, tx Store, letters []Letter, when recovery.WhenLocked) (rows snapshot, err error) {
	var ids, issuanceIDs []string
	var ownIDs []recovery.ID
	var memberIDs []member.ID
	for _, letter := range letters {
		ids, memberIDs = append(ids, letter.ID), append(memberIDs, letter.MemberID)
		if letter.Kind == recovery.TemporaryPasswordLetter {
			ownIDs, issuanceIDs = append(ownIDs, letter.RecoveryID), append(issuanceIDs, letter.IssuanceID)
		}
	}
	own, err := tx.LockOwnRecoveries(ctx, ownIDs, when)
	if err != nil {
		return rows, fmt.Errorf("lock the letters' recoveries: %w", err)
	}
	issuances, err := tx.LockIssuances(ctx, issuanceIDs, when)
	if err != nil {
		return rows, fmt.Errorf("lock the issuances: %w", err)
	}
	held, err := tx.LockClaimed(ctx, p.claim, ids, when)
	if err != nil {
		return rows, fmt.Errorf("lock the letters: %w", err)
	}
	members, err := tx.Members(ctx, memberIDs)
	if err != nil {
		return rows, fmt.Errorf("read the members: %w", err)
	}
	rows = snapshot{
		claimed: make(map[string]Claimed), ownRecoveries: make(map[recovery.ID]bool),
		issuances: make(map[string]recovery.Issuance), members: make(map[member.ID]member.Member),
	}
	if slices.ContainsFunc(letters, func(l Letter) bool { return l.Kind == recovery.PasswordVoidedNotice }) {
		if rows.paused, err = tx.NoticesPaused(ctx); err != nil {
			return rows, fmt.Errorf("read whether notices are paused: %w", err)
		}
	}
	for _, letter := range held {
		rows.claimed[letter.ID] = letter
	}
	for _, id := range own {
		rows.ownRecoveries[id] = true
	}
	for _, issuance := range issuances {
		rows.issuances[issuance.ID] = issuance
	}
	for _, m := range members {
		rows.members[m.ID] = m
	}
	return rows, nil
}

// decide decides whether a letter is sent. It reads nothing but its arguments and the ring of keys.
func (p *Postman) decide(letter Letter, rows snapshot, now time.Time) decision {
	d := decision{letter: letter}
	d.content = Content{LetterID: letter.ID, Kind: letter.Kind, Language: letter.Language, At: now, ChangedAt: letter.CreatedAt}
	if rows.claimed[letter.ID].GivenUp {
		d.dropped = errNoLongerHolds
		return d
	}
	m, known := rows.members[letter.MemberID]
	if !known {
		d.dropped = fmt.Errorf("read the member: %w", recovery.ErrNotFound)
		return d
	}
	d.content.To = m.MailAddress
	switch letter.Kind {
	case recovery.TemporaryPasswordLetter:
		p.decideTemporaryPassword(&d, m, rows)
		return d
	case recovery.PasswordVoidedNotice:
		return d
	case recovery.FormerAddressNotice:
		d.content.To = letter.FormerAddress
	}
	d.content.Disavowal = p.Keys.DisavowalToken(m.ID, letter.PasswordVersion, letter.CreatedAt)
	return d
}

// decideTemporaryPassword decides whether a letter with a temporary password is sent. If it is, it renews the expiry and
// derives the temporary password.
//
// It drops the letter if the member is not active. It also drops it if the temporary password was used or the member's
// password version has changed, because then the member has a password.
//
// In these cases it drops the letter and gives the ask back to the resolver, which makes a new letter:
//   - The member's password is void. Voiding changes the password version too, but the member still has to recover.
//   - The temporary password has expired, or its row or its key is gone.
//   - The letter's own recovery is gone.
//
// An ask older than a day is not resolved again.
func (p *Postman) decideTemporaryPassword(d *decision, m member.Member, rows snapshot) {
	letter, now := d.letter, d.content.At
	issuance, known := rows.issuances[letter.IssuanceID]
	ended := m.Status != member.Active || issuance.UsedAt != nil || issuance.PasswordVersion != m.PasswordVersion
	switch {
	case !known:
		d.dropped, d.reopens = fmt.Errorf("read the issuance: %w", recovery.ErrNotFound), true
	case ended && (m.Status != member.Active || m.VoidedAt == nil):
		d.dropped = errNoLongerHolds
	case ended || !issuance.Lives(m.PasswordVersion, now) || !p.Keys.Knows(issuance.KeyName):
		d.dropped, d.reopens = errNoLongerHolds, true
	case !rows.ownRecoveries[letter.RecoveryID]:
		d.dropped, d.reopens = fmt.Errorf("keep the letter's recovery: %w", recovery.ErrNotFound), true
	}
	if d.dropped != nil {
		return
	}
	d.content.ExpiresAt = issuance.ExpiryIfMailed(now, p.Lifetime)
	d.content.TemporaryPassword = p.Keys.TemporaryPassword(issuance.KeyName, m.ID, issuance.ID)
	d.content.RecoveryID, d.content.AskedAt, d.content.Receipt = letter.RecoveryID, letter.AskedAt, letter.Receipt
}

// writeBegun writes the decisions, with one statement for each kind of change.
func (p *Postman) writeBegun(ctx context.Context, tx Store, all []decision, now time.Time) error {
	var own, reopened []recovery.ID
	var expiries []IssuanceTime
	var dropped, going []string
	for _, d := range all {
		switch {
		case d.dropped != nil:
			dropped = append(dropped, d.letter.ID)
		case d.letter.Kind == recovery.TemporaryPasswordLetter:
			own = append(own, d.letter.RecoveryID)
			expiries = append(expiries, IssuanceTime{d.letter.IssuanceID, d.content.ExpiresAt})
			fallthrough
		default:
			going = append(going, d.letter.ID)
		}
		if d.reopens {
			reopened = append(reopened, d.letter.AskID)
		}
	}
	if err := tx.Reopen(ctx, reopened, now); err != nil {
		return err
	}
	if err := tx.ExtendOwnRecoveries(ctx, own, now.Add(recovery.Lifetime)); err != nil {
		return err
	}
	if renewed, err := tx.SetExpiries(ctx, expiries); err != nil || renewed != len(expiries) {
		return errors.Join(err, checkRows("issuances renewed", renewed, len(expiries)))
	}
	if err := tx.Finish(ctx, p.claim, dropped, Dropped, "", now); err != nil {
		return err
	}
	counted, err := tx.BeginTries(ctx, p.claim, going, now)
	return errors.Join(err, checkRows("tries counted", counted, len(going)))
}

// checkRows returns an error if a statement changed fewer rows than the transaction has locked for it.
func checkRows(what string, changed, locked int) error {
	if changed == locked {
		return nil
	}
	return fmt.Errorf("%s: %d of %d", what, changed, locked)
}

// reportDropped calls OnEnded and logs if the letter was dropped.
func (p *Postman) reportDropped(ctx context.Context, d decision, now time.Time) {
	if d.dropped == nil {
		return
	}
	p.reportEnd(d.letter, Dropped, now)
	if errors.Is(d.dropped, recovery.ErrNotFound) {
		p.letterLog(d.letter).WarnContext(ctx, "letter dropped: a row that it needs is gone", "error", d.dropped)
	}
}
