package cli

import (
	"cmp"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/store"
)

type setMailCommand struct {
	authorFlags
	ID      string `arg:"" help:"The member's login ID."`
	Address string `arg:"" help:"The new basic mail address."`
}

// Run changes the member's address. A notice goes to both addresses, and everything that was mailed to the former one ends.
func (c setMailCommand) Run(p *program) error {
	address, err := member.ParseMailAddress(c.Address)
	if err != nil || !address.CanReceive() {
		return fmt.Errorf("%w: mail cannot reach the new address; right would be a single address such as name@xxx.mm-m.ne.jp", errUsage)
	}
	return p.changeMember(c.ID, c.authorFlags, store.MemberChange{Kind: member.AddressChanged, Address: address},
		"the basic mail address is changed; temporary passwords, grants and sessions have ended; the server sends a notice to the former and to the new one",
		"has that basic mail address already")
}

type suspendCommand struct {
	authorFlags
	ID string `arg:"" help:"The member's login ID."`
}

// Run suspends an active member.
func (c suspendCommand) Run(p *program) error {
	return p.changeMember(c.ID, c.authorFlags, store.MemberChange{Kind: member.WasSuspended},
		"suspended; temporary passwords, grants and sessions have ended", "is not active")
}

type cancelCommand struct {
	authorFlags
	ID string `arg:"" help:"The member's login ID."`
}

// Run cancels the membership of an active or suspended member.
func (c cancelCommand) Run(p *program) error {
	return p.changeMember(c.ID, c.authorFlags, store.MemberChange{Kind: member.WasCancelled},
		"cancelled; temporary passwords, grants and sessions have ended", "is cancelled already")
}

type resumeCommand struct {
	authorFlags
	ID string `arg:"" help:"The member's login ID."`
}

// Run makes a suspended or cancelled member active again.
func (c resumeCommand) Run(p *program) error {
	return p.changeMember(c.ID, c.authorFlags, store.MemberChange{Kind: member.Resumed}, "active again", "is neither suspended nor cancelled")
}

// changeMember makes one change to the member that has the typed login ID. It prints done, or returns an error that says
// unchanged if the change makes no difference.
func (p *program) changeMember(typed string, flags authorFlags, change store.MemberChange, done, unchanged string) (err error) {
	if change.Author, err = flags.author(p); err != nil {
		return err
	}
	return p.withMember(typed, func(members *store.Members, m member.Member) error {
		changed, err := members.Do(p.ctx, m.ID, change, p.now())
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

// withMember opens the database and calls use with the member that has the typed login ID.
func (p *program) withMember(typed string, use func(*store.Members, member.Member) error) error {
	id, err := member.ParseLoginID(typed)
	if err != nil {
		return fmt.Errorf("%w: %s is not a login ID", errUsage, cmp.Or(typed, "an empty text"))
	}
	return p.withStore(func(s *store.Store) error {
		found, err := memberNamed(p.ctx, s.Members(), id)
		if err != nil {
			return err
		}
		return use(s.Members(), found)
	})
}
