package store

import (
	"context"
	"time"

	"aikagi/backend/member"
)

// sweep deletes who is left of breaches that were ended as long ago as letters are kept: nobody takes them up again. The
// breach itself, which has the operator's name, is kept for as long as activities are.
func (s *Breaches) sweep(ctx context.Context, now time.Time, keep Retention) error {
	var over []int64
	err := s.read.WithContext(ctx).Table("breaches").Where("ended_at < ?", now.Add(-keep.Letters)).Pluck("id", &over).Error
	for _, id := range over {
		if err == nil {
			err = s.sweepMembers(ctx, id)
		}
	}
	if err == nil {
		_, err = s.exec(ctx, `DELETE FROM breaches WHERE ended_at < ?`, now.Add(-max(keep.Letters, keep.Activities)))
	}
	return err
}

// sweepMembers deletes set by set.
func (s *Breaches) sweepMembers(ctx context.Context, id int64) error {
	for {
		var set []int64
		err := s.read.WithContext(ctx).Table("breach_members").Where("breach_id = ?", id).Order("member_id").Limit(setSize).
			Pluck("member_id", &set).Error
		if err != nil || len(set) == 0 {
			return err
		}
		if _, err := s.exec(ctx, `DELETE FROM breach_members WHERE breach_id = ? AND member_id <= ?`, id, set[len(set)-1]); err != nil {
			return err
		}
	}
}

// forgetInBreaches takes a member off all lists.
func (q queries) forgetInBreaches(ctx context.Context, id member.ID) error {
	var all []int64
	err := q.read.WithContext(ctx).Table("breaches").Pluck("id", &all).Error
	if err != nil || len(all) == 0 {
		return err
	}
	_, err = q.exec(ctx, `DELETE FROM breach_members WHERE breach_id IN ? AND member_id = ?`, all, int64(id))
	return err
}
