package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Members is the store of the operator's commands.
type Members struct{ queries }

// ErrTaken is returned when another command has added one of the members meanwhile. The database's own message is not
// returned, because it quotes the login ID.
var ErrTaken = errors.New("a member with the same login ID was added meanwhile")

// AddMembers adds members in one transaction. If one of them exists, it adds none and returns [ErrTaken].
func (s *Members) AddMembers(ctx context.Context, members []member.Member) error {
	err := s.transact(ctx, func(tx queries) error {
		rows := make([]memberRow, len(members)) // new for each try, because GORM writes the generated ids into them
		for i, m := range members {
			rows[i] = rowOfMember(m)
		}
		if len(rows) == 0 {
			return nil
		}
		return tx.write.WithContext(ctx).CreateInBatches(rows, rowsAtOnce).Error
	})
	if isDuplicate(err) {
		return ErrTaken
	}
	return err
}

// Member returns a member, or [recovery.ErrNotFound].
func (q queries) Member(ctx context.Context, id member.ID) (member.Member, error) {
	row, err := find[memberRow](ctx, q, "id = ?", int64(id))
	return row.member(), err
}

// LockMember locks and returns a member, or [recovery.ErrNotFound].
func (q queries) LockMember(ctx context.Context, id member.ID) (member.Member, error) {
	locked := q
	locked.read = q.locking(recovery.WaitForLock)
	return locked.Member(ctx, id)
}

// LockMembers locks members, and returns those that exist.
func (s *Recoveries) LockMembers(ctx context.Context, ids []member.ID, when recovery.WhenLocked) ([]member.Member, error) {
	var rows []memberRow
	err := s.locking(when).WithContext(ctx).Where("id IN ?", ids).Order("id").Find(&rows).Error
	return membersOf(rows), err
}

// Members returns the members that exist.
func (s *Letters) Members(ctx context.Context, ids []member.ID) ([]member.Member, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []memberRow
	err := s.read.WithContext(ctx).Where("id IN ?", ids).Find(&rows).Error
	return membersOf(rows), err
}

func membersOf(rows []memberRow) []member.Member {
	found := make([]member.Member, len(rows))
	for i, row := range rows {
		found[i] = row.member()
	}
	return found
}

// MembersNamed returns the members that have one of these login IDs.
func (q queries) MembersNamed(ctx context.Context, ids []member.LoginID) ([]member.Member, error) {
	var rows []memberRow
	err := q.read.WithContext(ctx).Where("login_id IN ?", ids).Find(&rows).Error
	found := make([]member.Member, 0, len(rows))
	for _, row := range rows {
		if slices.Contains(ids, member.LoginID(row.LoginID)) { // byte for byte, because utf8mb4_bin ignores spaces at the end
			found = append(found, row.member())
		}
	}
	return found, err
}

// SetPassword sets the hash of an active member who still has this password version, raises the version, and clears
// voided_at.
func (q queries) SetPassword(ctx context.Context, id member.ID, version int64, hash string, now time.Time) (bool, error) {
	return q.guarded(ctx, `UPDATE members SET password_hash = ?, password_version = password_version + 1, password_changed_at = ?,
		voided_at = NULL WHERE id = ? AND password_version = ? AND status = ?`,
		hash, now, int64(id), version, string(member.Active))
}

// VoidPassword voids the password of a member who still has this password version, and raises the version.
func (s *Recoveries) VoidPassword(ctx context.Context, id member.ID, version int64, now time.Time) (bool, error) {
	return s.guarded(ctx, `UPDATE members SET voided_at = ?, password_version = password_version + 1 WHERE id = ? AND password_version = ?`,
		now, int64(id), version)
}

// AddActivity adds an activity. It does nothing if the activity exists.
func (q queries) AddActivity(ctx context.Context, a member.Activity) error {
	row := rowOfActivity(a)
	return add(ctx, q, &row)
}

// HasActivity reports whether an activity exists. Its id is chosen before the first try of a transaction, so it tells
// whether an earlier try has committed.
func (q queries) HasActivity(ctx context.Context, id string) (bool, error) {
	_, err := find[activityRow](ctx, q, "id = ?", id)
	if errors.Is(err, recovery.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// countActivities counts the activities that exist. Ids are chosen before the first try of a transaction, so it tells whether
// an earlier try has committed.
func (q queries) countActivities(ctx context.Context, ids []string) (int, error) {
	var count int64
	err := q.read.WithContext(ctx).Table("activities").Where("id IN ?", ids).Count(&count).Error
	return int(count), err
}

// Activities returns the member's latest activities, newest first.
func (q queries) Activities(ctx context.Context, id member.ID, limit int) ([]member.Activity, error) {
	var rows []activityRow
	err := q.read.WithContext(ctx).Where("member_id = ?", int64(id)).Order("at DESC").Limit(limit).Find(&rows).Error
	found := make([]member.Activity, len(rows))
	for i, row := range rows {
		found[i] = row.activity()
	}
	return found, err
}
