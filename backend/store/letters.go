package store

import (
	"context"
	"errors"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// Letters answers mail.Store.
type Letters struct{ queries }

var _ mail.Store = (*Letters)(nil)

// InTx answers mail.Store.
func (s *Letters) InTx(ctx context.Context, do func(mail.Store) error) error {
	return s.transact(ctx, func(tx queries) error { return do(&Letters{tx}) })
}

// AddLetter answers recovery.Store and login.Store. The unique due_member_id refuses a second due letter.
func (q queries) AddLetter(ctx context.Context, l recovery.DueLetter) error {
	row := rowOfLetter(l)
	return add(ctx, q, &row)
}

// ClaimDue answers mail.Store. It asks for each priority apart: a range of the index letters_due, however many letters
// of the other priorities wait.
func (s *Letters) ClaimDue(ctx context.Context, claim string, now, until time.Time, limit int, of ...mail.Priority) ([]mail.Letter, error) {
	if len(of) == 0 {
		of = mail.Priorities()
	}
	var found []mail.Letter
	var failed error
	for _, priority := range of {
		if len(found) == limit || failed != nil {
			break
		}
		where, values := "state = ? AND priority = ? AND due_at <= ? AND claimed_until <= ?", []any{string(mail.Waiting), int(priority), now, now}
		if priority == mail.Notices {
			held, err := s.HoldsNotices(ctx)
			if failed = err; err != nil {
				break
			}
			if held {
				where, values = where+" AND kind <> ?", append(values, string(recovery.PasswordVoidedNotice))
			}
		}
		rows, err := claimRows[letterRow](ctx, s.queries, "letters", claim, until, where, values, "due_at", limit-len(found))
		for _, row := range rows {
			found = append(found, row.letter())
		}
		failed = err
	}
	if err := s.addAskTimes(ctx, found); err != nil {
		found, failed = nil, errors.Join(failed, err) // the letters are claimed again when these claims run out
	}
	if failed != nil {
		s.leave(failed)
	}
	return found, failed
}

// addAskTimes reads when the asks were made that the letters answer, for all letters at once. For an ask that is gone,
// the letter's own time takes its place: the resolver made the letter moments after the ask.
func (s *Letters) addAskTimes(ctx context.Context, letters []mail.Letter) error {
	var ids []string
	for _, letter := range letters {
		if letter.AskID != "" {
			ids = append(ids, string(letter.AskID))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		ID      string
		AskedAt time.Time
	}
	if err := s.read.WithContext(ctx).Table("recoveries").Select("id", "asked_at").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return err
	}
	askedAt := make(map[recovery.ID]time.Time, len(rows))
	for _, row := range rows {
		askedAt[recovery.ID(row.ID)] = row.AskedAt
	}
	for i, letter := range letters {
		letters[i].AskedAt = letter.CreatedAt
		if at, known := askedAt[letter.AskID]; known {
			letters[i].AskedAt = at
		}
	}
	return nil
}

// RenewClaims answers mail.Store. A row that another transaction has locked keeps no other claim from being renewed.
func (s *Letters) RenewClaims(ctx context.Context, claim string, ids []string, until time.Time) error {
	_, err := changeFree(ctx, s.queries, lettersNamed(ids), `UPDATE letters SET claimed_until = ?`, []any{until},
		"claimed_by = ? AND state = ?", []any{claim, string(mail.Waiting)})
	return err
}

// GiveBack answers mail.Store. A row that another transaction has locked is free when its claim runs out.
func (s *Letters) GiveBack(ctx context.Context, claim string, ids []string) error {
	_, err := changeFree(ctx, s.queries, lettersNamed(ids), `UPDATE letters SET claimed_by = '', claimed_until = ?`, []any{longAgo},
		"claimed_by = ?", []any{claim})
	return err
}

func lettersNamed(ids []string) []letterRow {
	rows := make([]letterRow, len(ids))
	for i, id := range ids {
		rows[i].ID = id
	}
	return rows
}

// BeginTry answers mail.Store.
func (s *Letters) BeginTry(ctx context.Context, claim, id string, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE letters SET tries = tries + 1, begun_at = ? WHERE id = ? AND claimed_by = ? AND state = ?`,
		now, id, claim, string(mail.Waiting))
}

// UndoTry answers mail.Store.
func (s *Letters) UndoTry(ctx context.Context, claim string, before mail.Letter, v mail.Verdict) error {
	_, err := s.exec(ctx, `UPDATE letters SET tries = ?, begun_at = ?, answer = ?, due_at = ?, claimed_by = '', claimed_until = ?
		WHERE id = ? AND claimed_by = ? AND state = ?`,
		before.Tries, before.BegunAt, v.Answer, v.DueAt, longAgo, before.ID, claim, string(mail.Waiting))
	return err
}

// KeepRecovery answers mail.Store.
func (s *Letters) KeepRecovery(ctx context.Context, id recovery.ID, until time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE recoveries SET gone_at = ? WHERE id = ?`, until, string(id))
}

// Reopen answers mail.Store.
func (s *Letters) Reopen(ctx context.Context, askID recovery.ID, now time.Time) error {
	_, err := s.exec(ctx, `UPDATE recoveries SET unresolved_since = COALESCE(unresolved_since, ?), claimed_by = '', claimed_until = ?
		WHERE id = ? AND gone_at > ?`, now, longAgo, string(askID), now)
	return err
}

// Finish answers mail.Store. A former address is kept no longer than its letter is due.
func (s *Letters) Finish(ctx context.Context, claim, id string, state mail.State, answer string, now time.Time) error {
	_, err := s.exec(ctx, `UPDATE letters SET state = ?, answer = ?, ended_at = ?, due_member_id = NULL, former_address = '', claimed_by = ''
		WHERE id = ? AND claimed_by = ? AND state = ?`, string(state), answer, now, id, claim, string(mail.Waiting))
	return err
}

// Postpone answers mail.Store.
func (s *Letters) Postpone(ctx context.Context, claim, id string, v mail.Verdict) error {
	_, err := s.exec(ctx, `UPDATE letters SET due_at = ?, answer = ?, answered_at = COALESCE(answered_at, ?),
		lost_tries = lost_tries + ?, final_refusals = final_refusals + ?, claimed_by = '', claimed_until = ?
		WHERE id = ? AND claimed_by = ? AND state = ?`,
		v.DueAt, v.Answer, v.AnsweredAt, oneIf(v.Lost), oneIf(v.Final), longAgo, id, claim, string(mail.Waiting))
	return err
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
