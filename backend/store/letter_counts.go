package store

import (
	"context"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// LetterCounts counts the members' temporary-password letters for the limits. It locks the waiting ones.
func (s *Recoveries) LetterCounts(ctx context.Context, ids []member.ID, now time.Time, when recovery.WhenLocked) (map[member.ID]recovery.LetterCount, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	// The limits are about the last 24 hours, but a letter that the mail server refuses can wait for a day and a half
	// before its last try. A waiting letter counts even if it is older than this, because all servers were stopped: the
	// database would refuse a second waiting letter.
	since := now.Add(-48 * time.Hour)
	var rows, waiting []letterRow
	columns := []string{"member_id", "state", "created_at", "due_at", "begun_at", "remail"}
	err := s.read.WithContext(ctx).Select(columns).
		Where("member_id IN ? AND created_at > ? AND kind = ?", ids, since, string(recovery.TemporaryPasswordLetter)).Find(&rows).Error
	if err == nil {
		err = s.lockingNoWait(when).WithContext(ctx).Select(columns).Where("due_member_id IN ?", ids).Find(&waiting).Error
	}
	for _, row := range waiting {
		if !row.CreatedAt.After(since) {
			rows = append(rows, row)
		}
	}
	counts := make(map[member.ID]recovery.LetterCount, len(ids))
	for _, row := range rows {
		count := counts[member.ID(row.MemberID)]
		row.countIn(&count, now)
		counts[member.ID(row.MemberID)] = count
	}
	return counts, err
}

// countIn adds a letter to the count of its member.
func (r letterRow) countIn(count *recovery.LetterCount, now time.Time) {
	if r.State == string(mail.Waiting) {
		count.Due = true
	}
	if r.State == string(mail.Dropped) && r.BegunAt == nil {
		return // it was never sent
	}
	// The latest try counts, not the due time, which may be that of the next try. If begun_at is far ahead of now, the
	// clock of this machine has stepped back since, and the letter delays no other.
	if r.BegunAt != nil && r.BegunAt.Before(now.Add(recovery.LetterInterval)) && r.BegunAt.After(count.Last) {
		count.Last = *r.BegunAt
	}
	if r.Remail && r.CreatedAt.After(now.Add(-24*time.Hour)) {
		count.RemailsADay++
		if r.CreatedAt.After(now.Add(-time.Hour)) {
			count.RemailsAnHour++
		}
	}
}
