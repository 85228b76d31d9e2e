package store

import (
	"context"
	"crypto/rand"
	"time"

	"gorm.io/gorm/clause"

	"aikagi/backend/member"
)

// CountNotVoid counts the members whose password is not void.
func (s *Members) CountNotVoid(ctx context.Context) (count int64, err error) {
	err = s.read.WithContext(ctx).Table("members").Where("voided_at IS NULL").Count(&count).Error
	return count, err
}

// NotVoid returns members whose password is not void, in the order of their IDs and after one of them.
func (s *Members) NotVoid(ctx context.Context, after member.ID, limit int) ([]member.ID, error) {
	var ids []member.ID
	err := s.read.WithContext(ctx).Table("members").Where("id > ? AND voided_at IS NULL", int64(after)).Order("id").Limit(limit).
		Pluck("id", &ids).Error
	return ids, err
}

// Void does to each of these members what [Members.Do] does with [member.Voided], all in one transaction. It returns
// how many it has voided, without those that were void already.
func (s *Members) Void(ctx context.Context, ids []member.ID, author member.Author, now time.Time) (voided int, err error) {
	activities := make(map[member.ID]string, len(ids)) // chosen before the first try, so that a later try recognises it
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		activities[id] = rand.Text()
		names = append(names, activities[id])
	}
	err = s.transact(ctx, func(tx queries) error {
		own, err := tx.countActivities(ctx, names)
		if voided = own; err != nil || own > 0 {
			return err // an earlier try whose answer was lost has committed
		}
		return tx.void(ctx, ids, activities, author, now, &voided)
	})
	if err != nil {
		return 0, err
	}
	return voided, nil
}

func (q queries) void(
	ctx context.Context, ids []member.ID, activities map[member.ID]string, author member.Author, now time.Time, voided *int,
) error {
	var usable []member.ID
	err := q.read.WithContext(ctx).Table("members").Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Where("id IN ? AND voided_at IS NULL", ids).Order("id").Pluck("id", &usable).Error
	if err != nil || len(usable) == 0 {
		return err
	}
	if _, err := q.exec(ctx, raiseVersion+`voided_at = ? WHERE id IN ?`, now, usable); err != nil {
		return err
	}
	rows := make([]activityRow, len(usable))
	for i, id := range usable {
		rows[i] = rowOfActivity(member.Activity{
			ID: activities[id], MemberID: id, At: now, Kind: member.Voided, By: member.ByOperator, Author: author,
		})
	}
	*voided = len(usable)
	return q.write.WithContext(ctx).CreateInBatches(rows, rowsAtOnce).Error
}
