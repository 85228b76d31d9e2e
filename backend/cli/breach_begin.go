package cli

import (
	"errors"
	"fmt"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/member"
	"aikagi/backend/store"
)

type breachBeginCommand struct {
	authored
	All           bool   `xor:"which" required:"" help:"Every member."`
	IDs           string `name:"ids" xor:"which" required:"" help:"The members whose login IDs this file has, one a line; - is the standard input. It is checked whole before anything is written." type:"existingfile" placeholder:"FILE"`
	ChangedBefore string `xor:"which" required:"" help:"Every member whose password was last changed before this time, or never here: RFC 3339, or a date such as 2026-11-27 in Japan time." placeholder:"TIME"`
	PerHour       int64  `help:"At most so many notices an hour; 50000 without it." default:"50000" placeholder:"NUMBER"`
	Yes           *int64 `help:"Do not ask, if at most so many members would be voided." placeholder:"NUMBER"`
}

// Help is shown under the command's flags.
func (breachBeginCommand) Help() string {
	return `It says how many passwords it will void, and asks for that number. Each member whose password it voids gets one notice,
after all letters with temporary passwords; a cancelled member gets none. A password that is void already is left, and its
member gets no notice. It can be cut off at any time: run it again, or aikagi breach resume.`
}

// Run voids. A breach that was cut off while it voided goes on when it is begun again in the same way.
func (c breachBeginCommand) Run(p *program) (err error) {
	which, err := c.check(p.now())
	if err != nil {
		return err
	}
	s, author, err := p.openBreaches(c.authored)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	b := breach.Breach{Selection: which, PerHour: c.PerHour, Author: author, BegunAt: p.now()}
	listed, err := c.choose(p, s, &b)
	if err != nil {
		return err
	}
	latest, err := s.Breaches().Latest(p.ctx)
	switch {
	case errors.Is(err, breach.ErrNone), err == nil && !latest.Runs():
		if b, err = c.begin(p, s.Breaches(), b); err != nil {
			return err
		}
	case err != nil:
		return err
	case latest.VoidedAt == nil && latest.Selection.IsSame(b.Selection):
		fmt.Fprintf(p.stderr, "the breach that was begun at %s goes on\n", inJapan(latest.BegunAt))
		b = latest
	default:
		return errBreachRuns
	}
	if b.ListedAt == nil {
		if err := p.listBreach(s.Breaches(), b, listed); err != nil {
			return err
		}
	}
	return p.voidBreach(s.Breaches(), b)
}

var errBreachRuns = errors.New("a breach runs already: aikagi breach status shows it, and aikagi breach end ends it; nothing was changed")

// check reads the flags.
func (c breachBeginCommand) check(now time.Time) (which breach.Selection, err error) {
	which = breach.Selection{Kind: breach.All, Before: now}
	if err := checkPace(c.PerHour); err != nil {
		return which, err
	}
	switch {
	case c.IDs != "":
		which.Kind = breach.IDs
	case c.ChangedBefore != "":
		which.Kind = breach.ChangedBefore
		if which.Before, err = parseSince(c.ChangedBefore); err != nil {
			return which, fmt.Errorf("%w: --changed-before: %w; nothing was changed", errUsage, err)
		}
		which.Before = which.Before.Truncate(time.Microsecond)
		if which.Before.After(now) {
			return which, fmt.Errorf("%w: --changed-before %s is in the future; right would be a time that is past, or --all; nothing was changed", errUsage, c.ChangedBefore)
		}
	}
	return which, nil
}

// choose counts the members, and reads the list of those that a file names.
func (c breachBeginCommand) choose(p *program, s *store.Store, b *breach.Breach) (listed []member.ID, err error) {
	if c.IDs == "" {
		b.ListedAt = &b.BegunAt
		b.Members, b.Selection.Last, err = s.Breaches().Chosen(p.ctx, b.Selection)
		return nil, err
	}
	list := memberList{program: p, members: s.Members(), which: b.Selection}
	if err := list.read(c.IDs); err != nil {
		return nil, err
	}
	b.Members, b.Selection.Digest = list.chosen, list.digest()
	return list.ids, nil
}

// begin asks, and writes the breach down.
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

// listAtOnce members of a list are written down in one transaction.
const listAtOnce = 500

// goOn says what to do after a breach was cut off.
const goOn = "run the same command again to go on"

func (p *program) listBreach(breaches *store.Breaches, b breach.Breach, ids []member.ID) error {
	for start := 0; start < len(ids); start += listAtOnce {
		if err := breaches.List(p.ctx, b.ID, ids[start:min(len(ids), start+listAtOnce)]); err != nil {
			return fmt.Errorf("write the list: %w; %s", err, goOn)
		}
	}
	if err := breaches.Listed(p.ctx, b.ID, p.now()); err != nil {
		return fmt.Errorf("write the list: %w; %s", err, goOn)
	}
	return nil
}

// Between two sets the database is left to others: for half as long as the set took, and for long enough that a set takes
// voidEach for each member. A million take two and a half minutes then, and longer on a busy machine.
const (
	voidEach = 150 * time.Microsecond
	// longestSet is how long the store lets a set take.
	longestSet = 10 * time.Second
)

func restAfter(took time.Duration, voided int64) time.Duration {
	took = min(took, longestSet) // the clock may have been stepped
	return max(took/2, time.Duration(voided)*voidEach-took)
}

// voidBreach voids set after set. Several commands may void the same breach side by side.
func (p *program) voidBreach(breaches *store.Breaches, b breach.Breach) (err error) {
	told := p.progress("voided", "member", b.Members)
	told.begunAt(b.Voided)
	defer told.clear()
	for b.Runs() && b.VoidedAt == nil {
		begun := p.now()
		next, err := breaches.VoidSet(p.ctx, b.ID, begun)
		if err != nil {
			told.clear()
			return fmt.Errorf("after %d of %d: %w; aikagi breach resume goes on", b.Voided, b.Members, err)
		}
		pause := restAfter(p.now().Sub(begun), next.Voided-b.Voided)
		b = next
		told.at(b.Voided)
		p.rest(pause)
	}
	told.clear()
	if !b.Runs() {
		return fmt.Errorf("voided %d of %d: another command has ended the breach; aikagi breach resume takes it up again", b.Voided, b.Members)
	}
	fmt.Fprintf(p.stdout, "voided %d\n", b.Voided)
	p.tellNotices(b, b.Notices-b.Made)
	p.proposeAnnouncement(b)
	return nil
}

func (p *program) tellNotices(b breach.Breach, left int64) {
	fmt.Fprintf(p.stdout, "%s to mail, at most %d an hour: %s; the servers mail them, aikagi breach status shows how far they are\n",
		count(int(left), "notice"), b.PerHour, roughly(b.Remains()))
}

func (p *program) rest(pause time.Duration) {
	select {
	case <-p.ctx.Done():
	case <-time.After(pause):
	}
}

// roughly says a time that nobody can know to the second.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return fmt.Sprintf("about %s", count(int(d.Round(time.Minute)/time.Minute), "minute"))
	}
	return fmt.Sprintf("about %.1f hours", d.Hours())
}
