package cli

import (
	"errors"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

type forgetCommand struct {
	authorFlags
	ID   string `arg:"" optional:"" help:"The login ID of a cancelled member."`
	List bool   `help:"List when members were forgotten, by whom and why, instead."`
}

// Help is shown under the command's flags.
func (forgetCommand) Help() string {
	return "Nothing brings the member back. Recoveries that still wait stay until their time is over, so that their answers show " +
		"nothing; they lead nowhere. One line keeps when, by whom and why: do not name the member in --reason. Remove the member " +
		"from the file of the next import too, because the import would add the member again. Backups still contain the member."
}

// Run deletes a cancelled member, or lists the deletions.
func (c forgetCommand) Run(p *program) error {
	switch {
	case c.List == (c.ID != ""):
		return fmt.Errorf("%w: name a login ID, or say --list", errUsage)
	case c.List:
		return p.listForgotten()
	}
	author, err := c.author(p)
	if err != nil {
		return err
	}
	return p.withMember(c.ID, func(members *store.Members, m member.Member) error {
		err := members.Forget(p.ctx, m, author, p.now())
		switch {
		case errors.Is(err, store.ErrNotCancelled):
			return fmt.Errorf("nothing was changed: the membership of %s goes on; aikagi members cancel %s ends it", m.LoginID, m.LoginID)
		case errors.Is(err, recovery.ErrNotFound):
			return fmt.Errorf("another command has forgotten %s meanwhile", m.LoginID)
		case err != nil:
			return fmt.Errorf("%w; run it again to go on", err)
		}
		fmt.Fprintf(p.stdout, "%s: forgotten; recoveries that have begun lead nowhere, and are deleted when their time is over\n", m.LoginID)
		return nil
	})
}

func (p *program) listForgotten() error {
	return p.withStore(func(s *store.Store) error {
		kept, err := s.Members().Forgotten(p.ctx, timelineLength)
		if err != nil {
			return err
		}
		var list timeline
		list.addActivities(kept)
		list.writeTo(p.stdout)
		if len(kept) == 0 {
			fmt.Fprintln(p.stdout, "no member was forgotten, or the record of it is no longer kept")
		}
		return nil
	})
}
