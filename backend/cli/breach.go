package cli

import (
	"errors"
	"fmt"

	"aikagi/backend/breach"
	"aikagi/backend/member"
	"aikagi/backend/store"
)

type breachCommand struct {
	Begin  breachBeginCommand  `cmd:"" help:"Void passwords in sets; then the servers mail each of these members one notice, so many an hour."`
	Status breachStatusCommand `cmd:"" help:"Show how far it is, and how long the rest takes."`
	Pause  breachPauseCommand  `cmd:"" help:"Hold the notices on all servers. Passwords stay void."`
	Resume breachResumeCommand `cmd:"" help:"Go on: with notices that were paused, with voiding that was cut off, or after end."`
	End    breachEndCommand    `cmd:"" help:"End it: no more notices. Passwords stay void."`
}

// openBreaches opens the database for one of these commands, with what the operator is called.
func (p *program) openBreaches(a authored) (*store.Store, member.Author, error) {
	author, err := a.author(p)
	if err != nil {
		return nil, author, err
	}
	s, err := p.openStore()
	return s, author, err
}

// latestBreach says what to do when there is none.
func (p *program) latestBreach(breaches *store.Breaches) (breach.Breach, error) {
	latest, err := breaches.Latest(p.ctx)
	if errors.Is(err, breach.ErrNone) {
		err = errors.New("there is no breach; aikagi breach begin --all, or with --ids or --changed-before, begins one")
	}
	return latest, err
}

type breachPauseCommand struct{ authored }

// Run pauses the notices. What is being sent at this moment is sent.
func (c breachPauseCommand) Run(p *program) (err error) {
	s, author, err := p.openBreaches(c.authored)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	latest, err := p.latestBreach(s.Breaches())
	switch {
	case err != nil:
		return err
	case !latest.Runs():
		return errors.New("the breach was ended; there is nothing to pause")
	case latest.Paused:
		return errors.New("the breach is paused already; aikagi breach resume goes on")
	}
	paused, err := s.Breaches().Pause(p.ctx, latest.ID, author, p.now())
	if err == nil && !paused {
		err = errors.New("another command has changed the breach meanwhile; aikagi breach status shows it")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "paused: %s made of %d; aikagi breach resume goes on\n", count(int(latest.Made), "notice"), latest.Notices)
	if latest.VoidedAt == nil {
		fmt.Fprintln(p.stdout, "Passwords are voided on: a command that voids is not paused.")
	}
	return nil
}

type breachResumeCommand struct {
	authored
	PerHour *int64 `name:"per-hour" help:"A new pace: at most so many notices an hour." placeholder:"NUMBER"`
}

// Run takes up what was paused, cut off or ended.
func (c breachResumeCommand) Run(p *program) (err error) {
	perHour := int64(0)
	if c.PerHour != nil {
		if err := checkPace(*c.PerHour); err != nil {
			return err
		}
		perHour = *c.PerHour
	}
	s, author, err := p.openBreaches(c.authored)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	latest, err := p.latestBreach(s.Breaches())
	switch {
	case err != nil:
		return err
	case latest.ListedAt == nil:
		return errors.New("the list of members was not read to its end: run aikagi breach begin --ids FILE again with the same file")
	case latest.Runs() && !latest.Paused && latest.VoidedAt != nil && perHour == 0:
		fmt.Fprintln(p.stdout, "the breach runs already; aikagi breach status shows how far it is")
		return nil
	}
	err = s.Breaches().Resume(p.ctx, latest, perHour, author, p.now())
	if errors.Is(err, breach.ErrRuns) {
		return errors.New("another breach has begun meanwhile; aikagi breach status shows it")
	}
	if err == nil {
		latest, err = s.Breaches().Latest(p.ctx)
	}
	if err != nil {
		return err
	}
	if latest.VoidedAt == nil {
		return p.voidBreach(s.Breaches(), latest)
	}
	status, err := p.breachStatus(s.Breaches())
	if err == nil {
		p.tellNotices(latest, status.ToMail)
	}
	return err
}

type breachEndCommand struct{ authored }

// Run ends a breach. It can be taken up again, so it asks nothing.
func (c breachEndCommand) Run(p *program) (err error) {
	s, author, err := p.openBreaches(c.authored)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	latest, err := p.latestBreach(s.Breaches())
	if err != nil {
		return err
	}
	ended := false
	if latest.Runs() {
		ended, err = s.Breaches().End(p.ctx, latest, author, p.now())
	}
	if err == nil && !ended {
		err = errors.New("the breach was ended before")
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "ended")
	status, err := p.breachStatus(s.Breaches())
	if err == nil && (status.ToVoid > 0 || status.ToMail > 0) {
		fmt.Fprintf(p.stdout, "left: %s not voided, %s not mailed; aikagi breach resume takes them up again\n",
			count(int(status.ToVoid), "password"), count(int(status.ToMail), "notice"))
	}
	return err
}

// checkPace refuses a pace that is none.
func checkPace(perHour int64) error {
	if perHour < 1 || perHour > breach.MostPerHour {
		return fmt.Errorf("%w: --per-hour %d: right would be 1 to %d", errUsage, perHour, breach.MostPerHour)
	}
	return nil
}
