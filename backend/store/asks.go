package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// locking begins a SELECT that locks its rows until the transaction ends. SQLite needs no lock: its transactions that
// write come one after the other. SKIP LOCKED needs MySQL 8.0.1 or MariaDB 10.6.
func (q queries) locking(when recovery.WhenLocked) *gorm.DB {
	lock := clause.Locking{Strength: clause.LockingStrengthUpdate}
	if when == recovery.SkipLocked {
		lock.Options = clause.LockingOptionsSkipLocked
	}
	return q.read.Clauses(lock)
}

// lockingAll is the same for rows of which none may be left out: instead of skipping a locked row the SELECT fails.
func (q queries) lockingAll(when recovery.WhenLocked) *gorm.DB {
	lock := clause.Locking{Strength: clause.LockingStrengthUpdate}
	if when == recovery.SkipLocked {
		lock.Options = clause.LockingOptionsNoWait
	}
	return q.read.Clauses(lock)
}

// ClaimUnresolved answers recovery.Store. A claim that ends further ahead than any made now is none: a server whose clock
// was ahead made it and is gone, or its clock was set right. Else that ask would close recovery for all until then.
func (s *Recoveries) ClaimUnresolved(ctx context.Context, claim string, since, now, until time.Time, limit int) ([]recovery.Recovery, error) {
	rows, err := claimRows[recoveryRow](ctx, s.queries, "recoveries", claim, until,
		"unresolved_since <= ? AND (claimed_until <= ? OR claimed_until > ?)", []any{since, now, now.Add(furthestSetAside)},
		"unresolved_since", limit)
	return recoveriesOf(rows), err
}

func recoveriesOf(rows []recoveryRow) []recovery.Recovery {
	found := make([]recovery.Recovery, len(rows))
	for i, row := range rows {
		found[i] = row.recovery()
	}
	return found
}

// LockClaimed answers recovery.Store.
func (s *Recoveries) LockClaimed(ctx context.Context, claim string, ids []recovery.ID, when recovery.WhenLocked) ([]recovery.Recovery, error) {
	var rows []recoveryRow
	err := s.locking(when).WithContext(ctx).Where("id IN ? AND claimed_by = ?", ids, claim).Find(&rows).Error
	return recoveriesOf(rows), err
}

// changeClaimed runs an UPDATE of recoveries that the claim still holds, on their ids.
func (s *Recoveries) changeClaimed(ctx context.Context, claim string, ids []recovery.ID, when recovery.WhenLocked, set string, values ...any) (changed int, err error) {
	err = s.transact(ctx, func(tx queries) error {
		changed = 0
		var held []string
		err := tx.locking(when).WithContext(ctx).Table("recoveries").Where("id IN ? AND claimed_by = ?", ids, claim).Pluck("id", &held).Error
		if err != nil || len(held) == 0 {
			return err
		}
		rows, err := tx.exec(ctx, `UPDATE recoveries SET `+set+`, claimed_by = '' WHERE id IN ?`, append(values, held)...)
		changed = int(rows)
		return err
	})
	return changed, err
}

// CloseDecoys answers recovery.Store.
func (s *Recoveries) CloseDecoys(ctx context.Context, claim string, ids []recovery.ID, outcome recovery.Outcome, when recovery.WhenLocked) (int, error) {
	return s.changeClaimed(ctx, claim, ids, when, `outcome = ?, unresolved_since = NULL, set_aside = 0`, string(outcome))
}

// SetAside answers recovery.Store.
func (s *Recoveries) SetAside(ctx context.Context, claim string, ids []recovery.ID, until time.Time) (int, error) {
	return s.changeClaimed(ctx, claim, ids, recovery.SkipLocked, `set_aside = set_aside + 1, claimed_until = ?`, until)
}

