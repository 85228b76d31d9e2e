package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// recordFor is how long the end of a try is tried to be recorded, for a database that does not answer.
const recordFor = 30 * time.Second

// Why a letter is not sent.
var (
	errNoLongerHolds = errors.New("what it tells no longer holds")
	errTakenOver     = errors.New("another Postman has it, or it was given up")
)

// deliver makes one try at a letter, records what came of it, and says what it tells about the mail server.
func (p *Postman) deliver(ctx context.Context, letter Letter) result {
	if p.OnDeliver != nil {
		var end func()
		ctx, end = p.OnDeliver(ctx, letter.Kind)
		defer end()
	}
	content, err := p.begin(ctx, letter)
	switch {
	case errors.Is(err, errTakenOver):
		return result{letter: letter, contact: skipped}
	case errors.Is(err, errNoLongerHolds):
		p.tellEnd(letter, Dropped, p.Now())
		return result{letter: letter, contact: skipped}
	case errors.Is(err, recovery.ErrNotFound):
		p.tellEnd(letter, Dropped, p.Now())
		p.logOf(letter).WarnContext(ctx, "letter dropped: a row that it needs is gone", "error", err)
		return result{letter: letter, contact: skipped}
	case err != nil:
		p.logOf(letter).ErrorContext(ctx, "a letter could not be begun; it is tried again when its claim runs out", "error", err)
		return result{letter: letter, contact: noContact}
	}
	message, err := p.Writer.Write(content)
	if err != nil {
		p.logOf(letter).ErrorContext(ctx, "a letter could not be written", "error", err)
		p.record(ctx, letter, content, err)
		return result{letter: letter, contact: skipped}
	}
	try, cancel := context.WithTimeout(ctx, tryLasts)
	defer cancel()
	err = p.Transport.Send(try, message)
	verdict := p.record(ctx, letter, content, err)
	return result{letter, verdict.contact(), verdict.Answer, err}
}

// begin checks once more that the letter may go, and commits the new expiry before anything leaves. It drops a letter
// that may not go, and says why.
func (p *Postman) begin(ctx context.Context, letter Letter) (content Content, err error) {
	ctx, cancel := context.WithTimeout(ctx, claimLasts)
	defer cancel()
	now := p.Now()
	var dropped error
	err = p.Store.InTx(ctx, func(tx Store) error {
		var err error
		content, err = p.prepare(ctx, tx, letter, now)
		if dropped = nil; errors.Is(err, errNoLongerHolds) || errors.Is(err, recovery.ErrNotFound) {
			dropped = err
			return tx.Finish(ctx, p.claim, letter.ID, Dropped, "", now)
		}
		if err != nil {
			return err
		}
		begun, err := tx.BeginTry(ctx, p.claim, letter.ID, now)
		if err == nil && !begun {
			return errTakenOver
		}
		return err
	})
	if err == nil {
		err = dropped
	}
	if err != nil {
		return Content{}, fmt.Errorf("begin: %w", err)
	}
	return content, nil
}

// prepare gathers what the letter says. Its errors are errNoLongerHolds and recovery.ErrNotFound when the letter is to
// be dropped, or the database's.
func (p *Postman) prepare(ctx context.Context, tx Store, letter Letter, now time.Time) (Content, error) {
	content := Content{LetterID: letter.ID, Kind: letter.Kind, Language: letter.Language, At: now, ChangedAt: letter.CreatedAt}
	m, err := tx.Member(ctx, letter.MemberID)
	if err != nil {
		return content, fmt.Errorf("read the member: %w", err)
	}
	content.To = m.MailAddress
	switch letter.Kind {
	case recovery.TemporaryPasswordLetter:
		err := p.prepareTemporaryPassword(ctx, tx, letter, m, &content)
		return content, err
	case recovery.FormerAddressNotice:
		content.To = letter.FormerAddress
	}
	content.Disavowal = p.Keys.DisavowalToken(m.ID, letter.PasswordVersion, letter.CreatedAt)
	return content, nil
}

