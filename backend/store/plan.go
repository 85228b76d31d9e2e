package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"aikagi/backend/member"
)

// Wanted is what the data of another system says about a member.
type Wanted struct {
	ID      member.ID
	Address member.MailAddress // empty: it says nothing
	Status  member.Status      // empty: it says nothing
}

// Planned is what an update does to one member.
type Planned struct {
	before  member.Member
	address member.MailAddress // empty: it stays
	status  member.Status      // empty: it stays
	// HeldBack says that the address or the status differs, and stays because a later command gave it to the member.
	HeldBack bool
}

// Changes says whether the member is changed at all.
func (p Planned) Changes() bool { return p.address != "" || p.status != "" }

// kinds are the activities that tell of it: one or two of a member that changes.
func (p Planned) kinds() (kinds []member.ActivityKind) {
	if p.address != "" {
		kinds = append(kinds, member.AddressChanged)
	}
	switch p.status {
	case member.Active:
		kinds = append(kinds, member.Resumed)
	case member.Suspended:
		kinds = append(kinds, member.WasSuspended)
	case member.Cancelled:
		kinds = append(kinds, member.WasCancelled)
	}
	return kinds
}

// CountPlanned counts the members that change, and those of which something is held back.
func CountPlanned(planned []Planned) (changed, heldBack int) {
	for _, p := range planned {
		changed += oneIf(p.Changes())
		heldBack += oneIf(p.HeldBack)
	}
	return changed, heldBack
}

// commanded says what commands gave a member after the data was right.
type commanded struct{ address, status bool }

func planOne(m member.Member, w Wanted, later commanded) Planned {
	p := Planned{before: m}
	switch {
	case w.Address == "" || w.Address == m.MailAddress:
	case later.address:
		p.HeldBack = true
	default:
		p.address = w.Address
	}
	switch {
	case w.Status == "" || w.Status == m.Status:
	case later.status:
		p.HeldBack = true
	default:
		p.status = w.Status
	}
	return p
}

// plan reads the members through a handle that may lock them. It leaves out those that stay as they are.
func (q queries) plan(ctx context.Context, members *gorm.DB, wanted []Wanted, asOf time.Time) ([]Planned, error) {
	byID := make(map[member.ID]Wanted, len(wanted))
	ids := make([]member.ID, 0, len(wanted))
	for _, w := range wanted {
		byID[w.ID], ids = w, append(ids, w.ID)
	}
	var rows []memberRow
	if err := members.WithContext(ctx).Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	later, err := q.commandedAfter(ctx, ids, asOf)
	if err != nil {
		return nil, err
	}
	var planned []Planned
	for _, row := range rows {
		id := member.ID(row.ID)
		if p := planOne(row.member(), byID[id], later[id]); p.Changes() || p.HeldBack {
			planned = append(planned, p)
		}
	}
	return planned, nil
}

// commandedAfter finds what operators gave the members by newer knowledge than asOf: by a later command, or by an import
// of newer data.
func (q queries) commandedAfter(ctx context.Context, ids []member.ID, asOf time.Time) (map[member.ID]commanded, error) {
	var rows []activityRow
	err := q.read.WithContext(ctx).Select("member_id", "kind").
		Where("member_id IN ? AND at > ? AND COALESCE(as_of, at) > ? AND kind IN ?", ids, asOf, asOf, []string{
			string(member.AddressChanged), string(member.WasSuspended), string(member.WasCancelled), string(member.Resumed),
		}).Find(&rows).Error
	later := make(map[member.ID]commanded)
	for _, row := range rows {
		gave := later[member.ID(row.MemberID)]
		if row.Kind == string(member.AddressChanged) {
			gave.address = true
		} else {
			gave.status = true
		}
		later[member.ID(row.MemberID)] = gave
	}
	return later, err
}
