package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

type showCommand struct {
	Which string `arg:"" name:"id-or-receipt" help:"A login ID, or a receipt number of 8 digits."`
}

var receiptForm = regexp.MustCompile(`^[0-9]{8}$`)

// Run shows all that a text may mean. A receipt may have been given out more than once over the years, and a login ID
// may look like one: all of them are shown, each login ID once.
func (c showCommand) Run(p *program) (err error) {
	id, idErr := member.ParseLoginID(c.Which)
	isReceipt := receiptForm.MatchString(c.Which)
	if idErr != nil && !isReceipt {
		return fmt.Errorf("%w: %s is neither a login ID nor a receipt number of 8 digits", errUsage, c.Which)
	}
	settings, err := p.load(config.Needs{Database: true})
	if err != nil {
		return err
	}
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	show := &showing{program: p, settings: settings, members: s.Members()}
	var named []member.LoginID
	if isReceipt {
		if named, err = show.receipt(c.Which); err != nil {
			return err
		}
	}
	if idErr == nil && !slices.Contains(named, id) {
		named = append(named, id)
	}
	found := 0
	for _, id := range named {
		is, err := show.loginID(id)
		if err != nil {
			return err
		}
		if is {
			found++
		}
	}
	if found == 0 {
		return fmt.Errorf("no member has the login ID %s, and nobody asked for it lately", id)
	}
	return nil
}

// showing is one run of the command.
type showing struct {
	*program
	settings config.Settings
	members  *store.Members
	shown    bool // a login ID was shown before
}

// receipt tells which login IDs the asks with a receipt number named.
func (s *showing) receipt(receipt string) (named []member.LoginID, err error) {
	asks, err := s.members.Asks(s.ctx, "", receipt, timelineLength)
	for _, ask := range asks {
		fmt.Fprintf(s.stdout, "Receipt %s was given to an ask for login ID %s at %s.\n", ask.Receipt, ask.LoginID, inJapan(ask.AskedAt))
		if !slices.Contains(named, ask.LoginID) {
			named = append(named, ask.LoginID)
		}
	}
	return named, err
}

// loginID shows the member, if there is one, and every ask that named the login ID. It says false, and nothing else,
// when there is neither.
func (s *showing) loginID(id member.LoginID) (is bool, err error) {
	found, err := s.members.MembersNamed(s.ctx, []member.LoginID{id})
	if err != nil {
		return false, err
	}
	asks, err := s.members.Asks(s.ctx, id, "", timelineLength)
	if err != nil || len(found) == 0 && len(asks) == 0 {
		return false, err
	}
	if s.shown {
		fmt.Fprintln(s.stdout)
	}
	s.shown = true
	line := timeline{now: s.now(), brand: mailBrand(s.settings)}
	line.addAsks(asks)
	if len(found) == 0 {
		fmt.Fprintf(s.stdout, "No member has the login ID %s.\n", id)
	} else if err := s.member(found[0], &line); err != nil {
		return false, err
	}
	line.print(s.stdout)
	return true, nil
}

// member shows what is registered, and adds to the timeline what happened to the member.
func (s *showing) member(m member.Member, line *timeline) error {
	activities, err := s.members.Activities(s.ctx, m.ID, timelineLength)
	if err != nil {
		return err
	}
	letters, err := s.members.LettersOf(s.ctx, m.ID, timelineLength)
	if err != nil {
		return err
	}
	links, err := s.members.LetterLinks(s.ctx, letters)
	if err != nil {
		return err
	}
	issuances, present, err := s.members.Issuances(s.ctx, m.ID, letters)
	if err != nil {
		return err
	}
	line.addActivities(activities)
	line.addLetters(m, letters, links, issuances)
	s.registered(m, temporaryPasswordNow(present, m, line.now))
	return nil
}

func (s *showing) registered(m member.Member, temporary string) {
	passwordState := "usable"
	switch {
	case m.VoidedAt != nil:
		passwordState = "void since " + inJapan(*m.VoidedAt)
	case m.PasswordHash == "":
		passwordState = "never set"
	}
	changed := "never here"
	if m.PasswordChangedAt != nil {
		changed = inJapan(*m.PasswordChangedAt)
	}
	for _, row := range [][2]string{
		{"login ID", string(m.LoginID)},
		{"basic mail address", string(m.MailAddress)},
		{"status", string(m.Status)},
		{"password", passwordState},
		{"password changed", changed},
		{"temporary password", temporary},
		{"enrolled here", inJapan(m.CreatedAt)},
	} {
		fmt.Fprintf(s.stdout, "%-18s  %s\n", row[0], row[1])
	}
	fmt.Fprintln(s.stdout)
}

// temporaryPasswordNow says until when the member's present temporary password lives.
func temporaryPasswordNow(present recovery.Issuance, m member.Member, now time.Time) string {
	if present.ID == "" {
		return "none"
	}
	return temporaryPasswordState(present, m, now)
}

// temporaryPasswordState says what became of one.
func temporaryPasswordState(i recovery.Issuance, m member.Member, now time.Time) string {
	switch {
	case i.UsedAt != nil:
		return "used at " + inJapan(*i.UsedAt)
	case i.EndedAt != nil:
		return "ended at " + inJapan(*i.EndedAt)
	case i.PasswordVersion != m.PasswordVersion || m.Status != member.Active:
		return "ended: the password, the address or the status was changed after it"
	case i.ExpiresAt == nil:
		return "made, not mailed yet"
	case !now.Before(*i.ExpiresAt):
		return "expired at " + inJapan(*i.ExpiresAt)
	}
	return "lives until " + inJapan(*i.ExpiresAt)
}

// japan is where the help desk and the members are. It has no summer time.
var japan = time.FixedZone("JST", 9*60*60)

// inJapan writes a time as the letters state it, in Japan time, with its offset (RFC 3339).
func inJapan(t time.Time) string { return t.In(japan).Format(time.RFC3339) }
