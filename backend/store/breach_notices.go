package store

import (
	"context"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// ofBreach chooses letters in one state that are notices of a breach.
const ofBreach = `state = ? AND priority = ? AND kind = ? AND due_at >= ?`

func noticesOf(b breach.Breach, state mail.State) []any {
	return []any{string(state), int(mail.Notices), string(recovery.PasswordVoidedNotice), b.BegunAt}
}

// giveUpNotices drops the waiting notices of a breach. A notice that is being sent stays in the state waiting and only
// gets an ended_at: see [mail.Claimed].
//
// A notice is being sent if it has a claim that has not expired, and its latest try began at due_at or later. If begun_at
// is before due_at, that try has ended, because the end of a failed try sets a later due_at. Then the notice is only
// claimed.
func (q queries) giveUpNotices(ctx context.Context, b breach.Breach, now time.Time) error {
	waiting := noticesOf(b, mail.Waiting)
	if _, err := q.exec(ctx, `UPDATE letters SET ended_at = ? WHERE `+ofBreach, append([]any{now}, waiting...)...); err != nil {
		return err
	}
	_, err := q.exec(ctx, `UPDATE letters SET state = ?, claimed_by = '' WHERE `+ofBreach+`
		AND (begun_at IS NULL OR begun_at < due_at OR claimed_by = '' OR claimed_until <= ?)`,
		append(append([]any{string(mail.Dropped)}, waiting...), now)...)
	return err
}

// takeUpNotices undoes giveUpNotices for the notices that were not sent.
func (q queries) takeUpNotices(ctx context.Context, b breach.Breach) error {
	_, err := q.exec(ctx, `UPDATE letters SET ended_at = NULL WHERE `+ofBreach, noticesOf(b, mail.Waiting)...)
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, `UPDATE letters SET state = ?, ended_at = NULL, claimed_by = '', claimed_until = ? WHERE `+ofBreach+` AND ended_at >= ?`,
		append(append([]any{string(mail.Waiting), longAgo}, noticesOf(b, mail.Dropped)...), *b.EndedAt)...)
	return err
}

// NoticesPaused implements mail.Store. It returns true while a breach is paused: then the notices of voided passwords wait.
func (s *Letters) NoticesPaused(ctx context.Context) (bool, error) {
	var held []int64
	err := s.read.WithContext(ctx).Table("breaches").Where("running = 1 AND paused = ?", true).Limit(1).Pluck("id", &held).Error
	return len(held) > 0, err
}

// Mailed counts the notices of a breach by their state.
func (s *Breaches) Mailed(ctx context.Context, b breach.Breach) (map[mail.State]int64, error) {
	counts := make(map[mail.State]int64)
	for _, state := range append(mail.Ends(), mail.Waiting) {
		var count int64
		err := s.read.WithContext(ctx).Table("letters").Where("state = ? AND priority = ? AND due_at >= ? AND kind = ?",
			string(state), int(mail.Notices), b.BegunAt, string(recovery.PasswordVoidedNotice)).Count(&count).Error
		if err != nil {
			return nil, err
		}
		counts[state] = count
	}
	return counts, nil
}
