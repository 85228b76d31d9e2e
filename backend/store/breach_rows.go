package store

import (
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/member"
)

type breachRow struct {
	ID            int64  `gorm:"primaryKey"`
	Running       *int64 `gorm:"unique"`
	Selection     string
	ChangedBefore time.Time
	LastMemberID  int64
	Digest        string
	Members       int64
	PerHour       int64
	Paused        bool
	Author        string
	Reason        string
	BegunAt       time.Time
	ListedAt      *time.Time
	VoidedAt      *time.Time
	EndedAt       *time.Time
	// The operator's latest change: a pause, a resumption or the end.
	ChangedAt     *time.Time `gorm:"column:deed_at"`
	ChangedBy     string     `gorm:"column:deed_author"`
	ChangeReason  string     `gorm:"column:deed_reason"`
	VoidedThrough int64
	Voided        int64
	Notices       int64
	MadeThrough   int64
	Made          int64
	PacedAt       *time.Time
}

func (breachRow) TableName() string { return "breaches" }

func (r breachRow) breach() breach.Breach {
	return breach.Breach{
		ID: r.ID,
		Selection: breach.Selection{
			Kind: breach.Kind(r.Selection), Before: r.ChangedBefore, Last: member.ID(r.LastMemberID), Digest: r.Digest,
		},
		Members: r.Members, PerHour: r.PerHour, Paused: r.Paused, Author: member.Author{Name: r.Author, Reason: r.Reason},
		BegunAt: r.BegunAt, ListedAt: r.ListedAt, VoidedAt: r.VoidedAt, EndedAt: r.EndedAt,
		Latest:        breach.Change{At: r.ChangedAt, Author: member.Author{Name: r.ChangedBy, Reason: r.ChangeReason}},
		VoidedThrough: member.ID(r.VoidedThrough), Voided: r.Voided, Notices: r.Notices,
		MadeThrough: member.ID(r.MadeThrough), Made: r.Made, PacedAt: r.PacedAt,
	}
}

// rowOfBreach makes the row of a new breach.
func rowOfBreach(b breach.Breach) breachRow {
	one := int64(1)
	return breachRow{
		Running: &one, Selection: string(b.Selection.Kind), ChangedBefore: b.Selection.Before, LastMemberID: int64(b.Selection.Last),
		Digest: b.Selection.Digest, Members: b.Members, PerHour: b.PerHour, Author: b.Author.Name, Reason: b.Author.Reason,
		BegunAt: b.BegunAt, ListedAt: b.ListedAt,
	}
}

// breachMemberRow has both columns as its primary key.
type breachMemberRow struct {
	BreachID int64
	MemberID int64
}

func (breachMemberRow) TableName() string { return "breach_members" }
