package store

import (
	"context"
	"time"

	"aikagi/backend/member"
)

// sweepBreaches deletes the breach_members of breaches that ended longer ago than letters are kept: no operator resumes
// such a breach. It keeps the row of the breach, which has the operator's name, as long as activities are kept.
func (w *Sweeper) sweepBreaches(ctx context.Context, now time.Time) error {
	q, keep := w.store.q, w.keep
	var over []int64
	err := q.read.WithContext(ctx).Table("breaches").Where("ended_at < ?", now.Add(-keep.Letters)).Pluck("id", &over).Error
	if err != nil || len(over) == 0 {
		return err
	}
	for _, id := range over {
		if err := w.inSets(ctx, func(ctx context.Context) (bool, error) { return q.deleteBreachMembers(ctx, id) }); err != nil {
			return err
		}
	}
	_, err = q.exec(ctx, `DELETE FROM breaches WHERE ended_at < ?`, now.Add(-max(keep.Letters, keep.Activities)))
	return err
}

// deleteBreachMembers deletes one set of a breach's members and reports whether there may be more.
func (q queries) deleteBreachMembers(ctx context.Context, id int64) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, setLasts)
	defer cancel()
	var set []int64
	err = q.read.WithContext(ctx).Table("breach_members").Where("breach_id = ?", id).Order("member_id").Limit(setSize).
		Pluck("member_id", &set).Error
	if err != nil || len(set) == 0 {
		return false, err
	}
	_, err = q.exec(ctx, `DELETE FROM breach_members WHERE breach_id = ? AND member_id <= ?`, id, set[len(set)-1])
	return len(set) == setSize, err
}

// forgetInBreaches removes a member from the lists of all breaches.
func (q queries) forgetInBreaches(ctx context.Context, id member.ID) error {
	var all []int64
	err := q.read.WithContext(ctx).Table("breaches").Pluck("id", &all).Error
	if err != nil || len(all) == 0 {
		return err
	}
	_, err = q.exec(ctx, `DELETE FROM breach_members WHERE breach_id IN ? AND member_id = ?`, all, int64(id))
	return err
}
