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
	return s.changeFreeLetters(ctx, ids, `UPDATE letters SET claimed_until = ?`, []any{until},
		"claimed_by = ? AND state = ?", []any{claim, string(mail.Waiting)})
}

// ReleaseClaims answers mail.Store. A row that another transaction has locked is free when its claim runs out.
func (s *Letters) ReleaseClaims(ctx context.Context, claim string, ids []string) error {
	return s.changeFreeLetters(ctx, ids, `UPDATE letters SET claimed_by = '', claimed_until = ?`, []any{longAgo},
		"claimed_by = ?", []any{claim})
}

// changeFreeLetters is [changeFree] for letters that are known by their ids.
func (s *Letters) changeFreeLetters(ctx context.Context, ids []string, statement string, values []any, where string, matching []any) error {
	var rows []letterRow
	err := s.read.WithContext(ctx).Select("seq").Where("id IN ?", ids).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	_, err = changeFree(ctx, s.queries, rows, statement, values, where, matching)
	return err
}

// LockOwnRecoveries answers mail.Store.
func (s *Letters) LockOwnRecoveries(ctx context.Context, ids []recovery.ID, when recovery.WhenLocked) (there []recovery.ID, err error) {
	if len(ids) > 0 {
		err = s.lockingAll(when).WithContext(ctx).Table("recoveries").Where("id IN ?", ids).Pluck("id", &there).Error
	}
	return there, err
}

// LockClaimed answers mail.Store.
func (s *Letters) LockClaimed(ctx context.Context, claim string, ids []string, when recovery.WhenLocked) (held []string, err error) {
	if len(ids) > 0 {
		err = s.locking(when).WithContext(ctx).Table("letters").
			Where("id IN ? AND claimed_by = ? AND state = ?", ids, claim, string(mail.Waiting)).Pluck("id", &held).Error
	}
	return held, err
}

// ExtendOwnRecoveries answers mail.Store.
func (s *Letters) ExtendOwnRecoveries(ctx context.Context, ids []recovery.ID, until time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `UPDATE recoveries SET gone_at = ? WHERE id IN ?`, until, ids)
	return err
}

// Reopen answers mail.Store.
func (s *Letters) Reopen(ctx context.Context, asks []recovery.ID, now time.Time) error {
	if len(asks) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `UPDATE recoveries SET unresolved_since = COALESCE(unresolved_since, ?), claimed_by = '', claimed_until = ?
		WHERE id IN ? AND gone_at > ?`, now, longAgo, asks, now)
	return err
}

// BeginTries answers mail.Store. It counts no try of a letter that was given up after it was claimed.
func (s *Letters) BeginTries(ctx context.Context, claim string, ids []string, now time.Time) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	rows, err := s.exec(ctx, `UPDATE letters SET tries = tries + 1, begun_at = ? WHERE id IN ? AND claimed_by = ? AND state = ? AND ended_at IS NULL`,
		now, ids, claim, string(mail.Waiting))
	return int(rows), err
}

// Finish answers mail.Store. A former address is kept no longer than its letter is due.
func (s *Letters) Finish(ctx context.Context, claim string, ids []string, state mail.State, answer string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `UPDATE letters SET state = ?, answer = ?, ended_at = ?, due_member_id = NULL, former_address = '', claimed_by = ''
		WHERE id IN ? AND claimed_by = ? AND state = ?`, string(state), answer, now, ids, claim, string(mail.Waiting))
	return err
}

// Postpone answers mail.Store.
func (s *Letters) Postpone(ctx context.Context, claim string, tries []mail.Try) error {
	due, answers, answered, lost, final := newByID(tries), newByID(tries), newByID(tries), newByID(tries), newByID(tries)
	for _, try := range tries {
		id, v := try.Letter.ID, try.Verdict
		due.set(id, v.DueAt)
		answers.set(id, v.Answer)
		answered.set(id, v.AnsweredAt)
		lost.set(id, oneIf(v.Lost))
		final.set(id, oneIf(v.Final))
	}
	return s.changeTried(ctx, claim, tries, `due_at = `+due.sql+`, answer = `+answers.sql+`, answered_at = COALESCE(answered_at, `+answered.sql+`),
		lost_tries = lost_tries + `+lost.sql+`, final_refusals = final_refusals + `+final.sql, due, answers, answered, lost, final)
}

// UndoTries answers mail.Store.
func (s *Letters) UndoTries(ctx context.Context, claim string, tries []mail.Try) error {
	counts, begun, answers, due := newByID(tries), newByID(tries), newByID(tries), newByID(tries)
	for _, try := range tries {
		before, v := try.Letter, try.Verdict
		counts.set(before.ID, before.Tries)
		begun.set(before.ID, before.BegunAt)
		answers.set(before.ID, v.Answer)
		due.set(before.ID, v.DueAt)
	}
	return s.changeTried(ctx, claim, tries, `tries = `+counts.sql+`, begun_at = `+begun.sql+`, answer = `+answers.sql+`, due_at = `+due.sql,
		counts, begun, answers, due)
}

// changeTried writes what becomes of tried letters that wait on, and gives up their claims. Those that were given up while
// they were being sent are dropped.
func (s *Letters) changeTried(ctx context.Context, claim string, tries []mail.Try, set string, each ...*byID) error {
	if len(tries) == 0 {
		return nil
	}
	var values []any
	for _, one := range each {
		values = append(values, one.values...)
	}
	ids := make([]string, len(tries))
	for i, try := range tries {
		ids[i] = try.Letter.ID
	}
	_, err := s.exec(ctx, `UPDATE letters SET `+set+`, state = CASE WHEN ended_at IS NULL THEN state ELSE ? END, claimed_by = '', claimed_until = ?
		WHERE id IN ? AND claimed_by = ? AND state = ?`,
		append(values, string(mail.Dropped), longAgo, ids, claim, string(mail.Waiting))...)
	return err
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
