package store

import (
	"context"
	"slices"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// retryAtOnce bounds how many failed letters one statement makes due again.
const retryAtOnce = 500

// RetryLetter makes a failed letter due again and starts its day anew. What it tells is checked again before it goes.
// It says false when there is no such letter, when another temporary-password letter is due to the same member, or when
// the letter went to a former address, which is kept no longer.
func (s *Members) RetryLetter(ctx context.Context, id string, now time.Time) (bool, error) {
	due, err := s.retry(ctx, []string{id}, now)
	if isDuplicate(err) {
		return false, nil
	}
	return due == 1, err
}

// retry makes failed letters due again as if they had never been tried. A notice keeps the time that it was made, for
// that is what it tells; a temporary-password letter counts anew for the limits.
func (s *Members) retry(ctx context.Context, ids []string, now time.Time) (due int64, err error) {
	const kind = string(recovery.TemporaryPasswordLetter)
	return s.exec(ctx, `UPDATE letters SET state = ?, due_at = ?, ended_at = NULL, answered_at = NULL,
		answer = '', tries = 0, lost_tries = 0, final_refusals = 0, claimed_by = '', claimed_until = ?,
		created_at = CASE WHEN kind = ? THEN ? ELSE created_at END,
		due_member_id = CASE WHEN kind = ? THEN member_id END WHERE id IN ? AND state = ? AND kind <> ?`,
		string(mail.Waiting), now, longAgo, kind, now, kind, ids, string(mail.Failed), string(recovery.FormerAddressNotice))
}

// Retried counts failed letters: those that are due again, and those that stay failed for one of RetryLetter's reasons.
type Retried struct{ Due, Left int }

// RetryFailed makes all letters due again that have failed since a time, in chunks. After each chunk it tells how many
// they are so far. Of several letters with a temporary password to one member it takes the newest.
func (s *Members) RetryFailed(ctx context.Context, since, now time.Time, tell func(Retried)) (total Retried, err error) {
	for _, priority := range mail.Priorities() {
		before := failedLetter{DueAt: now.AddDate(100, 0, 0)} // a clock that was ahead may have written any
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
			total.Left += len(chunk) - due
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

// failedSince reads the next chunk of one priority, newest first. It goes along the index letters_due, so that no chunk
// reads again what an earlier one passed over.
func (s *Members) failedSince(ctx context.Context, of mail.Priority, since time.Time, before failedLetter) (chunk []failedLetter, err error) {
	err = s.read.WithContext(ctx).Table("letters").Select("id", "kind", "member_id", "due_at").
		Where("state = ? AND priority = ? AND due_at <= ? AND (due_at < ? OR id < ?) AND ended_at >= ?",
			string(mail.Failed), int(of), before.DueAt, before.DueAt, before.ID, since).
		Order("due_at DESC, id DESC").Limit(retryAtOnce).Find(&chunk).Error
	return chunk, err
}

// retryChunk leaves out what the unique due_member_id would refuse, and tries one by one when something became due
// meanwhile.
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
	rows, err := s.retry(ctx, ids, now)
	if !isDuplicate(err) {
		return int(rows), err
	}
	for _, id := range ids {
		again, err := s.RetryLetter(ctx, id, now)
		if err != nil {
			return due, err
		}
		due += oneIf(again)
	}
	return due, nil
}
