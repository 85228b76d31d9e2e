package store

import (
	"context"
	"time"

	"aikagi/backend/recovery"
)

// ClaimUnresolved claims asks that began to wait at since or earlier, oldest first. It also takes asks whose claim ends
// later than any claim that is made now: a server whose clock was ahead made that claim. Such an ask would wait too long,
// and while an ask waits too long, the service refuses all new asks (see [recovery.MaxBacklog]).
func (s *Recoveries) ClaimUnresolved(ctx context.Context, claim string, since, now, until time.Time, limit int) ([]recovery.Recovery, error) {
	rows, err := claimRows[recoveryRow](ctx, s.queries, claim, until,
		"unresolved_since <= ? AND (claimed_until <= ? OR claimed_until > ?)", []any{since, now, now.Add(maxSetAsideAhead)},
		"unresolved_since", limit)
	return recoveriesOf(rows), err
}

// LockClaimed locks and returns the asks that the claim still holds.
func (s *Recoveries) LockClaimed(ctx context.Context, claim string, ids []recovery.ID, when recovery.WhenLocked) ([]recovery.Recovery, error) {
	var rows []recoveryRow
	err := s.locking(when).WithContext(ctx).Where("id IN ? AND claimed_by = ?", ids, claim).Find(&rows).Error
	return recoveriesOf(rows), err
}

// changeClaimed runs an UPDATE on recoveries that the claim still holds, and ends their claims. It finds the rows by
// their ids.
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

// CloseDecoys gives one outcome to the asks that the claim still holds. It returns how many there were.
func (s *Recoveries) CloseDecoys(ctx context.Context, claim string, ids []recovery.ID, outcome recovery.Outcome, when recovery.WhenLocked) (int, error) {
	return s.changeClaimed(ctx, claim, ids, when, `outcome = ?, unresolved_since = NULL, set_aside = 0`, string(outcome))
}

// SetAside sets asks aside: it marks those that the claim still holds, and no resolver can claim them until a time. It
// returns how many there were.
func (s *Recoveries) SetAside(ctx context.Context, claim string, ids []recovery.ID, until time.Time) (int, error) {
	return s.changeClaimed(ctx, claim, ids, recovery.SkipLocked, `set_aside = set_aside + 1, claimed_until = ?`, until)
}

// CloseMatched gives the asks that the claim still holds their outcomes and issuances. It returns how many there were.
func (s *Recoveries) CloseMatched(ctx context.Context, claim string, closings []recovery.Closing) (int, error) {
	if len(closings) == 0 {
		return 0, nil
	}
	ids := make([]string, len(closings))
	outcomes, members, issuances, keys := newByID(closings), newByID(closings), newByID(closings), newByID(closings)
	for i, c := range closings {
		id := string(c.ID)
		ids[i] = id
		outcomes.set(id, string(c.Outcome))
		members.set(id, int64(c.To.MemberID))
		issuances.set(id, c.To.ID)
		keys.set(id, c.To.KeyName)
	}
	rows, err := s.exec(ctx, `UPDATE recoveries SET outcome = `+outcomes.sql+`, member_id = `+members.sql+`, issuance_id = `+issuances.sql+`,
		key_name = `+keys.sql+`, unresolved_since = NULL, set_aside = 0, claimed_by = '' WHERE id IN ? AND claimed_by = ?`,
		append(valuesOf(outcomes, members, issuances, keys), ids, claim)...)
	return int(rows), err
}

// Unresolved returns the asks that have waited for longest, oldest first.
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

// NotLocked returns the asks whose rows no other transaction has locked.
func (s *Recoveries) NotLocked(ctx context.Context, ids []recovery.ID) ([]recovery.ID, error) {
	var free []recovery.ID
	err := s.locking(recovery.SkipLocked).WithContext(ctx).Table("recoveries").Where("id IN ?", ids).Pluck("id", &free).Error
	return free, err
}
