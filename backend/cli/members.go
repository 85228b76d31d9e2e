package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

type membersCommand struct {
	Import  importCommand  `cmd:"" help:"Add members from a CSV file."`
	Show    showCommand    `cmd:"" help:"Show a member, or what became of a receipt number, as a timeline."`
	SetMail setMailCommand `cmd:"" help:"Give a member a new basic mail address; a notice goes to the former and to the new one."`
	Suspend suspendCommand `cmd:"" help:"Keep a member from signing in and recovering."`
	Resume  resumeCommand  `cmd:"" help:"Let a suspended member in again."`
	Void    voidCommand    `cmd:"" help:"Make passwords unusable, so that only recovery lets the members in."`
}

// timelineLength is how many of each kind of event a timeline holds at most.
const timelineLength = 200

type showCommand struct {
	Which string `arg:"" name:"id-or-receipt" help:"A login ID, or a receipt number of 8 digits."`
}

var receiptForm = regexp.MustCompile(`^[0-9]{8}$`)

// Run shows what happened. A receipt may have been given out more than once over the years: all of them are shown.
func (c showCommand) Run(p *program) (err error) {
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	members := s.Members()
	id, idErr := member.ParseLoginID(c.Which)
	shown := false
	if receiptForm.MatchString(c.Which) {
		asks, err := members.Asks(p.ctx, "", c.Which, timelineLength)
		if err != nil {
			return err
		}
		for _, ask := range asks {
			fmt.Fprintf(p.stdout, "Receipt %s was given to an ask for login ID %s.\n", ask.Receipt, ask.LoginID)
			if err := p.showLoginID(members, ask.LoginID); err != nil {
				return err
			}
			shown = true
		}
	}
	if idErr != nil && !shown {
		return fmt.Errorf("%w: %s is neither a login ID nor a receipt number of 8 digits", errUsage, c.Which)
	}
	if shown {
		return nil
	}
	return p.showLoginID(members, id)
}

// showLoginID shows the member, if there is one, and every ask that named the login ID.
func (p *program) showLoginID(members *store.Members, id member.LoginID) error {
	found, err := members.MembersNamed(p.ctx, []member.LoginID{id})
	if err != nil {
		return err
	}
	asks, err := members.Asks(p.ctx, id, "", timelineLength)
	if err != nil {
		return err
	}
	if len(found) == 0 && len(asks) == 0 {
		return fmt.Errorf("no member has the login ID %s, and nobody asked for it lately", id)
	}
	timeline := askEvents(asks)
	if len(found) == 0 {
		fmt.Fprintf(p.stdout, "No member has the login ID %s.\n", id)
	} else {
		m := found[0]
		p.showMember(m)
		events, err := p.memberEvents(members, m)
		if err != nil {
			return err
		}
		timeline = append(timeline, events...)
	}
	slices.SortStableFunc(timeline, func(a, b event) int { return b.at.Compare(a.at) })
	for _, e := range timeline {
		fmt.Fprintf(p.stdout, "%s  %s\n", e.at.Format(time.RFC3339), e.what)
	}
	return nil
}

func (p *program) showMember(m member.Member) {
	passwordState := "usable"
	switch {
	case m.VoidedAt != nil:
		passwordState = "void since " + m.VoidedAt.Format(time.RFC3339)
	case m.PasswordHash == "":
		passwordState = "never set"
	}
	changed := "never here"
	if m.PasswordChangedAt != nil {
		changed = m.PasswordChangedAt.Format(time.RFC3339)
	}
	fmt.Fprintf(p.stdout, "login ID            %s\nbasic mail address  %s\nstatus              %s\npassword            %s\npassword changed    %s\nenrolled here       %s\n\n",
		m.LoginID, string(m.MailAddress), m.Status, passwordState, changed, m.CreatedAt.Format(time.RFC3339))
}

// event is one line of a timeline.
type event struct {
	at   time.Time
	what string
}

func askEvents(asks []recovery.Recovery) []event {
	var events []event
	for _, ask := range asks {
		outcome := string(ask.Outcome)
		if outcome == "" {
			outcome = "not resolved yet"
		}
		client := ask.Client
		if client == "" {
			client = "unknown"
		}
		what := fmt.Sprintf("asked for recovery   receipt %s  outcome %s  from %s  wrong guesses %d", ask.Receipt, outcome, client, ask.Guesses)
		events = append(events, event{ask.AskedAt, what})
	}
	return events
}

func (p *program) memberEvents(members *store.Members, m member.Member) ([]event, error) {
	var events []event
	activities, err := members.Activities(p.ctx, m.ID, timelineLength)
	if err != nil {
		return nil, err
	}
	for _, a := range activities {
		what := fmt.Sprintf("%-20s by %s", strings.ReplaceAll(string(a.Kind), "_", " "), a.By)
		if a.Device != "" {
			what += "  device " + string(a.Device)
		}
		events = append(events, event{a.At, what})
	}
	letters, err := members.LettersOf(p.ctx, m.ID, timelineLength)
	if err != nil {
		return nil, err
	}
	for _, letter := range letters {
		events = append(events, event{letter.CreatedAt, letterLine(letter)})
	}
	return events, nil
}

// letterLine shows a letter with the mail server's codes.
func letterLine(letter store.KeptLetter) string {
	line := fmt.Sprintf("letter %s  %s  %s  tries %d", letter.ID, letter.Kind, letter.State, letter.Tries)
	if letter.Receipt != "" {
		line += "  receipt " + letter.Receipt
	}
	if letter.Answer != "" {
		line += "  answer " + letter.Answer
	}
	if letter.EndedAt != nil {
		line += "  ended " + letter.EndedAt.Format(time.RFC3339)
	}
	return line
}
