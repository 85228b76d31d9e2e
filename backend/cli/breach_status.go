package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/mail"
	"aikagi/backend/store"
)

type breachStatusCommand struct {
	JSON bool `name:"json" help:"Print one JSON object; times are in UTC."`
}

// breachStatus is how far the latest breach is.
type breachStatus struct {
	// State is none, voiding, mailing, paused, done or ended. A breach that is paused while passwords are voided is paused.
	State         string     `json:"state"`
	Selection     string     `json:"selection,omitempty"` // all, ids or changed_before
	ChangedBefore *time.Time `json:"changed_before"`      // null unless that is the selection
	BegunAt       *time.Time `json:"begun_at"`
	VoidedAt      *time.Time `json:"voided_at"` // when the last password was voided
	EndedAt       *time.Time `json:"ended_at"`
	By            string     `json:"by"`
	Reason        string     `json:"reason"`
	DeedAt        *time.Time `json:"changed_at"` // of the latest pause, resume or end
	DeedBy        string     `json:"changed_by"`
	DeedReason    string     `json:"changed_reason"`
	Paused        bool       `json:"paused"`
	PerHour       int64      `json:"per_hour"`

	Members int64 `json:"members"` // whose passwords were to be voided
	Voided  int64 `json:"voided"`
	ToVoid  int64 `json:"to_void"`
	Notices int64 `json:"notices"` // to members that are voided so far, but the cancelled ones
	Mailed  int64 `json:"mailed"`  // accepted by the mail server
	Failed  int64 `json:"failed"`
	Waiting int64 `json:"waiting"` // made, and not taken by the mail server yet
	ToMail  int64 `json:"to_mail"` // neither mailed nor failed
	// SecondsLeft is how long the notices still take at this pace. Null while it does not mail.
	SecondsLeft *int64 `json:"seconds_left"`
}

// Run shows the latest breach.
func (c breachStatusCommand) Run(p *program) (err error) {
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	status, err := p.breachStatus(s.Breaches())
	if err != nil {
		return err
	}
	if c.JSON {
		return p.printJSON(status)
	}
	for _, line := range status.lines() {
		fmt.Fprintln(p.stdout, line)
	}
	return nil
}

func (p *program) breachStatus(breaches *store.Breaches) (breachStatus, error) {
	b, err := breaches.Latest(p.ctx)
	if errors.Is(err, breach.ErrNone) {
		return breachStatus{State: "none"}, nil
	}
	if err != nil {
		return breachStatus{}, err
	}
	letters, err := breaches.Mailed(p.ctx, b)
	if err != nil {
		return breachStatus{}, err
	}
	return newBreachStatus(b, letters), nil
}

func newBreachStatus(b breach.Breach, letters map[mail.State]int64) breachStatus {
	status := breachStatus{
		State: "mailing", Selection: string(b.Selection.Kind), BegunAt: &b.BegunAt, VoidedAt: b.VoidedAt, EndedAt: b.EndedAt,
		By: b.Author.Name, Reason: b.Author.Reason, DeedAt: b.Deed.At, DeedBy: b.Deed.Author.Name, DeedReason: b.Deed.Author.Reason,
		Paused: b.Paused, PerHour: b.PerHour, Members: b.Members, Voided: b.Voided,
		Notices: b.Notices, Mailed: letters[mail.Accepted], Failed: letters[mail.Failed], Waiting: letters[mail.Waiting],
	}
	if b.Selection.Kind == breach.ChangedBefore {
		status.ChangedBefore = &b.Selection.Before
	}
	if b.VoidedAt == nil {
		status.ToVoid = max(0, b.Members-b.Voided)
	}
	status.ToMail = max(0, b.Notices-b.Made) + status.Waiting
	if !b.Runs() {
		status.ToMail += letters[mail.Dropped] // given up by the end
	}
	switch {
	case !b.Runs():
		status.State = "ended"
	case b.Paused:
		status.State = "paused"
	case b.VoidedAt == nil:
		status.State = "voiding"
	case status.ToMail == 0:
		status.State = "done"
	default:
		left := int64(b.Remains().Seconds())
		status.SecondsLeft = &left
	}
	return status
}

// lines are for people.
func (s breachStatus) lines() []string {
	if s.State == "none" {
		return []string{"no breach"}
	}
	selection := strings.ReplaceAll(s.Selection, "_", " ")
	if s.ChangedBefore != nil {
		selection += " " + inJapan(*s.ChangedBefore)
	}
	rows := [][2]string{
		{"state", s.State},
		{"selection", selection},
		{"begun", inJapan(*s.BegunAt) + " by " + s.By},
		{"voided", fmt.Sprintf("%d of %d", s.Voided, s.Members)},
		{"notices", fmt.Sprintf("%d mailed, %d waiting, %d failed, %d left to mail", s.Mailed, s.Waiting, s.Failed, s.ToMail)},
		{"pace", fmt.Sprintf("at most %d an hour", s.PerHour)},
	}
	if s.Reason != "" {
		rows = append(rows, [2]string{"reason", s.Reason})
	}
	if s.DeedAt != nil {
		rows = append(rows, [2]string{"last changed", inJapan(*s.DeedAt) + " by " + s.DeedBy})
	}
	switch s.State {
	case "mailing":
		rows = append(rows, [2]string{"left", roughly(time.Duration(*s.SecondsLeft) * time.Second)})
	case "voiding":
		rows = append(rows, [2]string{"to do", "if no command voids any more, aikagi breach resume goes on"})
	case "paused":
		rows = append(rows, [2]string{"to do", "aikagi breach resume goes on"})
	case "done":
		rows = append(rows, [2]string{"to do", "aikagi breach end"})
	case "ended":
		if s.ToVoid > 0 || s.ToMail > 0 {
			rows = append(rows, [2]string{"to do", "nothing; aikagi breach resume takes the rest up again"})
		}
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = fmt.Sprintf("%-12s  %s", row[0], row[1])
	}
	return lines
}
