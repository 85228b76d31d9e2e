package cli

import (
	"errors"
	"fmt"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/store"
)

type lettersCommand struct {
	List  lettersListCommand  `cmd:"" default:"withargs" help:"List letters, newest first."`
	Retry lettersRetryCommand `cmd:"" help:"Make failed letters due again."`
}

// allStates stands for every state in lettersListCommand.
const allStates = "all"

type lettersListCommand struct {
	State  string `help:"Which: waiting, accepted, failed, dropped or all. By default failed, and with --member all." enum:",waiting,accepted,failed,dropped,all" default:"" placeholder:"STATE"`
	Member string `help:"Only those to the member with this login ID." placeholder:"ID"`
	Limit  int    `help:"How many at most." default:"100"`
}

// Run lists letters. It shows the mail server's codes and no address.
func (c lettersListCommand) Run(p *program) (err error) {
	id, err := c.normalise()
	if err != nil {
		return err
	}
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	which := store.LetterFilter{Limit: c.Limit}
	if c.State != allStates {
		which.State = mail.State(c.State)
	}
	if c.Member != "" {
		if which.Member, err = p.recipient(s.Members(), id); err != nil {
			return err
		}
	}
	found, err := s.Members().Letters(p.ctx, which)
	if err != nil {
		return err
	}
	for _, letter := range found {
		fmt.Fprintln(p.stdout, letterLine(letter))
	}
	if len(found) == 0 && c.State == allStates {
		fmt.Fprintln(p.stdout, "no letters")
	} else if len(found) == 0 {
		fmt.Fprintf(p.stdout, "no %s letters\n", c.State)
	}
	return nil
}

// normalise fills in the state and returns the member's login ID, if one was given.
func (c *lettersListCommand) normalise() (id member.LoginID, err error) {
	if c.State == "" {
		c.State = string(mail.Failed)
		if c.Member != "" {
			c.State = allStates
		}
	}
	if c.Member != "" {
		if id, err = member.ParseLoginID(c.Member); err != nil {
			return "", fmt.Errorf("%w: --member: %w", errUsage, err)
		}
	}
	return id, nil
}

// recipient finds the member whose letters are listed.
func (p *program) recipient(members *store.Members, id member.LoginID) (member.ID, error) {
	found, err := members.MembersNamed(p.ctx, []member.LoginID{id})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no member has the login ID %s", id)
	}
	if err != nil {
		return 0, err
	}
	return found[0].ID, nil
}

type lettersRetryCommand struct {
	Letters []string `arg:"" optional:"" name:"letter" help:"The letters' ids, as the list shows them."`
	State   string   `help:"With --since, instead of ids: all letters in this state, which must be failed." placeholder:"failed"`
	Since   string   `help:"Those that failed at this time or later: RFC 3339, or a date such as 2026-11-27 in Japan time." placeholder:"TIME"`
}

// Run makes failed letters due again. The server, which asks the database every second, sends them if what they tell
// still holds.
func (c lettersRetryCommand) Run(p *program) (err error) {
	since, err := c.parse()
	if err != nil {
		return err
	}
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if len(c.Letters) > 0 {
		return p.retryLetters(s.Members(), c.Letters)
	}
	return p.retryFailed(s.Members(), since)
}

// parse accepts either ids, or --state failed with --since.
func (c lettersRetryCommand) parse() (since time.Time, err error) {
	byTime := c.State != "" || c.Since != ""
	switch {
	case len(c.Letters) > 0 && byTime:
		return since, fmt.Errorf("%w: name letters, or say --state failed --since TIME, not both", errUsage)
	case len(c.Letters) > 0:
		return since, nil
	case !byTime:
		return since, fmt.Errorf("%w: name the letters (aikagi letters lists those that failed), or say --state failed --since TIME", errUsage)
	case c.State != string(mail.Failed):
		return since, fmt.Errorf("%w: --since needs --state failed: only failed letters can be retried", errUsage)
	case c.Since == "":
		return since, fmt.Errorf("%w: --state failed needs --since TIME", errUsage)
	}
	if since, err = parseSince(c.Since); err != nil {
		return since, fmt.Errorf("%w: --since: %w", errUsage, err)
	}
	return since, nil
}

// parseSince reads a time in RFC 3339, or a date, which means its first moment in Japan.
func parseSince(text string) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, japan); err == nil {
		return day.UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a time such as 2026-11-27T09:30:00+09:00 nor a date such as 2026-11-27", text)
	}
	return at.UTC(), nil
}

// retryLetters goes on after a letter that cannot be retried, and fails in the end.
func (p *program) retryLetters(members *store.Members, ids []string) error {
	var failed error
	for _, id := range ids {
		due, err := members.RetryLetter(p.ctx, id, p.now())
		switch {
		case err != nil:
			return errors.Join(failed, err)
		case !due:
			failed = errors.Join(failed, fmt.Errorf("no failed letter has the id %s (aikagi letters --state failed lists them), another one is due to that member already, or it went to a former address, which is kept no longer", id))
		default:
			fmt.Fprintf(p.stdout, "%s is due again; the server sends it if what it tells still holds\n", id)
		}
	}
	return failed
}

func (p *program) retryFailed(members *store.Members, since time.Time) error {
	total, err := members.RetryFailed(p.ctx, since, p.now(), func(so store.Retried) {
		fmt.Fprintf(p.stderr, "%d letters are due again …\n", so.Due)
	})
	if err != nil {
		return fmt.Errorf("after %d letters: %w; run it again to go on", total.Due, err)
	}
	fmt.Fprintf(p.stdout, "%d letters are due again; the server sends them if what they tell still holds\n", total.Due)
	if total.Left > 0 {
		fmt.Fprintf(p.stdout, "%d stay failed: a newer one is due to the same member, or they went to a former address, which is kept no longer\n", total.Left)
	}
	return nil
}
