package mail

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Tries of one letter.
const (
	// firstWait is what a letter waits after its first refused try; each wait is twice the last, up to LongestWait.
	firstWait = 5 * time.Second
	// LongestWait is also the furthest ahead that any letter is due.
	LongestWait = 10 * time.Minute
	// triedFor is how long a refused letter is tried.
	triedFor = 24 * time.Hour
	// recordFor is how long the end of a try is tried to be recorded, for a database that does not answer.
	recordFor = 30 * time.Second
	// maxLostTries is one try and two more: each may have reached the member.
	maxLostTries = 3
)

// What a letter's answer says when no mail server said it.
const (
	answerAccepted    = "250"
	answerLost        = "lost"
	answerUnreachable = "unreachable"
)

// errDropped says that the letter may not go: what it tells no longer holds, or another Postman has it.
var errDropped = errors.New("the letter may not go")

// deliver makes one try at a letter and records what came of it.
func (p *Postman) deliver(ctx context.Context, letter Letter) {
	content, err := p.begin(ctx, letter)
	if errors.Is(err, errDropped) {
		return
	}
	if err != nil {
		p.Log.ErrorContext(ctx, "a letter could not be begun; it is tried again when its claim runs out", "letter", letter.ID, "error", err)
		return
	}
	message, err := p.Writer.Write(content)
	if err != nil {
		p.Log.ErrorContext(ctx, "a letter could not be written", "letter", letter.ID, "kind", letter.Kind, "error", err)
		p.record(ctx, letter, content, err)
		return
	}
	try, cancel := context.WithTimeout(ctx, tryLasts)
	defer cancel()
	p.record(ctx, letter, content, p.Transport.Send(try, message))
}

// begin checks once more that the letter may go, and commits the new expiry before anything leaves.
func (p *Postman) begin(ctx context.Context, letter Letter) (Content, error) {
	ctx, cancel := context.WithTimeout(ctx, claimLasts)
	defer cancel()
	now := p.Now()
	var content Content
	var dropped bool
	err := p.Store.InTx(ctx, func(tx Store) error {
		dropped = false
		content = Content{LetterID: letter.ID, Kind: letter.Kind, Language: letter.Language, At: now, ChangedAt: letter.CreatedAt}
		m, err := tx.Member(ctx, letter.MemberID)
		if err != nil {
			return err
		}
		content.To = m.MailAddress
		if letter.Kind == recovery.FormerAddressNotice {
			content.To = letter.FormerAddress
		}
		if letter.Kind == recovery.TemporaryPasswordLetter {
			dropped, err = p.prepareTemporaryPassword(ctx, tx, letter, m, &content)
			if err != nil {
				return err
			}
		} else {
			content.Disavowal = p.Keys.DisavowalToken(m.ID, letter.PasswordVersion, letter.CreatedAt)
		}
		if dropped {
			return tx.Finish(ctx, p.claim, letter.ID, Dropped, "", now)
		}
		begun, err := tx.BeginTry(ctx, p.claim, letter.ID, now)
		if err == nil && !begun {
			return errDropped
		}
		return err
	})
	if err != nil {
		return Content{}, fmt.Errorf("begin: %w", err)
	}
	if dropped {
		return Content{}, errDropped
	}
	return content, nil
}

// prepareTemporaryPassword renews the expiry and derives what the letter carries. It says true when the letter
// is to be dropped: the member is no longer active, or the temporary password lives no more. One that ran out
// while the letter waited leads its ask back to the resolver, so that the ask still gets its letter.
func (p *Postman) prepareTemporaryPassword(ctx context.Context, tx Store, letter Letter, m member.Member, content *Content) (bool, error) {
	issuance, err := tx.Issuance(ctx, letter.IssuanceID)
	if err != nil {
		return false, err
	}
	ended := m.Status != member.Active || issuance.UsedAt != nil || issuance.PasswordVersion != m.PasswordVersion
	if ended && (m.Status != member.Active || m.VoidedAt == nil) {
		return true, nil
	}
	if ended || !issuance.Lives(m.PasswordVersion, content.At) || !p.Keys.Knows(issuance.KeyName) {
		return true, tx.Reopen(ctx, letter.AskID, content.At)
	}
	content.ExpiresAt = issuance.ExpiryIfMailed(content.At, p.Lifetime)
	renewed, err := tx.SetExpiry(ctx, issuance.ID, content.ExpiresAt)
	if err != nil || !renewed {
		return !renewed, err
	}
	content.TemporaryPassword = p.Keys.TemporaryPassword(issuance.KeyName, m.ID, issuance.ID)
	content.RecoveryID, content.Receipt = letter.RecoveryID, letter.Receipt
	return false, tx.KeepRecovery(ctx, letter.RecoveryID, content.At.Add(recovery.Waits))
}

// record writes down what the mail server said.
func (p *Postman) record(ctx context.Context, letter Letter, content Content, sendErr error) {
	now := p.Now()
	state, answer := p.judge(letter, sendErr, now)
	lost := answer == answerLost
	err := p.insist(ctx, func(ctx context.Context, tx Store) error {
		if letter.IssuanceID != "" && (sendErr == nil || lost) {
			if err := tx.MarkMailed(ctx, letter.IssuanceID, content.At); err != nil {
				return err
			}
		}
		if state != Waiting {
			return tx.Finish(ctx, p.claim, letter.ID, state, answer, now)
		}
		return tx.Postpone(ctx, p.claim, letter.ID, now.Add(backoff(letter.Tries)), answer, lost)
	})
	if err != nil {
		p.Log.ErrorContext(ctx, "a letter's end could not be recorded; it may go out again", "letter", letter.ID, "error", err)
		return
	}
	switch {
	case state == Accepted:
		p.Log.InfoContext(ctx, "letter accepted", "letter", letter.ID, "kind", letter.Kind, "tries", letter.Tries+1)
	case state == Failed:
		p.Log.ErrorContext(ctx, "letter failed", "letter", letter.ID, "kind", letter.Kind, "answer", answer, "error", sendErr)
	default:
		p.Log.WarnContext(ctx, "letter not accepted yet", "letter", letter.ID, "kind", letter.Kind, "answer", answer, "error", sendErr)
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

// judge turns the end of a try into the letter's next state and the codes to keep.
func (p *Postman) judge(letter Letter, sendErr error, now time.Time) (State, string) {
	var refused *RefusedError
	var lost *LostError
	state, answer := Waiting, answerUnreachable
	switch {
	case sendErr == nil:
		return Accepted, answerAccepted
	case errors.As(sendErr, &lost):
		answer = answerLost
		if letter.LostTries+1 >= maxLostTries {
			state = Failed
		}
	case errors.As(sendErr, &refused):
		answer = strings.TrimSpace(strconv.Itoa(refused.Code) + " " + refused.Enhanced)
	}
	if now.Sub(letter.CreatedAt) >= triedFor {
		state = Failed
	}
	return state, answer
}

// backoff is how long a letter waits after a try that came to nothing, spread so that a mail server which comes
// back is not met by all letters at once.
func backoff(triesBefore int) time.Duration {
	wait := LongestWait
	if triesBefore < 7 { // 5 s doubled seven times is past ten minutes
		wait = min(wait, firstWait<<triesBefore)
	}
	return wait/2 + rand.N(wait/2) //nolint:gosec // spreads load, keeps no secret
}