// prepareTemporaryPassword renews the expiry and derives what the letter carries. The letter no longer holds when the
// member is not active, or the temporary password lives no more. If that one ran out or was swept while the letter
// waited, the ask goes back to the resolver, so that it still gets its letter; an ask older than a day stays as it is.
func (p *Postman) prepareTemporaryPassword(ctx context.Context, tx Store, letter Letter, m member.Member, content *Content) error {
	issuance, err := tx.Issuance(ctx, letter.IssuanceID)
	if errors.Is(err, recovery.ErrNotFound) {
		return cmp.Or(tx.Reopen(ctx, letter.AskID, content.At), fmt.Errorf("read the issuance: %w", err))
	}
	if err != nil {
		return err
	}
	ended := m.Status != member.Active || issuance.UsedAt != nil || issuance.PasswordVersion != m.PasswordVersion
	if ended && (m.Status != member.Active || m.VoidedAt == nil) {
		return errNoLongerHolds
	}
	if ended || !issuance.Lives(m.PasswordVersion, content.At) || !p.Keys.Knows(issuance.KeyName) {
		return cmp.Or(tx.Reopen(ctx, letter.AskID, content.At), errNoLongerHolds)
	}
	kept, err := tx.KeepRecovery(ctx, letter.RecoveryID, content.At.Add(recovery.Waits))
	if err != nil {
		return err
	}
	if !kept {
		return cmp.Or(tx.Reopen(ctx, letter.AskID, content.At), fmt.Errorf("keep the letter's recovery: %w", recovery.ErrNotFound))
	}
	content.ExpiresAt = issuance.ExpiryIfMailed(content.At, p.Lifetime)
	renewed, err := tx.SetExpiry(ctx, issuance.ID, content.ExpiresAt)
	if err != nil {
		return err
	}
	if !renewed {
		return errNoLongerHolds
	}
	content.TemporaryPassword = p.Keys.TemporaryPassword(issuance.KeyName, m.ID, issuance.ID)
	content.RecoveryID, content.AskedAt, content.Receipt = letter.RecoveryID, letter.AskedAt, letter.Receipt
	return nil
}

// record writes down what the mail server said.
func (p *Postman) record(ctx context.Context, letter Letter, content Content, sendErr error) Verdict {
	now := p.Now()
	verdict := judge(letter, sendErr, now)
	err := p.insist(ctx, func(ctx context.Context, tx Store) error {
		switch {
		case verdict.Unreached:
			return tx.UndoTry(ctx, p.claim, letter, verdict)
		case letter.IssuanceID != "" && (verdict.State == Accepted || verdict.Lost):
			if err := tx.MarkMailed(ctx, letter.IssuanceID, content.At); err != nil {
				return err
			}
		}
		if verdict.State != Waiting {
			return tx.Finish(ctx, p.claim, letter.ID, verdict.State, verdict.Answer, now)
		}
		return tx.Postpone(ctx, p.claim, letter.ID, verdict)
	})
	switch {
	case err != nil:
		p.logOf(letter).ErrorContext(ctx, "a letter's end could not be recorded; it may go out again", "error", err)
	case verdict.Unreached: // the outage is logged, and not each of its probes
	case verdict.State == Accepted:
		p.logOf(letter).InfoContext(ctx, "letter accepted", "tries", letter.Tries+1)
	case verdict.State == Failed:
		p.logOf(letter).ErrorContext(ctx, "letter failed", "answer", verdict.Answer, "error", sendErr)
	default:
		p.logOf(letter).WarnContext(ctx, "letter not accepted yet", "answer", verdict.Answer, "error", sendErr)
	}
	if p.OnAnswer != nil {
		p.OnAnswer(verdict.code())
	}
	if err == nil && verdict.State != Waiting {
		p.tellEnd(letter, verdict.State, now)
	}
	return verdict
}

// logOf names the letter in each line about it: by its id, and by its Message-ID, which the mail server's log has.
func (p *Postman) logOf(letter Letter) *slog.Logger {
	return p.Log.With("letter", letter.ID, "message_id", p.Writer.MessageID(letter.ID), "kind", letter.Kind)
}

func (p *Postman) tellEnd(letter Letter, state State, now time.Time) {
	if p.OnEnded != nil {
		p.OnEnded(letter.Kind, state, max(0, now.Sub(letter.DueSince)))
	}
}

// insist repeats a transaction that recognises its own deed until it is committed: an end that is not written down sends
// the letter twice. It goes on for recordFor, and for recordsWithin after ctx has ended.
func (p *Postman) insist(ctx context.Context, do func(context.Context, Store) error) error {
	insisting, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordFor)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(recordsWithin, cancel) })()
	for {
		call, end := context.WithTimeout(insisting, callLasts)
		err := p.Store.InTx(call, func(tx Store) error { return do(call, tx) })
		end()
		if err == nil {
			return nil
		}
		select {
		case <-insisting.Done():
			return err
		case <-time.After(pollEvery):
		}
	}
}
