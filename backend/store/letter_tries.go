package store

import (
	"context"
	"time"

	"aikagi/backend/mail"
)

// BeginTries counts a try of each letter. It returns how many letters it has changed.
func (s *Letters) BeginTries(ctx context.Context, claim string, ids []string, now time.Time) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	rows, err := s.exec(ctx, `UPDATE letters SET tries = tries + 1, begun_at = ? WHERE id IN ? AND claimed_by = ? AND state = ?`,
		now, ids, claim, string(mail.Waiting))
	return int(rows), err
}

// Finish ends letters. It deletes the former address, which is kept only while its letter is due.
func (s *Letters) Finish(ctx context.Context, claim string, ids []string, state mail.State, answer string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.exec(ctx, `UPDATE letters SET state = ?, answer = ?, ended_at = ?, due_member_id = NULL, former_address = '', claimed_by = ''
		WHERE id IN ? AND claimed_by = ? AND state = ?`, string(state), answer, now, ids, claim, string(mail.Waiting))
	return err
}

// Postpone sets when letters are due for their next tries, and adds lost answers and final refusals to their counts.
func (s *Letters) Postpone(ctx context.Context, claim string, tries []mail.Try) error {
	due, answers, answered, lost, final := newByID(tries), newByID(tries), newByID(tries), newByID(tries), newByID(tries)
	for _, try := range tries {
		id, v := try.Letter.ID, try.Verdict
		due.set(id, v.DueAt)
		answers.set(id, v.Answer)
		answered.set(id, v.AnsweredAt)
		lost.set(id, boolToInt(v.Lost))
		final.set(id, boolToInt(v.Final))
	}
	return s.changeTried(ctx, claim, tries, `due_at = `+due.sql+`, answer = `+answers.sql+`, answered_at = COALESCE(answered_at, `+answered.sql+`),
		lost_tries = lost_tries + `+lost.sql+`, final_refusals = final_refusals + `+final.sql, due, answers, answered, lost, final)
}

// UndoTries undoes BeginTries, and sets the answers and when the letters are due.
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

// changeTried changes letters that were tried and still wait, and ends their claims. It drops letters that were given up
// while they were being sent.
func (s *Letters) changeTried(ctx context.Context, claim string, tries []mail.Try, set string, each ...*byID) error {
	if len(tries) == 0 {
		return nil
	}
	ids := make([]string, len(tries))
	for i, try := range tries {
		ids[i] = try.Letter.ID
	}
	_, err := s.exec(ctx, `UPDATE letters SET `+set+`, state = CASE WHEN ended_at IS NULL THEN state ELSE ? END, claimed_by = '', claimed_until = ?
		WHERE id IN ? AND claimed_by = ? AND state = ?`,
		append(valuesOf(each...), string(mail.Dropped), longAgo, ids, claim, string(mail.Waiting))...)
	return err
}
