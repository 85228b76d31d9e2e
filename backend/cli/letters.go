package cli

import (
	"errors"
	"fmt"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/store"
)

type lettersCommand struct {
	List  lettersListCommand  `cmd:"" default:"withargs" help:"List letters, newest first."`
	Retry lettersRetryCommand `cmd:"" help:"Make failed letters due again."`
}

type lettersRetryCommand struct {
	Letters []string `arg:"" optional:"" name:"letter" help:"The letters' ids, as the list shows them."`
	State   string   `help:"With --since, instead of ids: all letters in this state, which must be failed." placeholder:"failed"`
	Since   string   `help:"Those that failed at this time or later: RFC 3339, or a date such as 2026-11-27 in Japan time." placeholder:"TIME"`
}

// Run makes failed letters due again. A server looks for due letters every second, and sends a letter only if its content
// still holds.
func (c lettersRetryCommand) Run(p *program) error {
	since, err := c.parse()
	if err != nil {
		return err
	}
	return p.withStore(func(s *store.Store) error {
		if len(c.Letters) > 0 {
			return p.retryLetters(s.Members(), c.Letters)
		}
		return p.retryFailed(s.Members(), since)
	})
}

// parse accepts either ids, or --state failed with --since. It returns the time of --since.
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
	if since, err = parseTime(c.Since); err != nil {
		return since, fmt.Errorf("%w: --since: %w", errUsage, err)
	}
	return since, nil
}

// retryLetters retries all letters that can be retried, and fails if one cannot.
func (p *program) retryLetters(members *store.Members, ids []string) error {
	var failed error
	for _, id := range ids {
		due, err := members.RetryLetter(p.ctx, id, p.now())
		switch {
		case err != nil:
			return errors.Join(failed, err)
		case !due:
			failed = errors.Join(failed, fmt.Errorf("no failed letter has the id %s (aikagi letters --state failed lists them), or another letter to the same member is due already, or it went to a former address, which is no longer stored", id))
		default:
			fmt.Fprintf(p.stdout, "%s is due again; the server sends it if what it tells still holds\n", id)
		}
	}
	return failed
}

// retryFailed retries all letters that failed at or after since.
func (p *program) retryFailed(members *store.Members, since time.Time) error {
	total, err := members.RetryFailed(p.ctx, since, p.now(), func(progress store.Retried) {
		fmt.Fprintf(p.stderr, "due again: %s …\n", count(progress.Due, "letter"))
	})
	if err != nil {
		return fmt.Errorf("after %s: %w; run it again to go on", count(total.Due, "letter"), err)
	}
	fmt.Fprintf(p.stdout, "due again: %s; the server sends those whose content still holds\n", count(total.Due, "letter"))
	if total.Unchanged > 0 {
		fmt.Fprintf(p.stdout, "%d stay failed: a newer one is due to the same member, or they went to a former address, which is no longer stored\n", total.Unchanged)
	}
	return nil
}
