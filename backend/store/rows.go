package store

import (
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// A column that is tagged as primary key or as unique must have a unique index in the database; see [Store.Inspect].

type memberRow struct {
	ID                int64  `gorm:"primaryKey"`
	LoginID           string `gorm:"unique"`
	BasicMailAddress  string
	Status            string
	PasswordHash      string
	VoidedAt          *time.Time
	PasswordVersion   int64
	PasswordChangedAt *time.Time
	CreatedAt         time.Time `gorm:"autoCreateTime:false"`
}

func (memberRow) TableName() string { return "members" }

func (r memberRow) member() member.Member {
	return member.Member{
		ID: member.ID(r.ID), LoginID: member.LoginID(r.LoginID), MailAddress: member.MailAddress(r.BasicMailAddress),
		Status: member.Status(r.Status), PasswordHash: r.PasswordHash, VoidedAt: r.VoidedAt,
		PasswordVersion: r.PasswordVersion, PasswordChangedAt: r.PasswordChangedAt, CreatedAt: r.CreatedAt,
	}
}

func rowOfMember(m member.Member) memberRow {
	return memberRow{
		ID: int64(m.ID), LoginID: string(m.LoginID), BasicMailAddress: string(m.MailAddress),
		Status: string(m.Status), PasswordHash: m.PasswordHash, VoidedAt: m.VoidedAt,
		PasswordVersion: m.PasswordVersion, PasswordChangedAt: m.PasswordChangedAt, CreatedAt: m.CreatedAt,
	}
}

type recoveryRow struct {
	Seq             int64  `gorm:"->"` // the primary key; the database sets it
	ID              string `gorm:"primaryKey"`
	Receipt         string
	LoginID         string
	MailAddressMac  string
	Language        string
	Client          string
	Origin          string
	AskedAt         time.Time
	LetterAskedAt   time.Time
	GoneAt          time.Time
	Guesses         int
	MemberID        int64
	IssuanceID      string
	KeyName         string
	Outcome         string
	UnresolvedSince *time.Time
	SetAside        int
	ClaimedBy       string
	ClaimedUntil    time.Time
	GrantHash       string
	GrantVersion    int64
	GrantExpiresAt  *time.Time
	GrantTries      int
	GrantIssuanceID string
	GrantKeyName    string
	RedeemedAt      *time.Time
	CompletedAt     *time.Time
}

func (recoveryRow) TableName() string { return "recoveries" }

func (r recoveryRow) key() (column string, value any) { return "seq", r.Seq }

func (r recoveryRow) recovery() recovery.Recovery {
	out := recovery.Recovery{
		ID: recovery.ID(r.ID), Receipt: r.Receipt, LoginID: member.LoginID(r.LoginID), MailAddressMAC: r.MailAddressMac,
		Language: recovery.Language(r.Language), Client: r.Client, Origin: recovery.Origin(r.Origin),
		AskedAt: r.AskedAt, LetterAskedAt: r.LetterAskedAt, GoneAt: r.GoneAt, Guesses: r.Guesses,
		MemberID: member.ID(r.MemberID), IssuanceID: r.IssuanceID, KeyName: r.KeyName, Outcome: recovery.Outcome(r.Outcome),
		GrantHash: r.GrantHash, GrantVersion: r.GrantVersion, GrantTries: r.GrantTries,
		GrantIssuanceID: r.GrantIssuanceID, GrantKeyName: r.GrantKeyName, SetAside: r.SetAside,
		RedeemedAt: r.RedeemedAt, CompletedAt: r.CompletedAt,
	}
	if r.GrantExpiresAt != nil {
		out.GrantExpiresAt = *r.GrantExpiresAt
	}
	return out
}

// rowOfRecovery returns the row of a new recovery: unresolved if it comes from an ask, resolved if it belongs to a
// letter.
func rowOfRecovery(r recovery.Recovery) recoveryRow {
	row := recoveryRow{
		ID: string(r.ID), Receipt: r.Receipt, LoginID: string(r.LoginID), MailAddressMac: r.MailAddressMAC,
		Language: string(r.Language), Client: r.Client, Origin: string(r.Origin),
		AskedAt: r.AskedAt, LetterAskedAt: r.AskedAt, GoneAt: r.GoneAt,
		MemberID: int64(r.MemberID), IssuanceID: r.IssuanceID, KeyName: r.KeyName, ClaimedUntil: longAgo,
	}
	if r.Origin == recovery.FromAsk {
		row.UnresolvedSince = &r.AskedAt
	}
	return row
}

// longAgo is the end of the claim in a row that nobody has claimed.
var longAgo = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

type issuanceRow struct {
	Seq             int64  `gorm:"->"` // as in recoveryRow
	ID              string `gorm:"primaryKey"`
	MemberID        int64
	LiveMemberID    *int64 `gorm:"unique"`
	KeyName         string
	PasswordVersion int64
	CreatedAt       time.Time `gorm:"autoCreateTime:false"`
	FirstMailedAt   *time.Time
	ExpiresAt       *time.Time
	UsedAt          *time.Time
	EndedAt         *time.Time
}

func (issuanceRow) TableName() string { return "issuances" }

func (r issuanceRow) key() (column string, value any) { return "seq", r.Seq }

func (r issuanceRow) issuance() recovery.Issuance {
	return recovery.Issuance{
		ID: r.ID, MemberID: member.ID(r.MemberID), KeyName: r.KeyName, PasswordVersion: r.PasswordVersion,
		CreatedAt: r.CreatedAt, FirstMailedAt: r.FirstMailedAt, ExpiresAt: r.ExpiresAt, UsedAt: r.UsedAt, EndedAt: r.EndedAt,
	}
}

type letterRow struct {
	Seq             int64  `gorm:"->"` // as in recoveryRow
	ID              string `gorm:"primaryKey"`
	Kind            string
	MemberID        int64
	DueMemberID     *int64 `gorm:"unique"`
	Language        string
	State           string
	Priority        int
	CreatedAt       time.Time `gorm:"autoCreateTime:false"`
	DueAt           time.Time
	BegunAt         *time.Time
	EndedAt         *time.Time
	Tries           int
	LostTries       int
	FinalRefusals   int
	AnsweredAt      *time.Time
	Answer          string
	PasswordVersion int64
	IssuanceID      string
	RecoveryID      string
	AskID           string
	Receipt         string
	Remail          bool
	FormerAddress   string
	ClaimedBy       string
	ClaimedUntil    time.Time
}

func (letterRow) TableName() string { return "letters" }

func (r letterRow) key() (column string, value any) { return "seq", r.Seq }

func (r letterRow) letter() mail.Letter {
	dueSince := r.DueAt
	if r.Answer != "" {
		dueSince = r.CreatedAt
	}
	return mail.Letter{
		ID: r.ID, Kind: recovery.LetterKind(r.Kind), MemberID: member.ID(r.MemberID), Language: recovery.Language(r.Language),
		CreatedAt: r.CreatedAt, DueSince: dueSince, PasswordVersion: r.PasswordVersion, FormerAddress: member.MailAddress(r.FormerAddress),
		IssuanceID: r.IssuanceID, RecoveryID: recovery.ID(r.RecoveryID), AskID: recovery.ID(r.AskID), Receipt: r.Receipt,
		Tries: r.Tries, BegunAt: r.BegunAt, LostTries: r.LostTries, FinalRefusals: r.FinalRefusals, AnsweredAt: r.AnsweredAt,
	}
}

func rowOfLetter(l recovery.DueLetter) letterRow {
	row := letterRow{
		ID: l.ID, Kind: string(l.Kind), MemberID: int64(l.MemberID), Language: string(l.Language), State: string(mail.Waiting),
		Priority: int(mail.PriorityOf(l.Kind)), CreatedAt: l.CreatedAt, DueAt: l.DueAt, PasswordVersion: l.PasswordVersion, IssuanceID: l.IssuanceID,
		RecoveryID: string(l.RecoveryID), AskID: string(l.AskID), Receipt: l.Receipt, Remail: l.Remail,
		FormerAddress: string(l.FormerAddress), ClaimedUntil: longAgo,
	}
	if l.Kind == recovery.TemporaryPasswordLetter {
		row.DueMemberID = &row.MemberID
	}
	return row
}

type activityRow struct {
	ID         string `gorm:"primaryKey"`
	MemberID   int64
	At         time.Time
	Kind       string
	RecoveryID string
	DoneBy     string
	Device     string
	Author     string
	Reason     string
	AsOf       *time.Time
}

func (activityRow) TableName() string { return "activities" }

func (r activityRow) key() (column string, value any) { return "id", r.ID }

func (r activityRow) activity() member.Activity {
	return member.Activity{
		ID: r.ID, MemberID: member.ID(r.MemberID), At: r.At, Kind: member.ActivityKind(r.Kind),
		RecoveryID: r.RecoveryID, By: member.Actor(r.DoneBy), Device: member.Device(r.Device),
		Author: member.Author{Name: r.Author, Reason: r.Reason}, AsOf: r.AsOf,
	}
}

func rowOfActivity(a member.Activity) activityRow {
	return activityRow{
		ID: a.ID, MemberID: int64(a.MemberID), At: a.At, Kind: string(a.Kind),
		RecoveryID: a.RecoveryID, DoneBy: string(a.By), Device: string(a.Device),
		Author: a.Author.Name, Reason: a.Author.Reason, AsOf: a.AsOf,
	}
}

type leaseRow struct {
	Job       string `gorm:"primaryKey"`
	Holder    string
	ExpiresAt time.Time
}

func (leaseRow) TableName() string { return "leases" }

func boolToInt(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
