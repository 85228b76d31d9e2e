package cli

import (
	"cmp"
	"errors"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/store"
)

type setMailCommand struct {
	authored
	ID      string `arg:"" help:"The member's login ID."`
	Address string `arg:"" help:"The new basic mail address."`
}

// Run gives the member a new address, and both addresses a notice. What was mailed to the former one ends.
func (c setMailCommand) Run(p *program) error {
	address, err := member.ParseMailAddress(c.Address)
	if err != nil || !address.CanReceive() {
		return fmt.Errorf("%w: the new address is none that mail can be sent to (right would be name@xxx.mm-m.ne.jp)", errUsage)
	}
	return p.deed(c.ID, c.authored, store.Deed{Kind: member.AddressChanged, Address: address},
		"the basic mail address is changed; temporary passwords, grants and sessions have ended; the server sends a notice to the former and to the new one",
		"has that basic mail address already")
}

type suspendCommand struct {
	authored
	ID string `arg:"" help:"The member's login ID."`
}

// Run suspends.
func (c suspendCommand) Run(p *program) error {
	return p.deed(c.ID, c.authored, store.Deed{Kind: member.WasSuspended},
		"suspended; temporary passwords, grants and sessions have ended", "is not active")
}

type cancelCommand struct {
	authored
	ID string `arg:"" help:"The member's login ID."`
}

// Run cancels the membership of an active or suspended member.
func (c cancelCommand) Run(p *program) error {
	return p.deed(c.ID, c.authored, store.Deed{Kind: member.WasCancelled},
		"cancelled; temporary passwords, grants and sessions have ended", "is cancelled already")
}

type resumeCommand struct {
	authored
	ID string `arg:"" help:"The member's login ID."`
}

// Run brings back a suspended or cancelled member.
func (c resumeCommand) Run(p *program) error {
	return p.deed(c.ID, c.authored, store.Deed{Kind: member.Resumed}, "active again", "is neither suspended nor cancelled")
}

// deed does one deed to the member that has the login ID, and says what came of it.
func (p *program) deed(typed string, by authored, deed store.Deed, done, unchanged string) (err error) {
	if deed.Author, err = by.author(p); err != nil {
		return err
	}
	return p.onMember(typed, func(members *store.Members, m member.Member) error {
		changed, err := members.Do(p.ctx, m.ID, deed, p.now())
		if err != nil {
			return err
		}
		if !changed {
			return fmt.Errorf("nothing was changed: %s %s", m.LoginID, unchanged)
		}
		fmt.Fprintf(p.stdout, "%s: %s\n", m.LoginID, done)
		return nil
	})
}

// onMember finds the member that has the login ID.
func (p *program) onMember(typed string, do func(*store.Members, member.Member) error) (err error) {
	id, err := member.ParseLoginID(typed)
	if err != nil {
		return fmt.Errorf("%w: %s is not a login ID", errUsage, cmp.Or(typed, "an empty text"))
	}
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	found, err := s.Members().MembersNamed(p.ctx, []member.LoginID{id})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("no member has the login ID %s", id)
	}
	return do(s.Members(), found[0])
}
