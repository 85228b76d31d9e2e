package store

import (
	"context"
	"slices"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// retryChunkSize bounds how many failed letters one statement makes due again.
const retryChunkSize = 500

// RetryLetter makes a failed letter due again, for another day of tries. The Postman checks its content again. It
// returns false if there is no such letter, if another temporary-password letter waits for the same member, or if the
// letter went to a former address, which is not kept.
func (s *Members) RetryLetter(ctx context.Context, id string, now time.Time) (bool, error) {
	due, err := s.makeDue(ctx, []string{id}, now)
	if isDuplicate(err) {
		return false, nil
	}
	return due == 1, err
}

// makeDue makes failed letters due again as if they had never been tried. A notice keeps its creation time, which it
// states. A temporary-password letter gets a new one, so that it counts for the limits again.
func (s *Members) makeDue(ctx context.Context, ids []string, now time.Time) (due int64, err error) {
	const kind = string(recovery.TemporaryPasswordLetter)
	return s.exec(ctx, `UPDATE letters SET state = ?, due_at = ?, ended_at = NULL, answered_at = NULL,
		answer = '', tries = 0, lost_tries = 0, final_refusals = 0, claimed_by = '', claimed_until = ?,
		created_at = CASE WHEN kind = ? THEN ? ELSE created_at END,
		due_member_id = CASE WHEN kind = ? THEN member_id END WHERE id IN ? AND state = ? AND kind <> ?`,
		string(mail.Waiting), now, longAgo, kind, now, kind, ids, string(mail.Failed), string(recovery.FormerAddressNotice))
}

// Retried counts failed letters: those that are due again, and those that stay failed for one of the reasons of
// [Members.RetryLetter].
type Retried struct{ Due, Unchanged int }

// RetryFailed makes all letters due again that have failed since a time, in chunks. After each chunk it calls tell with
// the counts so far. If a member has several failed temporary-password letters, it takes the newest.
func (s *Members) RetryFailed(ctx context.Context, since, now time.Time, tell func(Retried)) (total Retried, err error) {
	for _, priority := range mail.Priorities() {
		before := failedLetter{DueAt: now.AddDate(100, 0, 0)} // later than any due time, even of a clock that was ahead
		for {
			chunk, err := s.failedSince(ctx, priority, since, before)
			if err != nil {
				return total, err
			}
			if len(chunk) == 0 {
				break
			}
			due, err := s.retryChunk(ctx, chunk, now)
			if err != nil {
				return total, err
			}
			total.Due += due
			total.Unchanged += len(chunk) - due
			tell(total)
			before = chunk[len(chunk)-1]
		}
	}
	return total, nil
}

type failedLetter struct {
	ID       string
	Kind     string
	MemberID int64
	DueAt    time.Time
}

// failedSince returns the next chunk of one priority, newest first. It follows the index letters_due, so that no chunk
// reads again what an earlier one has read.
func (s *Members) failedSince(ctx context.Context, of mail.Priority, since time.Time, before failedLetter) (chunk []failedLetter, err error) {
	err = s.read.WithContext(ctx).Table("letters").Select("id", "kind", "member_id", "due_at").
		Where("state = ? AND priority = ? AND due_at <= ? AND (due_at < ? OR id < ?) AND ended_at >= ?",
			string(mail.Failed), int(of), before.DueAt, before.DueAt, before.ID, since).
		Order("due_at DESC, id DESC").Limit(retryChunkSize).Find(&chunk).Error
	return chunk, err
}

// retryChunk leaves out letters that the unique index on due_member_id would refuse. If a letter became due meanwhile,
// it retries the letters one by one.
func (s *Members) retryChunk(ctx context.Context, chunk []failedLetter, now time.Time) (due int, err error) {
	members := make([]int64, len(chunk))
	for i, letter := range chunk {
		members[i] = letter.MemberID
	}
	var taken []int64
	err = s.read.WithContext(ctx).Table("letters").Where("due_member_id IN ?", members).Pluck("due_member_id", &taken).Error
	if err != nil {
		return 0, err
	}
	var ids []string
	for _, letter := range chunk {
		if letter.Kind == string(recovery.TemporaryPasswordLetter) {
			if slices.Contains(taken, letter.MemberID) {
				continue
			}
			taken = append(taken, letter.MemberID)
		}
		ids = append(ids, letter.ID)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	rows, err := s.makeDue(ctx, ids, now)
	if !isDuplicate(err) {
		return int(rows), err
	}
	for _, id := range ids {
		again, err := s.RetryLetter(ctx, id, now)
		if err != nil {
			return due, err
		}
		due += boolToInt(again)
	}
	return due, nil
}