// CloseMatched answers recovery.Store.
func (s *Recoveries) CloseMatched(ctx context.Context, claim string, closings []recovery.Closing) (int, error) {
	if len(closings) == 0 {
		return 0, nil
	}
	ids := make([]string, len(closings))
	outcomes, members, issuances, keys := []any{}, []any{}, []any{}, []any{}
	for i, c := range closings {
		ids[i] = string(c.ID)
		outcomes, members = append(outcomes, ids[i], string(c.Outcome)), append(members, ids[i], int64(c.To.MemberID))
		issuances, keys = append(issuances, ids[i], c.To.ID), append(keys, ids[i], c.To.KeyName)
	}
	byID := "CASE id" + strings.Repeat(" WHEN ? THEN ?", len(closings)) + " END"
	var values []any
	for _, some := range [][]any{outcomes, members, issuances, keys, {ids, claim}} {
		values = append(values, some...)
	}
	rows, err := s.exec(ctx, `UPDATE recoveries SET outcome = `+byID+`, member_id = `+byID+`, issuance_id = `+byID+`, key_name = `+byID+`,
		unresolved_since = NULL, set_aside = 0, claimed_by = '' WHERE id IN ? AND claimed_by = ?`, values...)
	return int(rows), err
}

// AddRecoveries answers recovery.Store.
func (s *Recoveries) AddRecoveries(ctx context.Context, recoveries []recovery.Recovery) error {
	rows := make([]recoveryRow, len(recoveries))
	for i, r := range recoveries {
		rows[i] = rowOfRecovery(r)
	}
	return addAll(ctx, s.queries, rows)
}

// Unresolved answers recovery.Store.
func (s *Recoveries) Unresolved(ctx context.Context, limit int) ([]recovery.Unresolved, error) {
	var rows []recoveryRow
	err := s.read.WithContext(ctx).Select("id", "unresolved_since", "set_aside").Where("unresolved_since IS NOT NULL").
		Order("unresolved_since").Limit(limit).Find(&rows).Error
	found := make([]recovery.Unresolved, len(rows))
	for i, row := range rows {
		found[i] = recovery.Unresolved{ID: recovery.ID(row.ID), Since: *row.UnresolvedSince, IsSetAside: row.SetAside > 0}
	}
	return found, err
}

// NotLocked answers recovery.Store.
func (s *Recoveries) NotLocked(ctx context.Context, ids []recovery.ID) ([]recovery.ID, error) {
	var free []recovery.ID
	err := s.locking(recovery.SkipLocked).WithContext(ctx).Table("recoveries").Where("id IN ?", ids).Pluck("id", &free).Error
	return free, err
}

// LetterCounts answers recovery.Store.
func (s *Recoveries) LetterCounts(ctx context.Context, ids []member.ID, now time.Time, when recovery.WhenLocked) (map[member.ID]recovery.LetterCount, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	// Looked at further back than the limits count, for a refused letter waits up to a day and a half; one that waits
	// is always counted, however long all servers were away: a second one beside it would be refused.
	since := now.Add(-48 * time.Hour)
	var rows, waiting []letterRow
	columns := []string{"member_id", "state", "created_at", "due_at", "begun_at", "remail"}
	err := s.read.WithContext(ctx).Select(columns).
		Where("member_id IN ? AND created_at > ? AND kind = ?", ids, since, string(recovery.TemporaryPasswordLetter)).Find(&rows).Error
	if err == nil {
		err = s.lockingAll(when).WithContext(ctx).Select(columns).Where("due_member_id IN ?", ids).Find(&waiting).Error
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

func (r letterRow) countIn(count *recovery.LetterCount, now time.Time) {
	if r.State == string(mail.Waiting) {
		count.Due = true
	}
	if r.State == string(mail.Dropped) && r.BegunAt == nil {
		return // nobody was sent it
	}
	// When it is due does not count: it may be for its next try. One begun far ahead of now was sent before this
	// machine's clock stepped back: it holds nothing up.
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

// AddLetters answers recovery.Store.
func (s *Recoveries) AddLetters(ctx context.Context, letters []recovery.DueLetter) error {
	rows := make([]letterRow, len(letters))
	for i, l := range letters {
		rows[i] = rowOfLetter(l)
	}
	return addAll(ctx, s.queries, rows)
}
