package cli

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"aikagi/backend/config"
	"aikagi/backend/member"
	"aikagi/backend/store"
)

type showCommand struct {
	JSON  bool   `name:"json" help:"Print one JSON object; times are in UTC."`
	Which string `arg:"" name:"id-or-receipt" help:"A login ID, or a receipt number of 8 digits."`
}

var receiptForm = regexp.MustCompile(`^[0-9]{8}$`)

// Run shows the member with a login ID, and all recoveries with a receipt. A receipt may have been given out more than once
// over the years, and a login ID may look like a receipt: Run shows all of them, each login ID once.
func (c showCommand) Run(p *program) error {
	id, err := member.ParseLoginID(c.Which)
	if err != nil { // a receipt number has the form of a login ID too
		return fmt.Errorf("%w: %s is neither a login ID nor a receipt number of 8 digits", errUsage, c.Which)
	}
	settings, err := p.load(config.Needs{Database: true})
	if err != nil {
		return err
	}
	return p.withStore(func(s *store.Store) error {
		run := &showRun{program: p, settings: settings, members: s.Members()}
		found, err := run.find(c.Which, id)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(p.stdout).Encode(found)
		}
		found.writeTo(p.stdout)
		return nil
	})
}

// showRun is one run of the command.
type showRun struct {
	*program
	settings config.Settings
	members  *store.Members
}

// find returns everything that the typed text names: a login ID, a receipt, or both. It fails if it finds nothing.
func (s *showRun) find(typed string, id member.LoginID) (found showResult, err error) {
	found = showResult{Receipts: []shownReceipt{}, LoginIDs: []shownLoginID{}}
	var named []member.LoginID
	isReceipt := receiptForm.MatchString(typed)
	if isReceipt {
		asks, err := s.members.Asks(s.ctx, "", typed, timelineLength)
		if err != nil {
			return found, err
		}
		for _, ask := range asks {
			found.Receipts = append(found.Receipts, shownReceipt{ask.Receipt, ask.LoginID, ask.AskedAt})
			if !slices.Contains(named, ask.LoginID) {
				named = append(named, ask.LoginID)
			}
		}
	}
	if !slices.Contains(named, id) {
		named = append(named, id)
	}
	for _, id := range named {
		one, is, err := s.loginID(id)
		if err != nil {
			return found, err
		}
		if is {
			found.LoginIDs = append(found.LoginIDs, one)
		}
	}
	switch {
	case len(found.LoginIDs) > 0:
		return found, nil
	case isReceipt:
		return found, fmt.Errorf("no member has the login ID %s, and no recovery that is still stored has that receipt number", typed)
	}
	return found, fmt.Errorf("no member has the login ID %s, and no recovery that is still stored names it", id)
}

// loginID returns the member with the login ID, if there is one, and every recovery that was asked for with it. It returns
// false if there is neither.
func (s *showRun) loginID(id member.LoginID) (one shownLoginID, is bool, err error) {
	found, err := s.members.MembersNamed(s.ctx, []member.LoginID{id})
	if err != nil {
		return one, false, err
	}
	asks, err := s.members.Asks(s.ctx, id, "", timelineLength)
	if err != nil || len(found) == 0 && len(asks) == 0 {
		return one, false, err
	}
	line := &timeline{now: s.now(), brand: mailBrand(s.settings)}
	line.addAsks(asks)
	one = shownLoginID{LoginID: id, timeline: line}
	if len(found) > 0 {
		if one.Member, err = s.member(found[0], line); err != nil {
			return one, false, err
		}
	}
	line.sort()
	one.Timeline, one.IsCut = make([]eventJSON, len(line.events)), line.cut
	for i, e := range line.events {
		one.Timeline[i] = e.json
	}
	return one, true, nil
}

// member returns what is registered of the member, and adds the member's events to the timeline.
func (s *showRun) member(m member.Member, line *timeline) (*shownMember, error) {
	activities, err := s.members.Activities(s.ctx, m.ID, timelineLength)
	if err != nil {
		return nil, err
	}
	letters, err := s.members.LettersOf(s.ctx, m.ID, timelineLength)
	if err != nil {
		return nil, err
	}
	links, err := s.members.LetterLinks(s.ctx, letters)
	if err != nil {
		return nil, err
	}
	issuances, present, err := s.members.Issuances(s.ctx, m.ID, letters)
	if err != nil {
		return nil, err
	}
	line.addActivities(activities)
	line.addLetters(m, letters, links, issuances)
	shown := newShownMember(m)
	shown.TemporaryPassword = stateOf(present, m, line.now)
	return &shown, nil
}
