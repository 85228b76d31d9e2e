package store

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Update says who changes members to agree with another system's data, and from when the data is.
type Update struct {
	Author member.Author
	// AsOf is the time of the data, not later than Now. Values that a command has set after AsOf are not changed.
	AsOf, Now time.Time
}

// ErrOverLimit is returned when more members would change than the limit allows.
var ErrOverLimit = errors.New("more members differ by now than were allowed to be changed")

// Plan returns what [Members.Change] would do now.
func (s *Members) Plan(ctx context.Context, wanted []Wanted, asOf time.Time) ([]Planned, error) {
	return s.plan(ctx, s.read, wanted, asOf)
}

// Change gives members their wanted addresses and statuses, all in one transaction. Each change has the effects of
// [Members.Do]: a higher password version, activities and notices. If more than limit members would change, it changes
// none and returns [ErrOverLimit].
func (s *Members) Change(ctx context.Context, wanted []Wanted, by Update, limit int) (done []Planned, err error) {
	ids := make(map[member.ID]chosenIDs, len(wanted))
	firsts := make([]string, 0, len(wanted))
	for _, w := range wanted {
		chosen := chosenIDs{[2]string{rand.Text(), rand.Text()}, [2]string{rand.Text(), rand.Text()}}
		ids[w.ID], firsts = chosen, append(firsts, chosen.activities[0])
	}
	err = s.transact(ctx, func(tx queries) error {
		// The locks come first: InnoDB takes the transaction's snapshot at the first read that locks nothing, and the
		// snapshot must include the changes of the transaction that held a lock before.
		planned, err := tx.plan(ctx, tx.locking(recovery.WaitForLock), wanted, by.AsOf)
		if err != nil {
			return err
		}
		if own, err := tx.countActivities(ctx, firsts); err != nil || own > 0 {
			return err // an earlier try whose answer was lost has committed, and set done
		}
		if changed, _ := CountPlanned(planned); changed > limit {
			return ErrOverLimit
		}
		done = planned
		return tx.applyPlan(ctx, planned, ids, by)
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// chosenIDs are chosen before the first try of a transaction, so that a later try recognises whether it has committed.
type chosenIDs struct{ activities, notices [2]string }

// applyPlan makes the planned changes. The password version of each member rises by one, however much changes; the
// notices state that version.
func (q queries) applyPlan(ctx context.Context, planned []Planned, ids map[member.ID]chosenIDs, by Update) error {
	changing := slices.DeleteFunc(slices.Clone(planned), func(p Planned) bool { return !p.Changes() })
	if len(changing) == 0 {
		return nil
	}
	var readdressed []member.ID
	for _, p := range changing {
		if p.address != "" {
			readdressed = append(readdressed, p.before.ID)
		}
	}
	languages, err := q.languagesOf(ctx, readdressed)
	if err != nil {
		return err
	}
	var activities []activityRow
	var letters []letterRow
	for _, p := range changing {
		chosen := ids[p.before.ID]
		for i, kind := range p.kinds() {
			activities = append(activities, rowOfActivity(member.Activity{
				ID: chosen.activities[i], MemberID: p.before.ID, At: by.Now, Kind: kind, By: member.ByOperator, Author: by.Author, AsOf: &by.AsOf,
			}))
		}
		if p.address == "" {
			continue
		}
		for _, notice := range recovery.NoticesOfNewAddress(chosen.notices, p.before, languages[p.before.ID], by.Now) {
			letters = append(letters, rowOfLetter(notice))
		}
	}
	if err := q.setAddressesAndStatuses(ctx, changing); err != nil {
		return err
	}
	for some := range slices.Chunk(activities, rowsAtOnce) {
		if err := addAll(ctx, q, some); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(letters, rowsAtOnce) {
		if err := addAll(ctx, q, some); err != nil {
			return err
		}
	}
	return nil
}

func (q queries) setAddressesAndStatuses(ctx context.Context, changing []Planned) error {
	addresses, statuses := newByID(changing), newByID(changing)
	ids := make([]int64, 0, len(changing))
	for _, p := range changing {
		id, address, status := int64(p.before.ID), p.before.MailAddress, p.before.Status
		if p.address != "" {
			address = p.address
		}
		if p.status != "" {
			status = p.status
		}
		ids = append(ids, id)
		addresses.set(id, string(address))
		statuses.set(id, string(status))
	}
	_, err := q.exec(ctx, raiseVersion+`basic_mail_address = `+addresses.sql+`, status = `+statuses.sql+` WHERE id IN ?`,
		append(valuesOf(addresses, statuses), ids)...)
	return err
}
