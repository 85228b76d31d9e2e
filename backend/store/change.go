package store

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Update says on whose behalf members are changed, and how old the data is.
type Update struct {
	Author member.Author
	// AsOf is when the data was right, Now at the latest. What a command did to a member after it stays.
	AsOf, Now time.Time
}

// ErrOverLimit says that more members would be changed than were allowed to be.
var ErrOverLimit = errors.New("more members differ by now than were allowed to be changed")

// Plan says what [Members.Change] would do now.
func (s *Members) Plan(ctx context.Context, wanted []Wanted, asOf time.Time) ([]Planned, error) {
	return s.plan(ctx, s.read, wanted, asOf)
}

// Change gives members their wanted addresses and statuses, all in one transaction. A change ends what [Members.Do] ends,
// has its activities and makes its notices due. When more than limit members would change, it changes none:
// [ErrOverLimit].
func (s *Members) Change(ctx context.Context, wanted []Wanted, by Update, limit int) (done []Planned, err error) {
	ids := make(map[member.ID]chosenIDs, len(wanted))
	firsts := make([]string, 0, len(wanted))
	for _, w := range wanted {
		chosen := chosenIDs{[2]string{rand.Text(), rand.Text()}, [2]string{rand.Text(), rand.Text()}}
		ids[w.ID], firsts = chosen, append(firsts, chosen.activities[0])
	}
	err = s.transact(ctx, func(tx queries) error {
		// The locks come first: InnoDB takes the transaction's snapshot at the first read that locks nothing, and it must
		// show the deed of whoever held a lock before.
		planned, err := tx.plan(ctx, tx.locking(recovery.WaitForLock), wanted, by.AsOf)
		if err != nil {
			return err
		}
		var own int64
		if err := tx.read.WithContext(ctx).Table("activities").Where("id IN ?", firsts).Count(&own).Error; err != nil {
			return err
		}
		if own > 0 {
			return nil // committed by an earlier try whose answer was lost: done is that one's
		}
		if changed, _ := CountPlanned(planned); changed > limit {
			return ErrOverLimit
		}
		done = planned
		return tx.carryOut(ctx, planned, ids, by)
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// chosenIDs are chosen before the first try of a transaction, to recognise it by.
type chosenIDs struct{ activities, notices [2]string }

// carryOut changes what is planned. Whatever changes of a member, the password version rises by one, which is the version
// that the notices announce.
func (q queries) carryOut(ctx context.Context, planned []Planned, ids map[member.ID]chosenIDs, by Update) error {
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
	addresses, statuses := make([]any, 0, 2*len(changing)), make([]any, 0, 2*len(changing))
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
		addresses, statuses = append(addresses, id, string(address)), append(statuses, id, string(status))
	}
	byID := "CASE id" + strings.Repeat(" WHEN ? THEN ?", len(changing)) + " END"
	_, err := q.exec(ctx, raise+`basic_mail_address = `+byID+`, status = `+byID+` WHERE id IN ?`, slices.Concat(addresses, statuses, []any{ids})...)
	return err
}

// languagesOf are the languages of the latest letters to members: see languageOf.
func (q queries) languagesOf(ctx context.Context, ids []member.ID) (map[member.ID]recovery.Language, error) {
	languages := make(map[member.ID]recovery.Language, len(ids))
	for _, id := range ids {
		languages[id] = recovery.Japanese
	}
	if len(ids) == 0 {
		return languages, nil
	}
	var rows []letterRow
	err := q.read.WithContext(ctx).Select("member_id", "language").
		Where("member_id IN ? AND created_at = (SELECT MAX(latest.created_at) FROM letters AS latest WHERE latest.member_id = letters.member_id)", ids).
		Find(&rows).Error
	for _, row := range rows {
		languages[member.ID(row.MemberID)] = recovery.Language(row.Language)
	}
	return languages, err
}
