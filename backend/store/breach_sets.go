package store

import (
	"context"
	"crypto/rand"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// breachSet is how many members one transaction reads. Asks wait while a set is written, so small sets keep their p99 low: MariaDB
// 2.7 times the idle one with sets of 500 and 2.2 with 50, SQLite 2.8 with 100 and 2.5 with 50. With 25 it is 1.8 and 2.1.
const breachSet = 25

// VoidSet voids the next set of a breach's members, and returns the breach with its new counts. In the same transaction it
// adds the members who get a notice to breach_members. It changes nothing if the breach has ended or has voided everybody.
func (s *Breaches) VoidSet(ctx context.Context, id int64, now time.Time) (b breach.Breach, err error) {
	ctx, cancel := context.WithTimeout(ctx, setLasts)
	defer cancel()
	err = s.transact(ctx, func(tx queries) error {
		if b, err = tx.lockBreach(ctx, id); err != nil || !b.Runs() || b.VoidedAt != nil || b.ListedAt == nil {
			return err
		}
		found, isLast, err := tx.nextOfBreach(ctx, &b, breachSet)
		if err != nil {
			return err
		}
		if err := tx.voidOfBreach(ctx, &b, found, now); err != nil {
			return err
		}
		if isLast {
			b.VoidedAt = &now
		}
		_, err = tx.exec(ctx, `UPDATE breaches SET voided_through = ?, voided = ?, notices = ?, voided_at = ? WHERE id = ?`,
			int64(b.VoidedThrough), b.Voided, b.Notices, b.VoidedAt, b.ID)
		return err
	})
	return b, err
}

// nextOfBreach reads and locks the next members in the order of their IDs, and sets b.VoidedThrough to the last of them.
// It also returns members whose passwords are not to be voided; the caller leaves them out. A WHERE could lock many rows
// that it does not return, but so at most limit rows are locked.
func (q queries) nextOfBreach(ctx context.Context, b *breach.Breach, limit int) (found []memberRow, isLast bool, err error) {
	query := q.locking(recovery.WaitForLock).WithContext(ctx).Select("id", "status", "voided_at", "password_changed_at").Order("id")
	after := int64(b.VoidedThrough)
	if b.Selection.Kind != breach.IDs {
		err = query.Where("id > ? AND id <= ?", after, int64(b.Selection.Last)).Limit(limit).Find(&found).Error
		if len(found) > 0 {
			b.VoidedThrough = member.ID(found[len(found)-1].ID)
		}
		return found, len(found) < limit, err
	}
	var listed []int64
	err = q.read.WithContext(ctx).Table("breach_members").Where("breach_id = ? AND member_id > ?", b.ID, after).
		Order("member_id").Limit(limit).Pluck("member_id", &listed).Error
	if err != nil || len(listed) == 0 {
		return nil, true, err
	}
	b.VoidedThrough = member.ID(listed[len(listed)-1])
	err = query.Where("id IN ?", listed).Find(&found).Error
	return found, len(listed) < limit, err
}

// The ids of the activities of a set have the same 24 random characters (120 bits) at the beginning, so that they are neighbours in
// the index. With random ids each activity changed another page: SQLite wrote 17 GB for a million members, and asks waited for it.
const (
	idLength     = 26
	suffixLength = 2
)

// suffix returns the n-th of the 1024 suffixes, in the alphabet of [rand.Text].
func suffix(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	return string([]byte{alphabet[n/len(alphabet)], alphabet[n%len(alphabet)]})
}

// voidOfBreach voids the chosen members among those found, and counts them in b.
func (q queries) voidOfBreach(ctx context.Context, b *breach.Breach, found []memberRow, now time.Time) error {
	var chosen, others []int64
	var told []breachMemberRow
	var activities []activityRow
	beginning := rand.Text()[:idLength-suffixLength]
	for n, row := range found {
		if !b.Selection.Includes(row.member()) {
			others = append(others, row.ID)
			continue
		}
		chosen = append(chosen, row.ID)
		activities = append(activities, rowOfActivity(member.Activity{
			ID: beginning + suffix(n), MemberID: member.ID(row.ID), At: now, Kind: member.Voided, By: member.ByOperator, Author: b.Author,
		}))
		if row.Status == string(member.Cancelled) {
			others = append(others, row.ID)
			continue
		}
		told = append(told, breachMemberRow{b.ID, row.ID})
	}
	b.Voided += int64(len(chosen))
	b.Notices += int64(len(told))
	if len(chosen) > 0 {
		if _, err := q.exec(ctx, raiseVersion+`voided_at = ? WHERE id IN ?`, now, chosen); err != nil {
			return err
		}
	}
	if err := addAll(ctx, q, activities); err != nil {
		return err
	}
	if b.Selection.Kind != breach.IDs {
		return addAll(ctx, q, told)
	}
	if len(others) == 0 {
		return nil
	}
	_, err := q.exec(ctx, `DELETE FROM breach_members WHERE breach_id = ? AND member_id IN ?`, b.ID, others)
	return err
}

// MakeNotices implements [breach.Store].
func (s *Breaches) MakeNotices(ctx context.Context, id int64, now time.Time) (made int, err error) {
	err = s.transact(ctx, func(tx queries) error {
		made = 0
		b, err := tx.lockBreach(ctx, id)
		if err != nil || !b.MakesNotices() {
			return err
		}
		// If the operator's clock is ahead, the breach begins later than now. Its notices must not be due before it
		// begins, because they are found by that.
		if now.Before(b.BegunAt) {
			now = b.BegunAt
		}
		due, err := tx.dueNotices(ctx, b, now)
		if err != nil {
			return err
		}
		allowed, pacedAt := b.Pace(now, due)
		if allowed == 0 && b.PacedAt != nil && pacedAt.Equal(*b.PacedAt) {
			return nil
		}
		if made, err = tx.makeNotices(ctx, &b, allowed, now); err != nil {
			return err
		}
		_, err = tx.exec(ctx, `UPDATE breaches SET made_through = ?, made = ?, notices = ?, paced_at = ? WHERE id = ?`,
			int64(b.MadeThrough), b.Made, b.Notices, pacedAt, b.ID)
		return err
	})
	return made, err
}

// dueNotices counts the waiting notices of the breach that are due. It stops at a number that is at least a burst, because
// [breach.Breach.Pace] needs no higher one.
func (q queries) dueNotices(ctx context.Context, b breach.Breach, now time.Time) (int64, error) {
	var due []string
	err := q.read.WithContext(ctx).Table("letters").Where("state = ? AND priority = ? AND due_at >= ? AND due_at <= ? AND kind = ?",
		string(mail.Waiting), int(mail.Notices), b.BegunAt, now, string(recovery.PasswordVoidedNotice)).
		Limit(int(min(b.PerHour, breach.LongestBurst))).Pluck("kind", &due).Error
	return int64(len(due)), err
}

// makeNotices makes the next notices, except for members who were cancelled or forgotten since.
func (q queries) makeNotices(ctx context.Context, b *breach.Breach, allowed int64, now time.Time) (int, error) {
	if allowed == 0 {
		return 0, nil
	}
	var next []member.ID
	err := q.read.WithContext(ctx).Table("breach_members").Where("breach_id = ? AND member_id > ?", b.ID, int64(b.MadeThrough)).
		Order("member_id").Limit(int(allowed)).Pluck("member_id", &next).Error
	if err != nil {
		return 0, err
	}
	letters, err := q.noticesTo(ctx, next, now)
	if err != nil {
		return 0, err
	}
	b.Made += int64(len(letters))
	b.Notices -= int64(len(next) - len(letters))
	if len(next) < int(allowed) {
		b.Notices = b.Made
	}
	if len(next) == 0 {
		return 0, nil
	}
	b.MadeThrough = next[len(next)-1]
	if err := addAll(ctx, q, letters); err != nil {
		return 0, err
	}
	_, err = q.exec(ctx, `DELETE FROM breach_members WHERE breach_id = ? AND member_id <= ?`, b.ID, int64(b.MadeThrough))
	return len(letters), err
}

func (q queries) noticesTo(ctx context.Context, members []member.ID, now time.Time) (letters []letterRow, err error) {
	if len(members) == 0 {
		return nil, nil
	}
	var rows []memberRow
	err = q.read.WithContext(ctx).Select("id", "password_version").Where("id IN ? AND status <> ?", members, string(member.Cancelled)).
		Order("id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	languages, err := q.languagesOf(ctx, members)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		letters = append(letters, rowOfLetter(recovery.DueLetter{
			ID: rand.Text(), Kind: recovery.PasswordVoidedNotice, MemberID: member.ID(row.ID), Language: languages[member.ID(row.ID)],
			DueAt: now, CreatedAt: now, PasswordVersion: row.PasswordVersion,
		}))
	}
	return letters, nil
}
