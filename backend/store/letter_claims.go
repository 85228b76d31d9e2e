package store

import (
	"cmp"
	"context"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// ClaimDue claims due letters. It has a query for each priority. So each query reads one range of the index letters_due,
// and does not become slower when many letters of another priority wait.
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
			held, err := s.NoticesPaused(ctx)
			if failed = err; err != nil {
				break
			}
			if held {
				where, values = where+" AND kind <> ?", append(values, string(recovery.PasswordVoidedNotice))
			}
		}
		rows, err := claimRows[letterRow](ctx, s.queries, claim, until, where, values, "due_at", limit-len(found))
		for _, row := range rows {
			found = append(found, row.letter())
		}
		failed = err
	}
	if err := s.addAskTimes(ctx, found); err != nil {
		found, failed = nil, cmp.Or(failed, err) // the letters are claimed again when these claims expire
	}
	if failed != nil {
		s.leaveHost(failed)
	}
	return found, failed
}

// addAskTimes sets AskedAt of all letters: the time of the ask that the letter answers. If the row of the ask is deleted,
// it takes the creation time of the letter, because the resolver makes a letter moments after the ask.
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

// RenewClaims renews claims. It skips rows that another transaction has locked, so that they do not delay the others.
func (s *Letters) RenewClaims(ctx context.Context, claim string, ids []string, until time.Time) error {
	return s.changeUnlockedLetters(ctx, ids, `UPDATE letters SET claimed_until = ?`, []any{until},
		"claimed_by = ? AND state = ?", []any{claim, string(mail.Waiting)})
}

// ReleaseClaims ends claims. It skips rows that another transaction has locked; their claims expire.
func (s *Letters) ReleaseClaims(ctx context.Context, claim string, ids []string) error {
	return s.changeUnlockedLetters(ctx, ids, `UPDATE letters SET claimed_by = '', claimed_until = ?`, []any{longAgo},
		"claimed_by = ?", []any{claim})
}

// changeUnlockedLetters does what [changeUnlocked] does, for letters that are known by their ids.
func (s *Letters) changeUnlockedLetters(ctx context.Context, ids []string, statement string, values []any, where string, matching []any) error {
	var rows []letterRow
	err := s.read.WithContext(ctx).Select("seq").Where("id IN ?", ids).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	_, err = changeUnlocked(ctx, s.queries, rows, statement, values, where, matching)
	return err
}

// LockClaimed locks and returns the waiting letters that the claim holds. A waiting letter with an ended_at is given up: see
// giveUpNotices.
func (s *Letters) LockClaimed(ctx context.Context, claim string, ids []string, when recovery.WhenLocked) (held []mail.Claimed, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []letterRow
	err = s.locking(when).WithContext(ctx).Select("id", "ended_at").
		Where("id IN ? AND claimed_by = ? AND state = ?", ids, claim, string(mail.Waiting)).Find(&rows).Error
	for _, row := range rows {
		held = append(held, mail.Claimed{ID: row.ID, GivenUp: row.EndedAt != nil})
	}
	return held, err
}
