package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"aikagi/backend/breach"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Breaches implements [breach.Store], and the changes that the breach command makes.
type Breaches struct{ queries }

var _ breach.Store = (*Breaches)(nil)

// Latest implements [breach.Store].
func (s *Breaches) Latest(ctx context.Context) (breach.Breach, error) {
	row, err := s.latest(ctx, s.read)
	return row.breach(), err
}

func (q queries) latest(ctx context.Context, read *gorm.DB) (row breachRow, err error) {
	err = read.WithContext(ctx).Where("id = (SELECT MAX(id) FROM breaches)").Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = breach.ErrNone
	}
	return row, err
}

// lockBreach reads a breach and locks its row until the transaction ends. If several processes work on one breach, each
// waits here for the transaction of the other.
func (q queries) lockBreach(ctx context.Context, id int64) (breach.Breach, error) {
	var row breachRow
	err := q.locking(recovery.WaitForLock).WithContext(ctx).Where("id = ?", id).Take(&row).Error
	return row.breach(), err
}

// Begin adds a breach and returns it with its ID. While another breach runs, the error is [breach.ErrRuns]. Nothing is voided yet.
func (s *Breaches) Begin(ctx context.Context, b breach.Breach) (breach.Breach, error) {
	err := s.transact(ctx, func(tx queries) error {
		latest, err := tx.latest(ctx, tx.read)
		switch {
		case errors.Is(err, breach.ErrNone):
		case err != nil:
			return err
		case latest.Running != nil && latest.BegunAt.Equal(b.BegunAt) && latest.Author == b.Author.Name:
			b.ID = latest.ID // committed by an earlier try whose answer was lost
			return nil
		case latest.Running != nil:
			return breach.ErrRuns
		}
		row := rowOfBreach(b)
		err = tx.write.WithContext(ctx).Create(&row).Error
		b.ID = row.ID
		return err
	})
	return b, err
}

// Chosen counts the members that a selection by date chooses, and returns the highest member number.
func (s *Breaches) Chosen(ctx context.Context, which breach.Selection) (members int64, last member.ID, err error) {
	read := s.read.WithContext(ctx)
	var highest []int64
	if err := read.Table("members").Order("id DESC").Limit(1).Pluck("id", &highest).Error; err != nil || len(highest) == 0 {
		return 0, 0, err
	}
	err = read.Table("members").Where("id <= ? AND voided_at IS NULL AND (password_changed_at IS NULL OR password_changed_at < ?)",
		highest[0], which.Before).Count(&members).Error
	return members, member.ID(highest[0]), err
}

// List adds members to the list of a breach. It skips those that are in the list already.
func (s *Breaches) List(ctx context.Context, id int64, members []member.ID) error {
	return s.transact(ctx, func(tx queries) error {
		var there []member.ID
		err := tx.read.WithContext(ctx).Table("breach_members").Where("breach_id = ? AND member_id IN ?", id, members).
			Pluck("member_id", &there).Error
		if err != nil {
			return err
		}
		var rows []breachMemberRow
		for _, m := range members {
			if !slices.Contains(there, m) {
				rows = append(rows, breachMemberRow{id, int64(m)})
			}
		}
		return addAll(ctx, tx, rows)
	})
}

// Listed marks the list as complete, so that voiding can begin.
func (s *Breaches) Listed(ctx context.Context, id int64, now time.Time) error {
	_, err := s.exec(ctx, `UPDATE breaches SET listed_at = COALESCE(listed_at, ?) WHERE id = ?`, now, id)
	return err
}

// Pause stops the making and sending of notices. It returns false if the breach is paused or has ended.
func (s *Breaches) Pause(ctx context.Context, id int64, by member.Author, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE breaches SET paused = ?, deed_at = ?, deed_author = ?, deed_reason = ? WHERE id = ? AND running = 1 AND paused = ?`,
		true, now, by.Name, by.Reason, id, false)
}

// Resume continues a breach that is paused or has ended, at a new pace if perHour is not 0. While another breach runs, the error is
// [breach.ErrRuns].
func (s *Breaches) Resume(ctx context.Context, b breach.Breach, perHour int64, by member.Author, now time.Time) error {
	err := s.transact(ctx, func(tx queries) error {
		b, err := tx.lockBreach(ctx, b.ID) // it may have been ended meanwhile
		if err != nil {
			return err
		}
		if b.EndedAt != nil {
			if err := tx.takeUpNotices(ctx, b); err != nil {
				return err
			}
		}
		_, err = tx.exec(ctx, `UPDATE breaches SET running = 1, ended_at = NULL, paused = ?, per_hour = CASE WHEN ? > 0 THEN ? ELSE per_hour END,
			deed_at = ?, deed_author = ?, deed_reason = ? WHERE id = ?`, false, perHour, perHour, now, by.Name, by.Reason, b.ID)
		return err
	})
	if isDuplicate(err) {
		return breach.ErrRuns
	}
	return err
}

// End ends a breach. After that no further password is voided and no further notice is made. Notices that wait are dropped. A notice that
// is being sent is accepted or refused by the mail server as usual, but it is not tried again. End returns false if the
// breach had ended before.
func (s *Breaches) End(ctx context.Context, b breach.Breach, by member.Author, now time.Time) (ended bool, err error) {
	err = s.transact(ctx, func(tx queries) error {
		ended, err = tx.guarded(ctx, `UPDATE breaches SET running = NULL, ended_at = ?, deed_at = ?, deed_author = ?, deed_reason = ?
			WHERE id = ? AND running = 1`, now, now, by.Name, by.Reason, b.ID)
		if err != nil {
			return err
		}
		if !ended {
			own, err := tx.lockBreach(ctx, b.ID)
			ended = err == nil && own.EndedAt != nil && own.EndedAt.Equal(now) // by an earlier try whose answer was lost
			return err
		}
		return tx.giveUpNotices(ctx, b, now)
	})
	return ended, err
}
