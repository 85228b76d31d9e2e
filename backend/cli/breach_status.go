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

// breachStatus is the progress of the latest breach. Its JSON is stable.
type breachStatus struct {
	// State is none, voiding, mailing, paused, done or ended. A pause shows as paused even while passwords are still being voided.
	State         string     `json:"state"`
	Selection     string     `json:"selection,omitempty"` // all, ids or changed_before
	ChangedBefore *time.Time `json:"changed_before"`      // null unless that is the selection
	BegunAt       *time.Time `json:"begun_at"`
	VoidedAt      *time.Time `json:"voided_at"` // when the last password was voided
	EndedAt       *time.Time `json:"ended_at"`
	By            string     `json:"by"`
	Reason        string     `json:"reason"`
	ChangedAt     *time.Time `json:"changed_at"` // of the latest pause, resume or end
	ChangedBy     string     `json:"changed_by"`
	ChangedReason string     `json:"changed_reason"`
	Paused        bool       `json:"paused"`
	PerHour       int64      `json:"per_hour"`

	Members int64 `json:"members"` // the members to void
	Voided  int64 `json:"voided"`
	ToVoid  int64 `json:"to_void"`
	Notices int64 `json:"notices"` // to the members voided so far, except the cancelled ones
	Mailed  int64 `json:"mailed"`  // accepted by the mail server
	Failed  int64 `json:"failed"`
	Waiting int64 `json:"waiting"` // made, and not yet accepted by the mail server
	ToMail  int64 `json:"to_mail"` // neither mailed nor failed
	// SecondsLeft is how long the notices still take at this pace. It is null unless State is mailing.
	SecondsLeft *int64 `json:"seconds_left"`

	howToContinue string // the command that continues the breach, for a person
}

// Run shows the latest breach.
func (c breachStatusCommand) Run(p *program) error {
	return p.withStore(func(s *store.Store) error {
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
	})
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
		By: b.Author.Name, Reason: b.Author.Reason, ChangedAt: b.Latest.At, ChangedBy: b.Latest.Author.Name, ChangedReason: b.Latest.Author.Reason,
		Paused: b.Paused, PerHour: b.PerHour, Members: b.Members, Voided: b.Voided,
		Notices: b.Notices, Mailed: letters[mail.Accepted], Failed: letters[mail.Failed], Waiting: letters[mail.Waiting],
	}
	status.howToContinue = howToContinue(b)
	if b.Selection.Kind == breach.ChangedBefore {
		status.ChangedBefore = &b.Selection.Before
	}
	if b.VoidedAt == nil {
		status.ToVoid = max(0, b.Members-b.Voided)
	}
	status.ToMail = max(0, b.Notices-b.Made) + status.Waiting
	if !b.Runs() {
		status.ToMail += letters[mail.Dropped] // dropped by breach end; breach resume sends them
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

// lines returns the status as text.
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
	if s.ChangedAt != nil {
		rows = append(rows, [2]string{"last changed", inJapan(*s.ChangedAt) + " by " + s.ChangedBy})
	}
	if s.State == "mailing" {
		rows = append(rows, [2]string{"left", roughly(time.Duration(*s.SecondsLeft) * time.Second)})
	}
	if toDo := s.toDo(); toDo != "" {
		rows = append(rows, [2]string{"to do", toDo})
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = fmt.Sprintf("%-12s  %s", row[0], row[1])
	}
	return lines
}

// toDo is what the operator can do next, or empty.
func (s breachStatus) toDo() string {
	switch {
	case s.State == "voiding":
		return "if no command voids any more, " + s.howToContinue
	case s.State == "paused":
		return s.howToContinue
	case s.State == "done":
		return "aikagi breach end"
	case s.State == "ended" && (s.ToVoid > 0 || s.ToMail > 0):
		return "nothing; " + s.howToContinue
	}
	return ""
}

// howToContinue says which command continues a breach that was paused, cut off or ended. While the list of its members
// is not stored completely, only the command with the file can complete it.
func howToContinue(b breach.Breach) string {
	switch {
	case b.ListedAt == nil && b.Runs():
		return "aikagi breach begin --ids FILE, with the same file, continues it"
	case b.ListedAt == nil:
		return "aikagi breach begin --ids FILE, with the same file, begins it again"
	case !b.Runs():
		return "aikagi breach resume continues with the rest"
	}
	return "aikagi breach resume continues it"
}
