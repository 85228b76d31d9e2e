package cli

import (
	"errors"
	"fmt"

	"aikagi/backend/breach"
	"aikagi/backend/member"
	"aikagi/backend/store"
)

type breachCommand struct {
	Begin  breachBeginCommand  `cmd:"" help:"Void passwords in sets; then the servers mail each of these members one notice, at a limited rate."`
	Status breachStatusCommand `cmd:"" help:"Show how much is done, and how long the rest takes."`
	Pause  breachPauseCommand  `cmd:"" help:"Hold the notices on all servers. Passwords stay void."`
	Resume breachResumeCommand `cmd:"" help:"Continue notices that were paused, voiding that was cut off, or a breach that was ended."`
	End    breachEndCommand    `cmd:"" help:"End it: no more notices. Passwords stay void."`
}

// latestBreach is the latest breach, with the store and the author for changing it.
type latestBreach struct {
	breach.Breach
	breaches *store.Breaches
	author   member.Author
}

// withLatestBreach opens the database and calls use with the latest breach. If there is none, the error says how to begin
// one.
func (p *program) withLatestBreach(flags authorFlags, use func(latestBreach) error) error {
	author, err := flags.author(p)
	if err != nil {
		return err
	}
	return p.withStore(func(s *store.Store) error {
		latest, err := s.Breaches().Latest(p.ctx)
		if errors.Is(err, breach.ErrNone) {
			return errors.New("there is no breach; aikagi breach begin --all, or with --ids or --changed-before, begins one")
		}
		if err != nil {
			return err
		}
		return use(latestBreach{latest, s.Breaches(), author})
	})
}

type breachPauseCommand struct{ authorFlags }

// Run pauses the notices. Letters that are being sent at this moment still go out.
func (c breachPauseCommand) Run(p *program) error {
	return p.withLatestBreach(c.authorFlags, func(latest latestBreach) error {
		switch {
		case !latest.Runs():
			return errors.New("the breach was ended; there is nothing to pause")
		case latest.Paused:
			return errors.New("the breach is paused already; " + howToContinue(latest.Breach))
		}
		paused, err := latest.breaches.Pause(p.ctx, latest.ID, latest.author, p.now())
		if err != nil {
			return err
		}
		if !paused {
			return errors.New("another command has changed the breach meanwhile; aikagi breach status shows it")
		}
		fmt.Fprintf(p.stdout, "paused: %s made of %d; %s\n", count(int(latest.Made), "notice"), latest.Notices, howToContinue(latest.Breach))
		if latest.VoidedAt == nil {
			fmt.Fprintln(p.stdout, "A pause does not stop a command that voids passwords.")
		}
		return nil
	})
}

type breachResumeCommand struct {
	authorFlags
	PerHour *int64 `name:"per-hour" help:"A new rate: the most notices an hour." placeholder:"NUMBER"`
}

// Run continues a breach that was paused, cut off or ended.
func (c breachResumeCommand) Run(p *program) error {
	perHour := int64(0) // the pace stays
	if c.PerHour != nil {
		if err := checkPace(*c.PerHour); err != nil {
			return err
		}
		perHour = *c.PerHour
	}
	return p.withLatestBreach(c.authorFlags, func(latest latestBreach) error {
		switch {
		case latest.ListedAt == nil:
			return errors.New("the list of members was not read to its end: run aikagi breach begin --ids FILE again with the same file")
		case latest.Runs() && !latest.Paused && latest.VoidedAt != nil && perHour == 0:
			fmt.Fprintln(p.stdout, "the breach runs already; aikagi breach status shows how far it is")
			return nil
		}
		err := latest.breaches.Resume(p.ctx, latest.Breach, perHour, latest.author, p.now())
		if errors.Is(err, breach.ErrRuns) {
			return errors.New("another breach has begun meanwhile; aikagi breach status shows it")
		}
		if err != nil {
			return err
		}
		resumed, err := latest.breaches.Latest(p.ctx)
		if err != nil {
			return err
		}
		if resumed.VoidedAt == nil {
			return p.voidBreach(latest.breaches, resumed)
		}
		status, err := p.breachStatus(latest.breaches)
		if err == nil {
			p.printNotices(resumed, status.ToMail)
		}
		return err
	})
}

type breachEndCommand struct{ authorFlags }

// Run ends a breach. It does not ask, because aikagi breach resume continues an ended breach.
func (c breachEndCommand) Run(p *program) error {
	return p.withLatestBreach(c.authorFlags, func(latest latestBreach) (err error) {
		ended := false
		if latest.Runs() {
			ended, err = latest.breaches.End(p.ctx, latest.Breach, latest.author, p.now())
		}
		if err != nil {
			return err
		}
		if !ended {
			return errors.New("the breach was ended before")
		}
		fmt.Fprintln(p.stdout, "ended")
		status, err := p.breachStatus(latest.breaches)
		if err == nil && (status.ToVoid > 0 || status.ToMail > 0) {
			fmt.Fprintf(p.stdout, "left: %s not voided, %s not mailed; %s\n",
				count(int(status.ToVoid), "password"), count(int(status.ToMail), "notice"), status.howToContinue)
		}
		return err
	})
}

// checkPace returns an error if no breach can have this pace.
func checkPace(perHour int64) error {
	if perHour < 1 || perHour > breach.MostPerHour {
		return fmt.Errorf("%w: --per-hour %d: right would be 1 to %d", errUsage, perHour, breach.MostPerHour)
	}
	return nil
}

// printNotices prints how many notices are left to mail, and how long that takes.
func (p *program) printNotices(b breach.Breach, left int64) {
	fmt.Fprintf(p.stdout, "%s to mail, at most %d an hour: %s; the servers mail them, aikagi breach status shows how far they are\n",
		count(int(left), "notice"), b.PerHour, roughly(b.Remains()))
}
