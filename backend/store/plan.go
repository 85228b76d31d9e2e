package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"aikagi/backend/member"
)

// Wanted is what another system's data says about a member.
type Wanted struct {
	ID      member.ID
	Address member.MailAddress // empty: the data does not say
	Status  member.Status      // empty: the data does not say
}

// Planned is what an [Update] does to one member.
type Planned struct {
	before  member.Member
	address member.MailAddress // empty: no change
	status  member.Status      // empty: no change
	// HeldBack is whether the address or the status differs from the data but is not changed, because an operator has set
	// it after the time of the data.
	HeldBack bool
}

// Changes reports whether the member is changed.
func (p Planned) Changes() bool { return p.address != "" || p.status != "" }

// kinds returns the kinds of the activities of the change: one or two for a member that changes.
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

// CountPlanned counts the members that change, and those of which a change is held back.
func CountPlanned(planned []Planned) (changed, heldBack int) {
	for _, p := range planned {
		changed += boolToInt(p.Changes())
		heldBack += boolToInt(p.HeldBack)
	}
	return changed, heldBack
}

// laterCommands is what commands have set after the time of the data.
type laterCommands struct{ address, status bool }

// planMember decides what an update does to one member.
func planMember(m member.Member, w Wanted, later laterCommands) Planned {
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

// plan decides what changes for each member. members is the handle that reads the members; it may lock them. plan leaves
// out members that do not differ from the data.
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
	later, err := q.commandsAfter(ctx, ids, asOf)
	if err != nil {
		return nil, err
	}
	var planned []Planned
	for _, row := range rows {
		id := member.ID(row.ID)
		if p := planMember(row.member(), byID[id], later[id]); p.Changes() || p.HeldBack {
			planned = append(planned, p)
		}
	}
	return planned, nil
}

// commandsAfter finds for which members operators have set the address or the status on the basis of newer data than asOf:
// with a command after asOf, or with an import of data that is newer than asOf.
func (q queries) commandsAfter(ctx context.Context, ids []member.ID, asOf time.Time) (map[member.ID]laterCommands, error) {
	var rows []activityRow
	err := q.read.WithContext(ctx).Select("member_id", "kind").
		Where("member_id IN ? AND at > ? AND COALESCE(as_of, at) > ? AND kind IN ?", ids, asOf, asOf, []string{
			string(member.AddressChanged), string(member.WasSuspended), string(member.WasCancelled), string(member.Resumed),
		}).Find(&rows).Error
	later := make(map[member.ID]laterCommands)
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
