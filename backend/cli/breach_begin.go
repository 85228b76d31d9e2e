package cli

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/member"
	"aikagi/backend/store"
)

type breachBeginCommand struct {
	authorFlags
	All           bool   `xor:"which" required:"" help:"Every member."`
	IDs           string `name:"ids" xor:"which" required:"" help:"The members in this file, one login ID on each line; - is the standard input. The whole file is checked before anything is written." type:"existingfile" placeholder:"FILE"`
	ChangedBefore string `xor:"which" required:"" help:"Every member whose password was last changed before this time, or never here: RFC 3339, or a date such as 2026-11-27 in Japan time." placeholder:"TIME"`
	PerHour       int64  `help:"The most notices an hour; 50000 by default." default:"50000" placeholder:"NUMBER"`
	Yes           *int64 `help:"Do not ask, if no more members than this number would be voided." placeholder:"NUMBER"`
}

// Help is shown under the command's flags.
func (breachBeginCommand) Help() string {
	return `It says how many passwords it will void, and asks for that number. Each member whose password it voids gets one notice,
after all letters with temporary passwords; a cancelled member gets none. A password that is void already is left, and its
member gets no notice. It can be cut off at any time: run it again, or aikagi breach resume.`
}

// Run begins a breach and voids the passwords. If a breach with the same selection was cut off while it voided, Run
// continues that one.
func (c breachBeginCommand) Run(p *program) error {
	selection, err := c.selection(p.now())
	if err != nil {
		return err
	}
	author, err := c.author(p)
	if err != nil {
		return err
	}
	return p.withStore(func(s *store.Store) error {
		b := breach.Breach{Selection: selection, PerHour: c.PerHour, Author: author, BegunAt: p.now()}
		list, err := c.countMembers(p, s, &b)
		if err != nil {
			return err
		}
		if b, err = c.beginOrContinue(p, s.Breaches(), b); err != nil {
			return err
		}
		if b.ListedAt == nil {
			if err := p.storeList(s.Breaches(), b, list); err != nil {
				return err
			}
		}
		return p.voidBreach(s.Breaches(), b)
	})
}

// selection returns the selection that the flags describe. For a file it has no digest yet.
func (c breachBeginCommand) selection(now time.Time) (selection breach.Selection, err error) {
	selection = breach.Selection{Before: now}
	if err := checkPace(c.PerHour); err != nil {
		return selection, err
	}
	switch {
	case c.IDs != "":
		selection.Kind = breach.IDs
	case c.ChangedBefore != "":
		selection.Kind = breach.ChangedBefore
		if selection.Before, err = parseTime(c.ChangedBefore); err != nil {
			return selection, fmt.Errorf("%w: --changed-before: %w; nothing was changed", errUsage, err)
		}
		selection.Before = selection.Before.Truncate(time.Microsecond)
		if selection.Before.After(now) {
			return selection, fmt.Errorf("%w: --changed-before %s is in the future; right would be a time in the past, or --all; nothing was changed", errUsage, c.ChangedBefore)
		}
	case c.All:
		selection.Kind = breach.All
	default: // --all=false, or an empty value
		return selection, fmt.Errorf("%w: no members are chosen; right would be exactly one of --all, --ids FILE and --changed-before TIME; nothing was changed", errUsage)
	}
	return selection, nil
}

// countMembers completes the selection and counts its members. For a file it returns the members that the file names.
func (c breachBeginCommand) countMembers(p *program, s *store.Store, b *breach.Breach) (list []member.ID, err error) {
	if c.IDs == "" {
		b.ListedAt = &b.BegunAt // no list is needed
		b.Members, b.Selection.Last, err = s.Breaches().Chosen(p.ctx, b.Selection)
		return nil, err
	}
	file := memberList{program: p, members: s.Members(), selection: b.Selection}
	if err := file.read(c.IDs); err != nil {
		return nil, err
	}
	b.Members, b.Selection.Digest = file.chosen, file.digest()
	return file.ids, nil
}

var errBreachRuns = errors.New("a breach runs already: aikagi breach status shows it, and aikagi breach end ends it; nothing was changed")

// beginOrContinue stores b as a new breach, or returns the running breach if it has the same selection and still voids.
func (c breachBeginCommand) beginOrContinue(p *program, breaches *store.Breaches, b breach.Breach) (breach.Breach, error) {
	latest, err := breaches.Latest(p.ctx)
	switch {
	case errors.Is(err, breach.ErrNone), err == nil && !latest.Runs():
		return c.begin(p, breaches, b)
	case err != nil:
		return b, err
	case latest.VoidedAt == nil && latest.Selection.IsSame(b.Selection):
		fmt.Fprintf(p.stderr, "the breach that was begun at %s goes on\n", inJapan(latest.BegunAt))
		return latest, nil
	}
	return b, errBreachRuns
}

// begin asks the operator and stores the breach.
func (c breachBeginCommand) begin(p *program, breaches *store.Breaches, b breach.Breach) (breach.Breach, error) {
	if b.Members == 0 {
		return b, errors.New("no password is to be voided: those that were chosen are void already, and their members get no notice; nothing was changed")
	}
	if err := p.confirm("void the passwords of", b.Members, c.Yes); err != nil {
		return b, err
	}
	begun, err := breaches.Begin(p.ctx, b)
	if errors.Is(err, breach.ErrRuns) {
		err = errBreachRuns
	}
	return begun, err
}

// storeAtOnce is how many members of a list one transaction stores.
const storeAtOnce = 500

// storeList stores which members the file names.
func (p *program) storeList(breaches *store.Breaches, b breach.Breach, ids []member.ID) error {
	const failed = "write the list: %w; run the same command again to go on"
	for some := range slices.Chunk(ids, storeAtOnce) {
		if err := breaches.List(p.ctx, b.ID, some); err != nil {
			return fmt.Errorf(failed, err)
		}
	}
	if err := breaches.Listed(p.ctx, b.ID, p.now()); err != nil {
		return fmt.Errorf(failed, err)
	}
	return nil
}
