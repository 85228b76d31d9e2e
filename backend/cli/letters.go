package cli

import (
	"errors"
	"fmt"

	"aikagi/backend/mail"
)

type lettersCommand struct {
	List  lettersListCommand  `cmd:"" default:"withargs" help:"List letters, newest first."`
	Retry lettersRetryCommand `cmd:"" help:"Make a failed letter due again."`
}

type lettersListCommand struct {
	State string `help:"Which: ${enum}." enum:"waiting,accepted,failed,dropped" default:"failed"`
	Limit int    `help:"How many at most." default:"100"`
}

// Run lists letters. It shows the mail server's codes and no address.
func (c lettersListCommand) Run(p *program) (err error) {
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	found, err := s.Members().LettersIn(p.ctx, mail.State(c.State), c.Limit)
	if err != nil {
		return err
	}
	for _, letter := range found {
		fmt.Fprintln(p.stdout, letterLine(letter))
	}
	if len(found) == 0 {
		fmt.Fprintf(p.stdout, "no %s letters\n", c.State)
	}
	return nil
}

type lettersRetryCommand struct {
	Letter string `arg:"" help:"The letter's id, as the list shows it."`
}

// Run makes a failed letter due again.
func (c lettersRetryCommand) Run(p *program) (err error) {
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	due, err := s.Members().RetryLetter(p.ctx, c.Letter, p.now())
	if err != nil {
		return err
	}
	if !due {
		return fmt.Errorf("no failed letter has the id %s (aikagi letters --state failed lists them), another one is due to that member already, or it went to a former address, which is kept no longer", c.Letter)
	}
	fmt.Fprintln(p.stdout, "due again; the server sends it if what it tells still holds")
	return nil
}
